"""The challenge's csv: ``fer2013.csv`` (emotion,pixels,Usage) and ``icml_face_data.csv``."""

import csv
from typing import BinaryIO

import numpy as np

from fer_lib import files
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
        with files.told(DataError, place, "correct it or download the file again", "is wrong"):
            if len(labels) == MAX_ROWS:
                raise ValueError(f"FER2013 has {MAX_ROWS:,} rows")
            if len(row) != len(header):
                raise ValueError(f"{len(row)} fields, the header has {len(header)}")
            label, pixels, usage = (row[column].strip() for column in columns)
            if label not in LABELS or usage not in SPLIT_OF_USAGE:
                raise ValueError(f"emotion {label[:40]!r}, Usage {usage[:40]!r}")
            values = np.fromstring(pixels, int, sep=" ").reshape(IMAGE_SHAPE)
            if values.min() < 0 or values.max() > 255:
                raise ValueError("a pixel is not from 0 to 255")
            images[len(labels)] = values
        splits.append(SPLIT_OF_USAGE[usage])
        labels.append(LABELS[label])
    return images[: len(labels)], np.array(labels, np.uint8), np.array(splits, np.uint8)
