"""Files that survive faults: read without trusting them, and on the disk before they count."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from fer_lib.errors import FerError, RunError


@contextmanager
def told(
    kind: type[FerError], where: str | Path, remedy: str, problem: str = "cannot be read"
) -> Iterator[None]:
    """Turns whatever is raised over a file into an error of this package, in one line."""
    try:
        yield
    except FerError:
        raise
    except Exception as error:  # decoders raise a dozen types on damaged files
        reason = re.sub(" <[^>]*>", "", one_line(error))  # without addresses in memory
        raise kind(f"{where}: {problem} ({reason}); {remedy}") from None


def read_arrays(file: Path, remedy: str) -> dict[str, np.ndarray]:
    """Reads the arrays of an ``.npz`` file; never unpickles.

    Args:
        file: what to read.
        remedy: what to do about a damaged file, the end of the error's message.

    Raises:
        RunError: the file is missing or damaged, or holds something else than plain arrays.
    """
    with told(RunError, file, remedy), np.load(file, allow_pickle=False) as archive:
        return {name: np.asarray(archive[name]) for name in archive.files}


def replace(file: Path, write_to: Callable[[BinaryIO], Any]) -> None:
    """Writes a file in one rename, readable for others; raises OSError.

    Args:
        file: the one to write; its folder exists.
        write_to: is given the stream to write the content to.
    """
    staging = file.with_name(f".{file.name}-{os.getpid()}")
    try:
        with staging.open("wb") as stream:
            write_to(stream)
            stream.flush()
            os.fsync(stream.fileno())  # else a power cut can leave an empty file under its name
        staging.replace(file)
    finally:
        staging.unlink(missing_ok=True)


def one_line(error: Exception) -> str:
    """An error's message, or its type where it has none, without line breaks."""
    return " ".join(str(error).split()) or type(error).__name__
