"""Loading the csv beside pandas, each time in a fresh process.

    python benchmarks/loading.py --data fer2013.csv.gz

first   data.load with an empty cache: parses the file and writes the cache
again   data.load once more: from the cache, and verified
pandas  pandas.read_csv, then a split of every row, as it is usually written

Where no file is given, drawn faces are written into one. The user's own cache is left alone.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from measuring import conditions, once, show

from fer_lib import data, faces


def main() -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="the csv (default: one of drawn faces)")
    parser.add_argument("--write", action="store_true", help="the result for the book")
    options = parser.parse_args()
    if options.data and not options.data.is_file():
        parser.error(f"--data {options.data}: is not a file; give the path of the csv")
    result = conditions()
    with tempfile.TemporaryDirectory(prefix="loading-") as folder:
        file = options.data or Path(folder, "faces.csv")
        if not options.data:
            once(draw, file)
        result["data"] = file.name
        answers = []
        for number in range(3):
            os.environ["XDG_CACHE_HOME"] = f"{folder}/cache-{number}"
            ways = {"first": load, "again": load, "pandas": split_rows}
            answers.append({way: once(function, file) for way, function in ways.items()})
    result["rows"] = [
        {"what": way, "unit": "s", "values": [answer[way] for answer in answers]} for way in ways
    ]
    show(result, "loading" if options.write else "")
    return 0


def draw(file: Path) -> None:
    """Writes drawn faces as a csv."""
    faces.write_csv(faces.dataset(), file)


def load(file: Path) -> None:
    """This package's way."""
    data.load(file)


def split_rows(file: Path) -> None:
    """The usual way, as notebooks have it."""
    table = pd.read_csv(file)
    table.columns = table.columns.str.strip()
    images = np.stack([np.array(row.split(), dtype=np.uint8) for row in table["pixels"]])
    images = images.reshape(-1, 48, 48, 1)
    for name in table["Usage"].unique():
        rows = table["Usage"] == name
        _ = images[rows], table["emotion"].to_numpy()[rows]


if __name__ == "__main__":
    sys.exit(main())
