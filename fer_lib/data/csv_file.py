"""The challenge's csv: ``fer2013.csv`` (emotion,pixels,Usage) and ``icml_face_data.csv``."""

import io
from typing import BinaryIO

import numpy as np

from fer_lib.data import pixels
from fer_lib.data.rows import USAGES, Rows
from fer_lib.errors import DataError

COLUMNS = ("emotion", "pixels", "usage")
LABELS = {str(label).encode(): label for label in range(7)}
SPLIT_CODES = {usage.encode(): code for code, usage in enumerate(USAGES)}
#: Rows that are parsed together: about half a megabyte of text, which stays in the CPU's cache.
BLOCK = 64
#: A row has at most some 9,300 bytes; anything beyond this is no row.
MAX_ROW_BYTES = 1 << 16
#: Blank lines at the end do no harm, millions of them are no csv.
MAX_BLANK_LINES = 100


def read(stream: BinaryIO, where: str) -> Rows:
    """Reads a csv in the challenge's layout; its three columns may stand in any order.

    Args:
        stream: the uncompressed bytes.
        where: the file, for messages.

    Raises:
        DataError: names the file and the row and what is wrong there.
    """
    lines = io.BufferedReader(stream, 1 << 20) if isinstance(stream, io.RawIOBase) else stream
    order = _read_header(lines.readline(MAX_ROW_BYTES), where)
    images, labels, splits = [], [], []
    block: list[bytes] = []
    for number, line in _numbered_rows(lines, where):
        label, text, split = _split_row(line, order, number, where)
        labels.append(label)
        splits.append(split)
        block.append(text)
        if len(block) == BLOCK:
            images.append(_parse(block, number, where))
            block = []
    if block:
        images.append(_parse(block, len(labels), where))
    if not labels:
        raise DataError(f"{where}: has a header but no rows; download the file again")
    return Rows(
        np.concatenate(images), np.array(labels, np.uint8), np.array(splits, np.uint8), "csv"
    )


def _read_header(line: bytes, where: str) -> list[int]:
    """Where emotion, pixels and Usage stand."""
    if not line:
        raise DataError(f"{where}: is empty; download the file again")
    names = [
        _clean(name).decode("ascii", "replace").lower()
        for name in line.removeprefix(b"\xef\xbb\xbf").split(b",")
    ]
    if sorted(names) != sorted(COLUMNS):
        found = ", ".join(names)[:80]
        hint = "use fer2013.csv or icml_face_data.csv"
        if "pixels" in names:
            hint += ", which have labels and all three splits"
        raise DataError(
            f"{where}: the header is {found!r}, not the columns emotion, pixels, Usage; {hint}"
        )
    return [names.index(column) for column in COLUMNS]


def _numbered_rows(lines: BinaryIO, where: str):
    """The rows with their numbers from 1 on; blank lines are allowed at the end alone."""
    number, blank = 0, 0
    while line := lines.readline(MAX_ROW_BYTES):
        if not line.strip():
            blank += 1
            if blank > MAX_BLANK_LINES:
                raise DataError(f"{where}: has over {MAX_BLANK_LINES} blank lines; delete them")
            continue
        if blank:
            raise DataError(f"{_row(where, number + 1)}: is blank, rows follow it; delete the line")
        number += 1
        if len(line) >= MAX_ROW_BYTES:
            raise DataError(f"{_row(where, number)}: is over {MAX_ROW_BYTES} bytes long, not a row")
        yield number, line


def _split_row(line: bytes, order: list[int], number: int, where: str) -> tuple[int, bytes, int]:
    """Label, text of the pixels and number of the split."""
    fields = line.split(b",")
    if len(fields) != len(COLUMNS):
        raise DataError(
            f"{_row(where, number)}: has {len(fields)} fields instead of {len(COLUMNS)}; "
            "the file is cut or damaged, download it again"
        )
    emotion, text, usage = (_clean(fields[position]) for position in order)
    if emotion not in LABELS:
        raise DataError(f"{_row(where, number)}: emotion is {_shown(emotion)}, not one of 0 to 6")
    if usage not in SPLIT_CODES:
        raise DataError(
            f"{_row(where, number)}: Usage is {_shown(usage)}, not one of {', '.join(USAGES)}"
        )
    return LABELS[emotion], text, SPLIT_CODES[usage]


def _parse(block: list[bytes], last: int, where: str) -> np.ndarray:
    """The images of a block of which ``last`` is the last row's number."""
    try:
        return pixels.parse(block)
    except pixels.PixelError as error:
        number = last - len(block) + 1 + error.row
        raise DataError(
            f"{_row(where, number)}: {error}; correct the row or download the file again"
        ) from None


def _row(where: str, number: int) -> str:
    return f"{where}, row {number} (line {number + 1})"


def _clean(field: bytes) -> bytes:
    """A field without blanks and quotes around it."""
    return field.strip().strip(b'"').strip()


def _shown(field: bytes) -> str:
    return repr(field[:40].decode("utf-8", "replace"))
