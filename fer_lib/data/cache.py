"""Parsed data sets on disk, found again by the content of what they were read from.

``<cache>/data/`` holds

- ``stamps/<key>.json``: the digest of a source that was read before, by its path, size and times,
  so that an unchanged source need not be read again to recognise it;
- ``<digest>-v<FORMAT>/``: ``images.npy`` and ``labels.npy`` (train, validation, test, one after
  the other) and ``meta.json`` with their checksums.

It is all safe to delete. An entry appears in one rename and is verified whenever it is read.
"""

import contextlib
import json
import logging
import shutil
import tempfile
import time
from concurrent.futures import Future
from pathlib import Path

import numpy as np
from isal import isal_zlib

from fer_lib import files, paths
from fer_lib.data.dataset import SPLITS, Dataset, Split
from fer_lib.data.rows import Rows

FORMAT = 1
#: Bytes that are written at once: Linux 6.18 takes ten times as long over a write of 80 MB as over
#: eighty of one (measured on ext4).
BLOCK = 1 << 20
LOG = logging.getLogger(__name__)


def root() -> Path:
    """The folder of all entries."""
    return paths.CACHE / "data"


def folder(digest: str) -> Path:
    """The entry of a source with this digest."""
    return root() / f"{digest[:32]}-v{FORMAT}"


def is_empty() -> bool:
    """Whether there is no entry at all, or none can be read, so that no source can have one."""
    try:
        return not any(root().glob(f"*-v{FORMAT}"))
    except OSError:
        return True


def recall(stamp: str) -> str | None:
    """The digest of a source by its stamp, or None if it was not read before."""
    try:
        file = root() / "stamps" / f"{stamp[:32]}.json"
        known = json.loads(file.read_text(encoding="utf-8"))
        return known["digest"] if known["stamp"] == stamp else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(stamp: str, digest: str) -> None:
    """Keeps the digest of a source under its stamp; without it the next load reads it all."""
    file = root() / "stamps" / f"{stamp[:32]}.json"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"stamp": stamp, "digest": digest})
        files.replace(file, lambda stream: stream.write(text.encode()))
    except OSError as error:
        LOG.warning("%s: cannot be written (%s)", file, error)


def read(digest: str, name: str) -> Dataset | None:
    """The data set of an entry, images memory-mapped; None if there is none or it is damaged.

    Args:
        digest: SHA-256 of the source.
        name: the file's or folder's name today.
    """
    entry = folder(digest)
    try:
        if not entry.is_dir():
            return None
        envelope = json.loads((entry / "meta.json").read_text(encoding="utf-8"))
        meta = envelope["meta"]
        if _checksum(meta) != envelope["checksum"]:
            raise ValueError("meta.json has another checksum")
        arrays = {}
        for part, checksum in meta["checksums"].items():
            mapped = np.load(entry / f"{part}.npy", mmap_mode="r", allow_pickle=False)
            arrays[part] = mapped.view(np.ndarray)
            if isal_zlib.crc32(arrays[part]) != checksum:
                raise ValueError(f"{part}.npy has another checksum")
        bounds = np.cumsum([meta["sizes"][split] for split in SPLITS])[:-1]
        images, labels = (np.split(arrays[part], bounds) for part in ("images", "labels"))
        splits = [Split(*pair) for pair in zip(images, labels, strict=True)]
        return Dataset(*splits, meta["name"], f"{meta['kind']} in {name}", meta["fingerprint"])
    except Exception as error:  # whatever a damaged file leads to, the source is still there
        LOG.warning("%s: cache is damaged (%s); reading the source again", entry, error)
        return None


def write(digest: str, rows: Rows, dataset: Future[Dataset]) -> None:
    """Writes an entry in one rename, in the place of a damaged one.

    Args:
        digest: SHA-256 of the source.
        rows: what was read from it.
        dataset: what they become; it may still be in the making while they are written.

    Raises:
        OSError: the disk is full or the cache is read-only.
        DataError: the rows are no data set.
    """
    entry = folder(digest)
    root().mkdir(parents=True, exist_ok=True)
    _sweep()
    staging = Path(tempfile.mkdtemp(prefix=f".{entry.name}-", dir=root()))
    try:
        arrays = {"images": rows.images, "labels": rows.labels}
        for name, array in arrays.items():
            _save(staging / f"{name}.npy", array)
        checksums = {name: isal_zlib.crc32(array) for name, array in arrays.items()}
        made = dataset.result()
        meta = {
            "kind": rows.kind,
            "name": made.name,
            "fingerprint": made.fingerprint,
            "sizes": {name: len(split) for name, split in made.splits.items()},
            "checksums": checksums,
        }
        text = json.dumps({"meta": meta, "checksum": _checksum(meta)}, indent=2)
        (staging / "meta.json").write_text(text, encoding="utf-8")
        staging.chmod(0o755)
        shutil.rmtree(entry, ignore_errors=True)
        staging.rename(entry)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _save(file: Path, array: np.ndarray) -> None:
    """Writes what ``numpy.save`` does, in blocks."""
    content = memoryview(array).cast("B")
    with file.open("wb") as stream:
        header = np.lib.format.header_data_from_array_1_0(array)
        np.lib.format.write_array_header_1_0(stream, header)
        for start in range(0, len(content), BLOCK):
            stream.write(content[start : start + BLOCK])


def _checksum(meta: dict) -> int:
    return isal_zlib.crc32(json.dumps(meta, sort_keys=True).encode())


def _sweep() -> None:
    """Removes what a killed process left behind; a day is longer than any write takes."""
    for leftover in [*root().glob(".*"), *root().glob("stamps/.*")]:
        with contextlib.suppress(FileNotFoundError):  # its own process may remove it meanwhile
            if time.time() - leftover.stat().st_mtime < 24 * 3600:
                continue
            if leftover.is_dir():
                shutil.rmtree(leftover, ignore_errors=True)
            else:
                leftover.unlink()
