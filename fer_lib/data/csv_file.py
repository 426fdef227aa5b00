"""The challenge's csv: ``fer2013.csv`` (emotion,pixels,Usage) and ``icml_face_data.csv``."""

import csv
from typing import BinaryIO

import numpy as np

from fer_lib.data.dataset import EMOTIONS, IMAGE_SHAPE, OFFICIAL_COUNTS, USAGES
from fer_lib.errors import DataError

COLUMNS = ("emotion", "pixels", "usage")
LABELS = {str(label): label for label in range(len(EMOTIONS))}
SPLIT_OF_USAGE = {usage: split for split, usage in enumerate(USAGES)}
#: A file with more rows is not FER2013.
MAX_ROWS = sum(map(sum, OFFICIAL_COUNTS.values()))
#: A row has at most some 9,300 bytes; a longer one is cut here, and then refused.
MAX_ROW_BYTES = 1 << 16


def read(stream: BinaryIO, where: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Reads a csv in the challenge's layout, its columns in any order and among others.

    Args:
        stream: the uncompressed bytes, buffered.
        where: the file, for messages.

    Returns:
        Images (uint8, N x 48 x 48 x 1), labels and splits (uint8, N), in the file's order.

    Raises:
        DataError: names the file and the row and what is wrong there.
    """
    text = iter(lambda: stream.readline(MAX_ROW_BYTES).decode("utf-8", "replace"), "")
    reader = csv.reader(text, skipinitialspace=True)
    rows = (row for row in reader if "".join(row).strip())
    header = next(rows, [])
    names = [name.strip('\ufeff" \t').lower() for name in header]
    if not set(COLUMNS) <= set(names):
        raise DataError(
            f"{where}: the header is {','.join(header)[:80]!r}, not emotion, pixels and Usage; "
            "unpack it, save it as a csv in UTF-8, or download fer2013.csv, which has all splits"
        )
    columns = [names.index(column) for column in COLUMNS]
    images, labels, splits = np.empty((MAX_ROWS, *IMAGE_SHAPE), np.uint8), [], []
    for row in rows:
        place = f"{where}, row {len(labels) + 1} (line {reader.line_num})"
        if len(labels) == MAX_ROWS:
            raise DataError(f"{place}: FER2013 has {MAX_ROWS:,} rows; download the file again")
        try:
            label, pixels, usage = (row[column].strip() for column in columns)
            values = np.fromstring(pixels, int, sep=" ").reshape(IMAGE_SHAPE)
            if len(row) != len(header) or values.min() < 0 or values.max() > 255:
                raise ValueError
            images[len(labels)] = values
            splits.append(SPLIT_OF_USAGE[usage])
            labels.append(LABELS[label])
        except (ValueError, LookupError):
            problem = _problem(row, header, columns)
            raise DataError(f"{place}: {problem}; correct it or download the file again") from None
    return images[: len(labels)], np.array(labels, np.uint8), np.array(splits, np.uint8)


def _problem(row: list[str], header: list[str], columns: list[int]) -> str:
    """What is wrong with a row, each pixel looked at."""
    if len(row) != len(header):
        return f"has {len(row)} fields, the header has {len(header)}, so the file is cut or damaged"
    label, pixels, usage = (row[column].strip() for column in columns)
    if label not in LABELS:
        return f"emotion is {label[:40]!r}, not one of {', '.join(LABELS)}"
    if usage not in SPLIT_OF_USAGE:
        return f"Usage is {usage[:40]!r}, not one of {', '.join(USAGES)}"
    if "[" in pixels or "," in pixels:
        return "the pixels are a list with brackets or commas, not numbers with blanks between them"
    words = pixels.split()
    for position, word in enumerate(words, start=1):
        if not (word.isascii() and word.isdigit() and len(word) < 4 and int(word) < 256):
            return f"pixel {position} is {word[:20]!r}, not a whole number from 0 to 255"
    return f"{len(words)} pixels instead of 2304 (48 x 48)"
