"""The challenge's csv: ``fer2013.csv`` (emotion,pixels,Usage) and ``icml_face_data.csv``.

One thread unpacks the file and finds the lines while others read blocks of them.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from itertools import islice
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
#: Threads that parse; to unpack, in a further one, takes half as long as their work.
THREADS = 2
#: Rows that are parsed together: 400 kB of text, so that threads seldom wait for each other, and
#: what becomes of it still stays in the CPU's cache.
BLOCK = 48
#: Bytes; what the threads need for their blocks is a third of it.
WORKING_MEMORY = 24 << 20
#: Blocks that may wait for a thread or to be collected.
AHEAD = 8
#: A row has at most some 9,300 bytes; anything beyond this is no row.
MAX_ROW_BYTES = 1 << 16
#: Blank lines at the end do no harm, millions of them are no csv.
MAX_BLANK_LINES = 100


class _Table(NamedTuple):
    """Space for what the rows say, in the order of the file; all uint8."""

    images: np.ndarray
    labels: np.ndarray
    splits: np.ndarray


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
    parse = partial(_parse_block, table=table, order=order, where=where)
    rows = 0
    _keep_working_memory()
    with ThreadPoolExecutor(THREADS) as pool:
        for count in _in_order(pool, parse, _blocks(stream, where)):
            rows += count
    if not rows:
        raise DataError(f"{where}: has a header but no rows; download the file again")
    return by_split(*(column[:rows] for column in table), "csv")


def _keep_working_memory() -> None:
    """Lets malloc keep what a block of rows frees for the next one.

    glibc gives memory back to the system beyond a threshold that follows the largest piece freed so
    far (mallopt(3), M_MMAP_THRESHOLD). From a low one, every block pages its memory in anew, which
    takes longer than all the rest.
    """
    np.empty(WORKING_MEMORY, np.uint8)


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


def _numbered_rows(stream: BinaryIO, where: str) -> Iterator[tuple[int, bytes]]:
    """The rows with their numbers from 1 on; blank lines are allowed at the end alone."""
    number, blank = 0, 0
    while line := stream.readline(MAX_ROW_BYTES):
        if line.isspace():
            blank += 1
            if blank > MAX_BLANK_LINES:
                raise DataError(f"{where}: has over {MAX_BLANK_LINES} blank lines; delete them")
            continue
        if blank:
            raise DataError(f"{_row(where, number + 1)}: is blank, rows follow it; delete the line")
        number += 1
        if len(line) >= MAX_ROW_BYTES:
            raise DataError(f"{_row(where, number)}: is over {MAX_ROW_BYTES} bytes long, not a row")
        if number > MAX_ROWS:
            raise DataError(
                f"{_row(where, number)}: FER2013 has {MAX_ROWS:,} rows; download the file again"
            )
        yield number, line


def _blocks(stream: BinaryIO, where: str) -> Iterator[tuple[int, list[bytes]]]:
    """The rows in blocks, each with the number of its first."""
    rows = _numbered_rows(stream, where)
    while block := list(islice(rows, BLOCK)):
        yield block[0][0], [line for _, line in block]


def _in_order(pool: Executor, parse: Callable, blocks: Iterable) -> Iterator:
    """What ``parse`` returns for each block, or the error of the first block that has one."""
    waiting = deque()
    for block in blocks:
        waiting.append(pool.submit(parse, block))
        if len(waiting) > AHEAD:
            yield waiting.popleft().result()
    for future in waiting:
        yield future.result()


def _parse_block(
    block: tuple[int, list[bytes]], table: _Table, order: list[int], where: str
) -> int:
    """Writes what a block's rows say to their place in the table; the number of rows."""
    first, lines = block
    rows = [_split_row(line, order, number, where) for number, line in enumerate(lines, first)]
    labels, texts, splits = map(list, zip(*rows, strict=True))
    place = slice(first - 1, first - 1 + len(lines))
    table.labels[place], table.splits[place] = labels, splits
    try:
        pixels.parse(texts, out=table.images[place])
    except pixels.PixelError as error:
        raise DataError(
            f"{_row(where, first + error.row)}: {error}; correct the row or download the file again"
        ) from None
    return len(lines)


def _split_row(line: bytes, order: list[int], number: int, where: str) -> tuple[int, bytes, int]:
    """Label, text of the pixels and number of the split."""
    fields = _fields(line)
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


def _fields(line: bytes) -> list[bytes]:
    """The fields of a row.

    ``bytes.split`` gives the same but looks at the long pixel field byte by byte, where
    ``bytes.find`` and ``in`` search it with memchr.
    """
    first = line.find(b",")
    second = line.find(b",", first + 1)
    if first < 0 or second < 0 or b"," in line[second + 1 :]:
        return line.split(b",")
    return [line[:first], line[first + 1 : second], line[second + 1 :]]


def _row(where: str, number: int) -> str:
    return f"{where}, row {number} (line {number + 1})"


def _clean(field: bytes) -> bytes:
    """A field without blanks and quotes around it."""
    return field.strip().strip(b'"').strip()


def _shown(field: bytes) -> str:
    return repr(field[:40].decode("utf-8", "replace"))
