"""From a path to a data set, through the cache where it was read before.

``<cache>/data/<key>.npz`` holds images and labels; the key stands for the path. Safe to delete.
"""

import gzip
import hashlib
import io
import json
import logging
import os
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np

from fer_lib import files, paths
from fer_lib.data import archives, csv_file, image_folder
from fer_lib.data.archives import Entry
from fer_lib.data.dataset import SPLITS, Dataset, Split, assemble, fingerprint
from fer_lib.errors import DataError

#: How the names of files end that hold the data set, the one to be preferred first: a csv of a
#: known name before image folders, and these before any other file that is the only one.
CSV_NAMES = (
    *("/fer2013.csv", "/fer2013.csv.gz", "/fer2013.csv.zip", "/fer2013.tar.gz", "/fer2013.tar"),
    *("/icml_face_data.csv", "/icml_face_data.csv.gz", "/icml_face_data.csv.zip"),
)
OTHER_NAMES = ("/fer2013.zip", "/archive.zip", (".zip", ".gz", ".tgz", ".tar"), ".csv", "")
LOG = logging.getLogger(__name__)


def load(path: str | Path) -> Dataset:
    """Loads FER2013, or a small data set in its layout, in the split that its files state.

    It reads the challenge's ``fer2013.csv`` and ``icml_face_data.csv``, plain, gzipped or in a zip
    or tar archive; image folders ``train/<class>/...`` and ``test/<class>/...`` whose file names
    begin with ``Training_``, ``PublicTest_`` or ``PrivateTest_``; image folders ``train``,
    ``validation`` and ``test``; a zip, tar or folder that holds one of these (the csv, if several).

    The first load parses the file, later ones read the cache under
    :func:`fer_lib.paths.cache`, as long as path, sizes and times of the files stay the same.

    Args:
        path: a file or folder.

    Returns:
        The data set; its name is "FER2013" only if its class counts are the official ones.

    Raises:
        DataError: names the file and the row or entry, says what is wrong and what to do.
    """
    with archives.readable(path):
        path = paths.expand(path).absolute()
        entries = [Entry(path.name, str(path), partial(open, path, "rb"))]
        if path.is_dir():
            entries = archives.folder_entries(path)
            if chosen := _pick(entries, str(path)):
                path, entries = Path(chosen.where), [chosen]
        key = hashlib.sha256(os.fsencode(path)).hexdigest()[:32]
        cache = paths.cache() / "data" / f"{key}.npz"
        found = [(entry.name, os.stat(entry.where)) for entry in entries]  # noqa: PTH116, thousands
        times = "".join(f"{name} {stat.st_size} {stat.st_mtime_ns}\n" for name, stat in found)
        stamp = hashlib.sha256(os.fsencode(times)).hexdigest()
        if dataset := _cached(cache, stamp):
            return dataset
        arrays = image_folder.read(entries) if path.is_dir() else _read(entries[0])
        dataset = assemble(*arrays, str(path), path.name)
    _keep(cache, stamp, dataset)
    return dataset


def _pick(entries: list[Entry], where: str) -> Entry | None:
    """The entry that holds the data set, or None if the entries are its image folders.

    Raises:
        DataError: there is no data set, or it cannot be told which one is meant.
    """
    has_images, found = image_folder.root_of(entries) is not None, []
    for ending in CSV_NAMES if has_images else (*CSV_NAMES, *OTHER_NAMES):
        found = found or [one for one in entries if f"/{one.name.lower()}".endswith(ending)]
    if len(found) == 1:
        return found[0]
    if has_images and not found:
        return None
    raise DataError(
        f"{where}: holds {', '.join(entry.name for entry in found[:3]) or 'nothing'} instead of "
        "one data set (fer2013.csv, icml_face_data.csv, or the folders train and test with a "
        "folder for each class); give the path of one"
    )


def _read(entry: Entry) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Images, labels and splits of a csv, gzip, zip or tar, told by its first bytes."""
    with archives.readable(entry.where), entry.open() as stream:
        head = stream.read(512)
        stream.seek(0)
        if head.startswith(b"\x1f\x8b"):
            return _read(Entry(entry.name, entry.where, partial(gzip.open, stream)))
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            if not isinstance(stream, io.BufferedReader):
                # A zip is read from its end, to which no compressed stream can go directly.
                stream = io.BytesIO(stream.read(archives.MAX_BYTES))
            entries = archives.zip_entries(stream, entry.where)
        elif head[257:262] == b"ustar":
            entries = archives.tar_entries(stream, entry.where)
        elif problem := archives.stand_in(head):
            raise DataError(f"{entry.where}: {problem}")
        else:
            return csv_file.read(stream, entry.where)
        chosen = _pick(entries, entry.where)
        return _read(chosen) if chosen else image_folder.read(entries)


def _cached(file: Path, stamp: str) -> Dataset | None:
    """The data set in the cache; None if there is none, an old or a damaged one."""
    with suppress(Exception):  # whatever a damaged file leads to, the source is still there
        with np.load(file, allow_pickle=False) as kept:
            info = json.loads(str(kept["info"]))
            parts = [Split(kept[f"{name}_images"], kept[f"{name}_labels"]) for name in SPLITS]
        if info.pop("stamp") == stamp and fingerprint(*parts) == info["fingerprint"]:
            return Dataset(*parts, **info)
    return None


def _keep(file: Path, stamp: str, dataset: Dataset) -> None:
    """Writes a data set to the cache; without it the next load parses again."""
    info = {name: getattr(dataset, name) for name in ("name", "source", "fingerprint")}
    arrays = {"info": json.dumps({**info, "stamp": stamp})}
    for name, split in dataset.splits.items():
        arrays |= {f"{name}_images": split.images, f"{name}_labels": split.labels}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        files.replace(file, partial(np.savez, **arrays))
    except OSError as error:
        LOG.warning("%s: cannot be written (%s); the next load parses again", file, error)
