"""How the report's cost grows with the number of runs: 1, 10, 100 and 500 run folders.

    python benchmarks/report_growth.py

The runs are made up, from random probabilities for as many images as FER2013 has, and lie under
``build/report_growth``. For each number of runs: what the code of all pages takes in one process
(tables, figures, claims) and its memory, then the strict build of the book. The seconds are those
of the processors, which other work on the machine disturbs less, and those of the clock.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import measuring
import pandas as pd

from fer_lib import demo, models, paths, recipes

sys.path.append(str(paths.ROOT / "tests"))
from sample_runs import write_sample_run

WORK = paths.ROOT / "build" / "report_growth"
RECIPES = ("original", "class-weights", "l2-small", "l2-middle", "l2-high")
# Executes the code cells of all pages of a book, page after page, as the build does.
PAGES = """
import pathlib, sys, jupytext
for page in sorted(pathlib.Path(sys.argv[1]).glob("*.md")):
    names = {}
    for cell in jupytext.read(page, fmt="md:myst").cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, page.name, "exec"), names)
print(round(peak_memory()))
"""


def main() -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("counts", type=int, nargs="*", default=[1, 10, 100, 500], metavar="RUNS")
    options = parser.parse_args()
    if min(options.counts) < 1:
        parser.error("RUNS: from 1 on")
    rows = [measure(count) for count in options.counts]
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(pd.DataFrame(rows).to_string(index=False))
    return 0 if all(row["built"] for row in rows) else 1


def measure(count: int) -> dict[str, float]:
    """Makes a folder of so many runs and measures the report of it."""
    shutil.rmtree(WORK, ignore_errors=True)
    folder = WORK / "runs"
    folder.mkdir(parents=True)
    make_runs(folder, count)
    book = demo.copy_book(WORK / "book")
    code, code_cpu, shown = timed(
        [sys.executable, "-c", measuring.PEAK_MEMORY + PAGES, str(book)], folder
    )
    built, built_cpu, done = timed(demo.build_command(book), folder)
    return {
        "runs": count,
        "MB of runs": round(sum(file.stat().st_size for file in folder.rglob("*.*")) / 1e6, 1),
        "pages: CPU s": round(code_cpu, 1),
        "s": round(code, 1),
        "MiB": shown.stdout.split()[-1] if shown.returncode == 0 else "failed",
        "build: CPU s": round(built_cpu, 1),
        "s ": round(built, 1),
        "built": done.returncode == 0,
    }


def make_runs(folder: Path, count: int) -> None:
    """Writes runs of all CNNs and several recipes, as many seeds as it takes, and their study."""
    pairs = [(model, recipe) for recipe in RECIPES for model in models.CNNS]
    seeds: dict[tuple[str, str], list[int]] = {}
    for number in range(count):
        pair = pairs[number % len(pairs)]
        seeds.setdefault(pair, []).append(number // len(pairs))
        write_sample_run(
            folder, *pair, number // len(pairs), epochs=recipes.get(pair[1]).epochs, name="made up"
        )
    tables = [
        f"[[runs]]\nmodels = {json.dumps([model])}\nrecipe = {json.dumps(recipe)}\nseeds = {made}\n"
        for (model, recipe), made in seeds.items()
    ]
    (folder / "study.toml").write_text("\n".join(tables))


def timed(command: list[str], folder: Path) -> tuple[float, float, subprocess.CompletedProcess]:
    """Runs a command on a folder of runs; seconds of the clock and of the processors."""
    before, start = measuring.processor_seconds(), time.perf_counter()
    done = subprocess.run(
        command, env=os.environ | {"FER_RUNS": str(folder)}, capture_output=True, text=True
    )
    if done.returncode:
        print(done.stderr[-2000:], file=sys.stderr)
    return time.perf_counter() - start, measuring.processor_seconds() - before, done


if __name__ == "__main__":
    measuring.run(main)
