"""Files inside folders, zip and tar archives, as one kind of entry.

Nothing is ever unpacked to where a name points. Still, an entry that points outside, a link or a
device is refused, and so is anything that grows beyond what FER2013 can need.
"""

import gzip
import io
import lzma
import os
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from isal import isal_zlib

from fer_lib.errors import DataError

#: The uncompressed csv has 300 MB; no file that is read here needs more than this.
MAX_BYTES = 1 << 30
#: FER2013 has 35,887 images.
MAX_ENTRIES = 200_000
#: What operating systems leave in folders and archives; it holds no data.
LITTER = {".ds_store", "thumbs.db", "desktop.ini", "__macosx", "lost+found"}
REFUSE_LINK = "is a link or device; FER2013 has none, do not trust this archive"

#: What the decompressors and archive readers raise on damaged files.
DAMAGE = (
    EOFError,
    IndexError,
    NotImplementedError,
    OverflowError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    gzip.BadGzipFile,
    isal_zlib.error,
)


@dataclass(frozen=True)
class Entry:
    """A file in a folder or an archive.

    Attributes:
        name: its path inside, with "/" between the parts.
        where: how messages name it.
        open: opens it for reading bytes.
    """

    name: str
    where: str
    open: Callable[[], BinaryIO]


class Bounded(io.RawIOBase):
    """A stream that raises DataError beyond ``MAX_BYTES``: no file of this data set is so large."""

    def __init__(self, stream: BinaryIO, where: str):
        self._stream = stream
        self._where = where

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._stream.seekable()

    def readinto(self, buffer) -> int:
        size = self._stream.readinto(buffer)
        self._check(self._stream.tell())
        return size

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_SET:
            self._check(offset)
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def _check(self, position: int) -> None:
        if position > MAX_BYTES:
            raise DataError(
                f"{self._where}: unpacks to over {MAX_BYTES >> 20} MiB, far more than FER2013 has; "
                "download the file again"
            )


@contextmanager
def damage_reported(where: str) -> Iterator[None]:
    """Turns what the readers raise on damaged or unreadable files into a DataError."""
    try:
        yield
    except DAMAGE as error:
        reason = printable(str(error)) or type(error).__name__
        raise DataError(f"{where}: is cut or damaged ({reason}); download it again") from None
    except OSError as error:
        raise DataError(
            f"{error.filename or where}: cannot be read ({error.strerror or error}); "
            "restore it, make it readable or give another path"
        ) from None


def check_file(path: Path) -> None:
    """Raises DataError for what would be read without an end, or for long in vain."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise DataError(f"{path}: is no regular file; give the path of fer2013.csv")
    if found.st_size > MAX_BYTES:
        raise DataError(
            f"{path}: has over {MAX_BYTES >> 20} MiB, far more than FER2013; "
            "give the path of fer2013.csv"
        )


def folder_files(folder: Path) -> list[str]:
    """The names of all files under a folder, sorted, with "/" between the parts."""
    names = []
    for base, folders, files in os.walk(folder, onerror=_raise, followlinks=True):
        folders[:] = [name for name in folders if not _is_litter(name)]
        # Plain text: path objects would take seconds for as many files as FER2013 has.
        inside = base[len(str(folder)) :].replace(os.sep, "/").strip("/")
        prefix = f"{inside}/" if inside else ""
        names += [prefix + name for name in files if not _is_litter(name)]
        if len(names) > MAX_ENTRIES:
            raise DataError(f"{folder}: has over {MAX_ENTRIES} files; give FER2013's own folder")
    return sorted(names)


def _raise(error: OSError) -> None:
    raise error


def folder_entries(folder: Path) -> list[Entry]:
    """The files of a folder, sorted by name."""
    return [
        Entry(name, f"{folder}/{name}", lambda name=name: (folder / name).open("rb"))
        for name in folder_files(folder)
    ]


def zip_entries(stream: BinaryIO, where: str) -> list[Entry]:
    """The files of a zip archive.

    Raises:
        DataError: an entry points outside, is a link, is encrypted, or there are too many.
    """
    archive = zipfile.ZipFile(stream)
    entries = []
    for info in archive.infolist():
        entry = f"{where}, entry {printable(info.filename)}"
        mode = stat.S_IFMT(info.external_attr >> 16)
        if mode not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise DataError(f"{entry}: {REFUSE_LINK}")
        if info.flag_bits & 1:
            raise DataError(f"{entry}: is encrypted; unpack the archive and give the folder")
        name = check_name(info.filename, entry)
        if not info.is_dir():
            entries.append(Entry(name, entry, lambda info=info: archive.open(info)))
    return _checked(entries, where)


def tar_entries(stream: BinaryIO, where: str) -> list[Entry]:
    """The files of an uncompressed tar archive, in its order.

    Raises:
        DataError: an entry points outside, is a link or device, or there are too many.
    """
    archive = tarfile.open(fileobj=stream, mode="r:")  # noqa: SIM115, entries read from it later
    entries = []
    for number, member in enumerate(_members(archive)):
        entry = f"{where}, entry {printable(member.name)}"
        name = check_name(member.name, entry)
        if number > MAX_ENTRIES:
            raise DataError(f"{where}: has over {MAX_ENTRIES} entries, FER2013 has 35,887 images")
        if member.isdir():
            continue
        if not member.isreg() or member.issparse():
            raise DataError(f"{entry}: {REFUSE_LINK}")
        entries.append(Entry(name, entry, lambda member=member: archive.extractfile(member)))
    return _checked(entries, where)


def printable(text: str) -> str:
    """Text from a file, short and on one line, for a message."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:200])


def check_name(name: str, where: str) -> str:
    """The name with "/" between its parts.

    Raises:
        DataError: it is absolute or leads out of the archive.
    """
    name = name.replace("\\", "/")
    if name.startswith("/") or re.match("[A-Za-z]:", name) or ".." in name.split("/"):
        raise DataError(f"{where}: points outside the archive; do not trust this archive")
    return name.removeprefix("./")


def _members(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """The members; tarfile alone takes a damaged header or a cut file for the end."""
    yield from archive
    archive.fileobj.seek(archive.offset)
    if archive.fileobj.read(tarfile.BLOCKSIZE) != tarfile.NUL * tarfile.BLOCKSIZE:
        raise tarfile.ReadError("the end is missing")


def _checked(entries: list[Entry], where: str) -> list[Entry]:
    """The entries that are data, each name once."""
    if len(entries) > MAX_ENTRIES:
        raise DataError(f"{where}: has over {MAX_ENTRIES} entries, FER2013 has 35,887 images")
    names = set()
    for entry in entries:
        if entry.name in names:
            raise DataError(f"{entry.where}: stands in the archive twice; download it again")
        names.add(entry.name)
    return [entry for entry in entries if not any(map(_is_litter, entry.name.split("/")))]


def _is_litter(part: str) -> bool:
    return part.lower() in LITTER or part.startswith("._")
