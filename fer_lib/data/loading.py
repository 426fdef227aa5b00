"""From a path to a data set, through the cache where it was read before."""

import hashlib
import logging
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from stat import S_ISREG

from fer_lib.data import cache, contents
from fer_lib.data.archives import folder_files
from fer_lib.data.dataset import Dataset
from fer_lib.data.rows import to_dataset
from fer_lib.errors import DataError

LOG = logging.getLogger(__name__)


def load(path: str | Path) -> Dataset:
    """Loads FER2013, or a small data set in its layout, in the split that its files state.

    It reads the challenge's ``fer2013.csv`` and ``icml_face_data.csv``, plain, gzipped or in a zip
    or tar archive; image folders ``train/<class>/...`` and ``test/<class>/...`` whose file names
    begin with ``Training_``, ``PublicTest_`` or ``PrivateTest_``; image folders ``train``,
    ``validation`` and ``test``; a zip or folder that holds one of these (the csv, if several).

    The first load parses the file, later ones come memory-mapped from the cache under
    :data:`fer_lib.paths.CACHE`.

    Args:
        path: a file or folder.

    Returns:
        The data set; its name is "FER2013" only if its class counts are the official ones.

    Raises:
        DataError: names the file and the row or entry, says what is wrong and what to do.
    """
    path = contents.locate(Path(path))
    with contents.damage_reported(str(path)):
        stamp = _stamp(path)
        digest = cache.recall(stamp)
        if digest is None and not cache.is_empty():
            digest = _digest(path)
            if _stamp(path) == stamp:
                cache.remember(stamp, digest)
    dataset = cache.read(digest, path.name) if digest else None
    return dataset or _parse(path, stamp, digest)


def _parse(path: Path, stamp: str, digest: str | None) -> Dataset:
    """Reads a source and writes the cache.

    Args:
        path: a file, or a folder of images.
        stamp: the source's, from before anything of it was read.
        digest: the source's, if it is known.
    """
    with ThreadPoolExecutor(2) as pool:
        hashed = pool.submit(_digest, path) if digest is None else None
        rows = contents.read(path)
        # The images' fingerprint takes as long as writing the cache.
        made = pool.submit(to_dataset, rows, str(path), f"{rows.kind} in {path.name}")
        with contents.damage_reported(str(path)):
            if hashed:
                digest = hashed.result()
            is_same = _stamp(path) == stamp
        if not is_same:
            LOG.warning("%s: changed while it was read; the next load parses again", path)
            return made.result()
        try:
            cache.write(digest, rows, made)
        except OSError as error:
            LOG.warning(
                "%s: cannot be written (%s); the next load parses again", cache.root(), error
            )
            return made.result()
    cache.remember(stamp, digest)
    return cache.read(digest, path.name) or made.result()


def _digest(path: Path) -> str:
    """The SHA-256 of a source's content."""
    return _folder_digest(path) if path.is_dir() else _file_digest(path)


def _stamp(path: Path) -> str:
    """Path, sizes and times of a source's files."""
    names = folder_files(path) if path.is_dir() else [""]
    lines = [str(path.resolve())]
    for name in names:
        file = f"{path}/{name}" if name else path
        stat = os.stat(file)  # noqa: PTH116, tens of thousands
        if not S_ISREG(stat.st_mode):
            raise DataError(f"{file}: is no regular file; delete it, or give the path of the csv")
        lines.append(f"{name} {stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns}")
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def _file_digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _folder_digest(path: Path) -> str:
    """SHA-256 over the names and digests of a folder's files."""
    digest = hashlib.sha256()
    for name in folder_files(path):
        digest.update(name.encode("utf-8", "surrogateescape") + b"\0")
        digest.update(bytes.fromhex(_file_digest(path / name)))
    return digest.hexdigest()
