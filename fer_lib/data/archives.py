"""Files inside folders, zip and tar archives, as one kind of entry; nothing is unpacked to disk."""

import os
import tarfile
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from fer_lib import files
from fer_lib.errors import DataError

#: Nothing is read into memory at once beyond this; the whole of FER2013 as a csv has 300 MB.
MAX_BYTES = 1 << 30
REMEDY = "make it readable, download it again, or give another path"
#: What systems leave behind, besides names with a leading dot; it holds no data.
LEFTOVERS = {
    *("__macosx", "@eadir", "#recycle", "$recycle.bin", "system volume information", "lost+found"),
    *("thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "icon\r"),
}


@dataclass(frozen=True)
class Entry:
    """A file in a folder or an archive.

    Attributes:
        name: its path inside, with "/" between the parts.
        where: how messages name it; on the disk its path.
        open: opens it for reading bytes, seekable.
    """

    name: str
    where: str
    open: Callable[[], BinaryIO]


def readable(where: str | Path, remedy: str = REMEDY):
    """Turns whatever is raised over a damaged, missing or unreadable file into a DataError."""
    return files.told(DataError, where, remedy)


def is_leftover(name: str) -> bool:
    """Whether systems or tools left a file or folder of this name behind: it is no data."""
    return name.startswith(".") or name.lower() in LEFTOVERS


def stand_in(head: bytes) -> str:
    """What Git or a web server left in a file's place, and the remedy; "" for anything else.

    Args:
        head: the file's first bytes.
    """
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not text:
        return "is empty; download it again"
    if text.startswith(b"version https://git-lfs"):
        return "is a Git LFS pointer, not the file itself; get it with git lfs pull"
    if text.startswith((b"<", b"{")):
        return "is a web page or a server's error, not the file; sign in and download it again"
    return ""


def folder_entries(folder: Path) -> list[Entry]:
    """The files under a folder, sorted by name; raises OSError for what cannot be listed."""

    def refuse(error: OSError):
        raise error

    found = []
    for base, folders, names in os.walk(folder, onerror=refuse, followlinks=True):
        folders[:] = [name for name in folders if not is_leftover(name)]
        # Plain text: path objects would take seconds for as many files as FER2013 has.
        found += [f"{base}/{name}" for name in names]
    length = len(str(folder))
    return _entries(((path[length:], partial(open, path, "rb")) for path in sorted(found)), folder)


def zip_entries(stream: BinaryIO, where: str) -> list[Entry]:
    """The files of a zip archive, in its order."""
    archive = zipfile.ZipFile(stream)
    members = [info for info in archive.infolist() if not info.is_dir()]
    return _entries(((info.filename, partial(archive.open, info)) for info in members), where)


def tar_entries(stream: BinaryIO, where: str) -> list[Entry]:
    """The files of an uncompressed tar archive, in its order."""
    archive = tarfile.open(fileobj=stream, mode="r:")  # noqa: SIM115, entries read from it later
    members = [member for member in archive if not member.isdir()]
    return _entries(((info.name, partial(archive.extractfile, info)) for info in members), where)


def _entries(members: Iterable[tuple[str, Callable]], where: str | Path) -> list[Entry]:
    """Entries from names and openers, without what systems leave behind."""
    entries = []
    for name, opened in members:
        # Some names begin with "./" or "../", or have backslashes.
        parts = [part for part in name.replace("\\", "/").split("/") if part.strip(".")]
        if not any(map(is_leftover, parts)):
            entries.append(Entry("/".join(parts), f"{where}/{'/'.join(parts)}", opened))
    return entries
