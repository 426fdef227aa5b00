"""The challenge's csv: ``fer2013.csv`` (emotion,pixels,Usage) and ``icml_face_data.csv``.

Threads take turns at unpacking a chunk of the file; what one has unpacked, it then parses.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import BinaryIO, NamedTuple

import numpy as np

from fer_lib.data import pixels
from fer_lib.data.dataset import IMAGE_SHAPE, OFFICIAL_COUNTS
from fer_lib.data.rows import USAGES, Rows, by_split
from fer_lib.errors import DataError

COLUMNS = ("emotion", "pixels", "usage")
LABELS = {str(label).encode(): label for label in range(7)}
SPLIT_CODES = {usage.encode(): code for code, usage in enumerate(USAGES)}
#: A file with more rows is not FER2013. There is space for so many from the start: memory that is
#: not written to costs nothing.
MAX_ROWS = sum(map(sum, OFFICIAL_COUNTS.values()))
#: More of them wait for each other: to unpack, which one does at a time, and for Python's lock.
THREADS = 2
#: Bytes that are unpacked and parsed together: so many that threads seldom wait for each other, so
#: few that what becomes of them stays in the CPU's cache. It is more than two rows can have.
CHUNK = 3 << 18
#: Bytes; what the threads need for their chunks is half of it.
WORKING_MEMORY = 24 << 20
#: A row has at most some 9,300 bytes; anything beyond this is no row.
MAX_ROW_BYTES = 1 << 16
#: Blank lines at the end do no harm, millions of them are no csv.
MAX_BLANK_LINES = 100
#: What may stand around a field.
PADDING = frozenset(b' \t\r\v\f"')


class _Table(NamedTuple):
    """Space for what the rows say, in the order of the file; all uint8."""

    images: np.ndarray
    labels: np.ndarray
    splits: np.ndarray


class _Chunk(NamedTuple):
    """Some rows of the file.

    Attributes:
        text: what they stand in, from ``pixels.MARGIN`` on; it is longer than they are.
        rows: where each begins and ends.
        first: the number of the first; the one after the header is 1.
    """

    text: bytearray
    rows: list[tuple[int, int]]
    first: int


def read(stream: BinaryIO, where: str) -> Rows:
    """Reads a csv in the challenge's layout; its three columns may stand in any order.

    Args:
        stream: the uncompressed bytes, buffered.
        where: the file, for messages.

    Raises:
        DataError: names the file and the row and what is wrong there.
    """
    order = _read_header(stream.readline(MAX_ROW_BYTES), where)
    table = _Table(*(np.empty((MAX_ROWS, *shape), np.uint8) for shape in (IMAGE_SHAPE, (), ())))
    parse = partial(_parse_chunk, table=table, order=order, where=where)
    _keep_working_memory()
    rows = _parse_all(_chunks(stream, where), parse)
    if not rows:
        raise DataError(f"{where}: has a header but no rows; download the file again")
    return by_split(*(column[:rows] for column in table), "csv")


def _keep_working_memory() -> None:
    """Lets malloc keep what a chunk frees for the next one.

    glibc gives memory back to the system beyond a threshold that follows the largest piece freed so
    far (mallopt(3), M_MMAP_THRESHOLD). From a low one, every chunk pages its memory in anew, which
    takes longer than all the rest.
    """
    np.empty(WORKING_MEMORY, np.uint8)


def _read_header(line: bytes, where: str) -> list[int]:
    """Where emotion, pixels and Usage stand."""
    if not line:
        raise DataError(f"{where}: is empty; download the file again")
    if not _is_text(line):
        raise DataError(
            f"{where}: is no csv, gzip, zip or tar; unpack it, or save it as a csv in UTF-8"
        )
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


def _is_text(line: bytes) -> bool:
    """Whether a line can be read as UTF-8 text, as none of a packed file or in UTF-16 can."""
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return all(letter.isprintable() or letter in "\t\r\n\v\f" for letter in text)


def _parse_all(chunks: Iterator[_Chunk], parse: Callable[[_Chunk], None]) -> int:
    """Parses all chunks and returns how many rows they have, or raises the first one's error."""
    turn, errors = Lock(), {}

    def work() -> int:
        rows = 0
        while not errors:
            with turn:
                chunk = next(chunks, None)
            if chunk is None:
                break
            try:
                parse(chunk)
            except Exception as error:
                errors[chunk.first] = error
            rows += len(chunk.rows)
        return rows

    with ThreadPoolExecutor(THREADS) as pool:
        workers = [pool.submit(work) for _ in range(THREADS)]
    if errors:
        raise errors[min(errors)]
    return sum(worker.result() for worker in workers)


def _chunks(stream: BinaryIO, where: str) -> Iterator[_Chunk]:
    """The rest of the file; blank lines are allowed at its end alone."""
    done, blank, problem = 0, 0, None
    for text, end in _texts(stream):
        rows = []
        for start, stop in _lines(text, end):
            number = done + len(rows) + 1
            if text.find(b",", start, stop) < 0 and not text[start:stop].strip():
                blank += 1
                if blank > MAX_BLANK_LINES:
                    problem = f"{where}: has over {MAX_BLANK_LINES} blank lines; delete them"
            elif blank:
                problem = f"{_row(where, number)}: is blank, rows follow it; delete the line"
            elif stop - start >= MAX_ROW_BYTES:
                problem = f"{_row(where, number)}: is over {MAX_ROW_BYTES} bytes long, not a row"
            elif number > MAX_ROWS:
                problem = (
                    f"{_row(where, number)}: FER2013 has {MAX_ROWS:,} rows; download the file again"
                )
            else:
                rows.append((start, stop))
            if problem:
                break
        if rows:
            yield _Chunk(text, rows, done + 1)
        if problem:
            raise DataError(problem)
        done += len(rows)


def _texts(stream: BinaryIO) -> Iterator[tuple[bytearray, int]]:
    """Whole lines, each time from ``pixels.MARGIN`` on, and where they end.

    The last may be without a line break, or it is too long to be a row and all that is read.
    """
    begun = b""
    while True:
        text = bytearray(CHUNK)
        start = pixels.MARGIN + len(begun)
        text[pixels.MARGIN : start] = begun
        size = stream.readinto(memoryview(text)[start:])
        end = text.rfind(b"\n", pixels.MARGIN, start + size) + 1
        begun = text[max(end, pixels.MARGIN) : start + size]
        if not size or len(begun) >= MAX_ROW_BYTES:
            yield text, start + size
            return
        yield text, end


def _lines(text: bytearray, end: int) -> Iterator[tuple[int, int]]:
    """Where the lines up to ``end`` begin and where their line breaks are."""
    start = pixels.MARGIN
    while start < end:
        stop = text.find(b"\n", start, end)
        if stop < 0:
            stop = end
        yield start, stop
        start = stop + 1


def _parse_chunk(chunk: _Chunk, table: _Table, order: list[int], where: str) -> None:
    """Writes what a chunk's rows say to their place in the table."""
    labels, fields, splits, problem = _split_rows(chunk, order)
    place = slice(chunk.first - 1, chunk.first - 1 + len(fields))
    table.labels[place], table.splits[place] = labels, splits
    try:
        pixels.parse(chunk.text, fields, out=table.images[place])
    except pixels.PixelError as error:
        raise DataError(
            f"{_row(where, chunk.first + error.row)}: {error}; "
            "correct the row or download the file again"
        ) from None
    if problem:
        raise DataError(f"{_row(where, chunk.first + len(fields))}: {problem}")


def _split_rows(
    chunk: _Chunk, order: list[int]
) -> tuple[list[int], list[tuple[int, int]], list[int], str]:
    """Labels, bounds of the pixels and numbers of the splits, up to the first row that is wrong.

    What is wrong with that one follows, or "".
    """
    labels, fields, splits = [], [], []
    for start, end in chunk.rows:
        try:
            label, field, split = _split_row(chunk.text, start, end, order)
        except ValueError as error:
            return labels, fields, splits, str(error)
        labels.append(label)
        fields.append(field)
        splits.append(split)
    return labels, fields, splits, ""


def _split_row(
    text: bytearray, start: int, end: int, order: list[int]
) -> tuple[int, tuple[int, int], int]:
    """Label, bounds of the pixels and number of the split; ValueError says what is wrong.

    Other threads stand still while Python itself works here: every call counts. ``split`` looks at
    the long pixels byte by byte, where ``find`` searches them with memchr.
    """
    first = text.find(b",", start, end)
    second = text.find(b",", first + 1, end)
    if first < 0 or second < 0 or text.find(b",", second + 1, end) >= 0:
        raise ValueError(
            f"has {text.count(b',', start, end) + 1} fields instead of {len(COLUMNS)}; "
            "the file is cut or damaged, download it again"
        )
    starts, ends = (start, first + 1, second + 1), (first, second, end)
    emotion, field, usage = order
    label = bytes(text[starts[emotion] : ends[emotion]])
    split = bytes(text[starts[usage] : ends[usage]])
    return (
        _code(LABELS, label, "emotion"),
        _trimmed(text, starts[field], ends[field]),
        _code(SPLIT_CODES, split, "Usage"),
    )


def _code(codes: dict[bytes, int], field: bytes, column: str) -> int:
    """The number that a field stands for, or ValueError."""
    code = codes.get(field)
    if code is None:
        code = codes.get(_clean(field))
    if code is None:
        found, allowed = _clean(field)[:40].decode("utf-8", "replace"), b", ".join(codes).decode()
        raise ValueError(
            f"{column} is {found!r}, not one of {allowed}; "
            "correct the row or download the file again"
        )
    return code


def _trimmed(text: bytearray, start: int, end: int) -> tuple[int, int]:
    """The bounds of a field without blanks and quotes around it."""
    while start < end and text[start] in PADDING:
        start += 1
    while start < end and text[end - 1] in PADDING:
        end -= 1
    return start, end


def _row(where: str, number: int) -> str:
    return f"{where}, row {number} (line {number + 1})"


def _clean(field: bytes) -> bytes:
    """A field without blanks and quotes around it."""
    return field.strip().strip(b'"').strip()
