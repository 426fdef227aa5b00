"""Compares measured ratios with their bars; the exit status is 1 if one is under its bar.

    python benchmarks/guard.py

Reads what the other benchmarks have left by ``--write``, and the study's finished runs.
"""

import argparse
import sys
from pathlib import Path

import measuring

from fer_lib import quality, report, speed
from fer_lib.errors import RunError


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--results", type=Path, default=speed.RESULTS, help="a folder (default: the committed ones)"
    )
    folder = parser.parse_args(arguments).results
    found = speed.results(folder)
    if not found:
        raise RunError(f"{folder}: holds no result; run a benchmark with --write first")
    judged = [*speed.verdicts(found), *quality.verdicts(report.load())]
    for verdict in judged:
        if verdict.holds:
            print(f"holds   {verdict}")
        else:
            print(f"MISSED  {verdict}", file=sys.stderr)
    return 0 if all(verdict.holds for verdict in judged) else 1


if __name__ == "__main__":
    measuring.run(main)
