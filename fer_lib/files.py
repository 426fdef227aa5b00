"""Files that survive faults: read without trusting them, and on the disk before they count."""

import errno
import json
import os
import tempfile
import zipfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from fer_lib.errors import RunError

#: No compressed file of this package unpacks to more bytes; one that does is damaged or hostile.
LARGEST = 2**30
#: These say nothing of a file's content.
UNREADABLE = {errno.EACCES, errno.EPERM, errno.ESTALE, errno.EMFILE, errno.ENFILE}
#: Length of the record at the end of a zip file without a comment.
ZIP_END_BYTES = 22


def read_arrays(file: Path, remedy: str, names: Collection[str] = ()) -> dict[str, np.ndarray]:
    """Reads the arrays of an ``.npz`` file; never unpickles.

    Args:
        file: what to read.
        remedy: what to do about a damaged file, the end of the error's message.
        names: the arrays to read, as far as the file has them; all if empty.

    Raises:
        RunError: the file is missing or damaged, or holds something else than plain arrays.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
        size = sum(member.file_size for member in members)
        if size > max(LARGEST, file.stat().st_size):
            raise ValueError(f"it unpacks to {size} bytes")
        if len(members) != _announced(file):
            raise ValueError("members are missing")
        with np.load(file, allow_pickle=False) as archive:
            wanted = [name for name in archive.files if not names or name in names]
            arrays = {name: archive[name] for name in wanted}
        for name, array in arrays.items():
            if not isinstance(array, np.ndarray):  # numpy hands out other members as bytes
                raise ValueError(f"{name} is no array")
        return arrays
    # A dozen types reach us from damaged files: zlib.error, NotImplementedError, MemoryError, ...
    except Exception as error:
        if getattr(error, "errno", None) in UNREADABLE:
            remedy = "make it readable, or try again"
        raise RunError(f"{file}: cannot be read ({one_line(error)}); {remedy}") from None


def _announced(file: Path) -> int:
    """How many members a zip file's last record counts; a damaged list of them may hide some."""
    with file.open("rb") as stream:
        stream.seek(-ZIP_END_BYTES, os.SEEK_END)
        return int.from_bytes(stream.read()[10:12], "little")


def parse_json(text: str) -> Any:
    """Parses JSON as the standard has it: without NaN and infinity.

    Raises:
        ValueError: it is no JSON, or is nested too deeply.
    """

    def refuse(constant):
        raise ValueError(f"{constant} is not a number of JSON")

    try:
        return json.loads(text, parse_constant=refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def replace(file: Path, write_to: Callable[[BinaryIO], Any]) -> None:
    """Writes a file in one rename, readable for others; raises OSError.

    Args:
        file: the one to write; its folder exists.
        write_to: is given the stream to write the content to.
    """
    handle, staging = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            write_to(stream)
        Path(staging).chmod(0o644)
        Path(staging).replace(file)
    finally:
        Path(staging).unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Waits until a file's content, or a folder's list of names, is on the disk.

    Without it a power cut can leave an empty file under its final name. Raises OSError.
    """
    is_folder = path.is_dir()
    if is_folder and os.name == "nt":
        return  # Windows cannot open a folder, and keeps its names safe by itself.
    descriptor = os.open(path, os.O_RDONLY if is_folder else os.O_RDWR)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems cannot do it with a folder.
        if not is_folder or error.errno not in (errno.EINVAL, errno.EBADF):
            raise
    finally:
        os.close(descriptor)


def one_line(error: Exception) -> str:
    """An error's message, or its type where it has none, without line breaks."""
    return " ".join(str(error).split()) or type(error).__name__
