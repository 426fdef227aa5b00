"""What a file or folder holds: recognised by its content and read with the reader for it.

A name's ending decides nothing: gzip, zip and tar are told by their first bytes, one inside the
other if need be, as in the challenge's download (a zip that holds a tar.gz that holds the csv).
"""

import io
import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO

from isal import igzip

from fer_lib.data import csv_file, image_folder
from fer_lib.data.archives import (
    Bounded,
    Entry,
    check_file,
    damage_reported,
    folder_entries,
    printable,
    tar_entries,
    zip_entries,
)
from fer_lib.data.rows import Rows
from fer_lib.errors import DataError

#: Files that hold the whole data set, the one to be preferred first.
CSV_FILES = tuple(
    name + ending
    for name, endings in (
        ("fer2013", (".csv", ".csv.gz", ".csv.zip", ".tar.gz", ".tar")),
        ("icml_face_data", (".csv", ".csv.gz", ".csv.zip")),
    )
    for ending in endings
)
ARCHIVES = (
    "fer2013.zip",
    "archive.zip",
    "challenges-in-representation-learning-facial-expression-recognition-challenge.zip",
)
#: Bytes of a reader's buffer: enough to recognise what follows, and so few that what a reader takes
#: at once is read past it, without a copy.
BUFFER = 1 << 16
#: Archives inside archives that are opened: the challenge's download needs three.
MAX_DEPTH = 4


def locate(path: Path) -> Path:
    """The file to read for a path: itself, or the one that a folder holds.

    Returns:
        A file, or the folder itself if it holds image folders.

    Raises:
        DataError: there is nothing at the path, or it is no data set.
    """
    with damage_reported(str(path)):
        if not path.exists():
            raise DataError(
                f"{path}: does not exist; give the path of fer2013.csv or the image folders"
            )
        if path.is_dir():
            chosen = choose(folder_entries(path), str(path))
            if chosen is None:
                return path
            path = path / chosen.name
        check_file(path)
    return path


def read(path: Path) -> Rows:
    """Reads a file, or a folder with image folders.

    Raises:
        DataError: names the file and the row or entry, says what is wrong and what to do.
    """
    with damage_reported(str(path)):
        if path.is_dir():
            return image_folder.read(folder_entries(path))
        with path.open("rb") as stream:
            return _read_stream(stream, str(path), 0)


def choose(entries: list[Entry], where: str) -> Entry | None:
    """The entry that holds the data set, or None if the entries are its image folders.

    Raises:
        DataError: there is no data set, or it cannot be told which one is meant.
    """
    names = [entry.name.rpartition("/")[2].lower() for entry in entries]
    for known in CSV_FILES:
        if known in names:
            return _only(known, names, entries, where)
    if image_folder.root_of(entry.name for entry in entries) is not None:
        return None
    for known in ARCHIVES:
        if known in names:
            return _only(known, names, entries, where)
    tables = [entry for entry, name in zip(entries, names, strict=True) if name.endswith(".csv")]
    if len(tables) == 1:
        return tables[0]
    raise DataError(
        f"{where}: is no data set, it holds neither fer2013.csv (or icml_face_data.csv) nor the "
        "folders train and test with a folder for each class; give the path of one that does"
    )


def _only(known: str, names: list[str], entries: list[Entry], where: str) -> Entry:
    found = [entry for entry, name in zip(entries, names, strict=True) if name == known]
    if len(found) > 1:
        raise DataError(
            f"{where}: holds {printable(found[0].name)} and {printable(found[1].name)}; "
            "give the path of one of them"
        )
    return found[0]


def _read_stream(stream: BinaryIO, where: str, depth: int) -> Rows:
    """Reads what a stream turns out to be."""
    if depth > MAX_DEPTH:
        raise DataError(f"{where}: archives lie within archives; unpack it and give the csv")
    stream = io.BufferedReader(Bounded(stream, where), BUFFER)
    head = stream.peek(512)
    if head.startswith(b"\x1f\x8b"):
        with igzip.IGzipFile(fileobj=stream) as unpacked:
            return _read_stream(unpacked, where, depth + 1)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        if depth == 0:
            return _read_entries(zip_entries(stream, where), where, depth)
        # A zip is read from its end: not from a stream that must be unpacked to go back.
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(stream, copy)
            return _read_entries(zip_entries(copy, where), where, depth)
    if head[257:262] == b"ustar":
        return _read_entries(tar_entries(stream, where), where, depth)
    return csv_file.read(stream, where)


def _read_entries(entries: list[Entry], where: str, depth: int) -> Rows:
    chosen = choose(entries, where)
    if chosen is None:
        return image_folder.read(entries)
    with damage_reported(chosen.where), chosen.open() as stream:
        return _read_stream(stream, chosen.where, depth + 1)
