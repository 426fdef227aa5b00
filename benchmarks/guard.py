"""Compares measured ratios with their bars; the exit status is 1 if one is under its bar.

    python benchmarks/guard.py

Reads what the other benchmarks have left by ``--write``, and the study's finished runs.
"""

import argparse
import sys
from pathlib import Path

import measuring

from fer_lib import paths, quality, report, speed
from fer_lib.errors import RunError


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--results", type=Path, default=speed.RESULTS, help="a folder (default: the committed ones)"
    )
    parser.add_argument(
        "--runs", type=Path, default=paths.RUNS, help="a folder (default: the committed ones)"
    )
    options = parser.parse_args(arguments)
    for folder in (options.results, options.runs):
        if not folder.is_dir():
            parser.error(f"{folder}: is no folder")
    found = speed.results(options.results)
    if not found:
        raise RunError(f"{options.results}: holds no result; run a benchmark with --write first")
    judged = [*speed.verdicts(found), *quality.verdicts(report.load(options.runs))]
    for verdict in judged:
        if verdict.holds:
            print(f"holds   {verdict}")
        else:
            print(f"MISSED  {verdict}", file=sys.stderr)
    return 0 if all(verdict.holds for verdict in judged) else 1


if __name__ == "__main__":
    measuring.run(main)
