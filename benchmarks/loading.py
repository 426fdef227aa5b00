"""Loading the csv and importing the package, each time in a fresh process.

    python benchmarks/loading.py --data fer2013.csv.gz

cold    data.load with an empty cache: parses the file and writes the cache
warm    data.load again: memory-mapped from the cache, and verified
pandas  pandas.read_csv, then a split of every row, as it is usually written

Where no file is given, drawn faces are written into one. The user's own cache is left alone. Of the
imports it is also told which backend they load; the exit status is 1 if there is one.
"""

import argparse
import tempfile
from pathlib import Path

import measuring

from fer_lib import faces, speed
from fer_lib.errors import ParameterError

LOAD = """
import json, sys, time
from fer_lib import data
start = time.perf_counter()
dataset = data.load(sys.argv[1])
seconds = time.perf_counter() - start
images = sum(map(len, dataset.splits.values()))
print(json.dumps({"seconds": seconds, "memory": peak_memory(), "images": images,
                  "name": dataset.name}))
"""
PANDAS = """
import json, sys, time
import numpy as np, pandas as pd
start = time.perf_counter()
table = pd.read_csv(sys.argv[1])
table.columns = table.columns.str.strip()
images = np.stack([np.array(row.split(), dtype=np.uint8) for row in table["pixels"]])
images = images.reshape(-1, 48, 48, 1)
splits = {name: (images[rows], table["emotion"].to_numpy()[rows])
          for name in table["Usage"].unique() for rows in [table["Usage"] == name]}
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "memory": peak_memory(), "images": len(images)}))
"""
WAYS = {"cold": LOAD, "warm": LOAD, "pandas": PANDAS}
IMPORT = """
import importlib, json, sys, time
start = time.perf_counter()
importlib.import_module(sys.argv[1])
seconds = time.perf_counter() - start
backends = sorted({"keras", "tensorflow", "jax", "torch"} & set(sys.modules))
print(json.dumps({"seconds": seconds, "memory": peak_memory(), "backends": backends}))
"""
#: Everything that is used without a model.
LIGHT = tuple(
    f"fer_lib{name}" for name in ("", ".data", ".models", ".recipes", ".runs", ".report", ".sweep")
)
#: Drawn faces for the default file, so many that the time is nearly in proportion to them.
DRAWN = {"train": 11200, "validation": 1400, "test": 1400}


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="the csv (default: one of drawn faces)")
    parser.add_argument("--rounds", type=int, default=3, help="times for each (default 3)")
    parser.add_argument("--write", action="store_true", help="the result for the book")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error("--rounds must be from 1 on")
    if options.data and not options.data.is_file():
        raise ParameterError(f"--data {options.data}: is not a file; give the path of the csv")
    result = measuring.conditions("loading")
    with tempfile.TemporaryDirectory(prefix="loading-") as folder:
        result |= loading(options.data or drawn(Path(folder)), options.rounds, Path(folder))
        result["imports"] = {name: importing(name, options.rounds, Path(folder)) for name in LIGHT}
    tables = (speed.loading_frame(result), speed.import_frame(result))
    measuring.show(result, "\n\n".join(table.to_string() for table in tables))
    if options.write:
        measuring.write("loading", result)
    return 1 if any(found["backends"] for found in result["imports"].values()) else 0


def drawn(folder: Path) -> Path:
    """Writes drawn faces as a csv."""
    file = folder / "faces.csv"
    faces.write_csv(faces.dataset(**DRAWN), file)
    return file


def loading(file: Path, rounds: int, folder: Path) -> dict:
    """Reads a file in every way, in turns; each round begins with a cache of its own."""
    answers = [
        {
            name: measuring.fresh_process(code, str(file), cache=folder / f"cache-{number}")
            for name, code in WAYS.items()
        }
        for number in range(rounds)
    ]
    return {
        "data": answers[0]["cold"]["name"],
        "file": file.name,
        "images": answers[0]["cold"]["images"],
        "seconds": {name: [found[name]["seconds"] for found in answers] for name in WAYS},
        "memory_mib": {name: max(found[name]["memory"] for found in answers) for name in WAYS},
    }


def importing(module: str, rounds: int, folder: Path) -> dict:
    """Imports a module in fresh processes."""
    answers = [
        measuring.fresh_process(IMPORT, module, cache=folder / "unused") for _ in range(rounds)
    ]
    return {
        "seconds": [found["seconds"] for found in answers],
        "memory_mib": max(found["memory"] for found in answers),
        "backends": answers[0]["backends"],
    }


if __name__ == "__main__":
    measuring.run(main)
