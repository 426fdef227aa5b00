"""How long the book takes to build from all committed runs, and the memory it needs.

    python benchmarks/report_build.py

Each build is strict and begins from nothing, in a copy of the book under ``build/report_build``.
The memory is that of the largest process. benchmarks/report_growth.py shows how the cost grows.
"""

import argparse
import os
import shutil
import subprocess
import time

import measuring

from fer_lib import demo, paths, runs, speed
from fer_lib.errors import RunError

WORK = paths.ROOT / "build" / "report_build"


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--builds", type=int, default=2, help="how many (default 2)")
    parser.add_argument("--write", action="store_true", help="the result for the book")
    options = parser.parse_args(arguments)
    if options.builds < 1:
        parser.error("--builds must be from 1 on")
    result = measuring.conditions("report")
    result |= {"runs": len(runs.find(paths.RUNS)), "seconds": [], "processor_seconds": []}
    for _ in range(options.builds):
        seconds, processor_seconds = build()
        result["seconds"].append(seconds)
        result["processor_seconds"].append(processor_seconds)
    result["pages"] = sum(1 for _ in (WORK / "_build" / "html").rglob("*.html"))
    result["memory_mib"] = measuring.peak_memory_of_children()
    measuring.show(result, speed.report_frame(result).to_string())
    if options.write:
        measuring.write("report", result)
    return 0


def build() -> tuple[float, float]:
    """Builds the book anew; seconds of the clock and of the processors.

    Raises:
        RunError: the build failed.
    """
    shutil.rmtree(WORK, ignore_errors=True)
    shutil.copytree(paths.ROOT / "book", WORK, ignore=shutil.ignore_patterns("_build"))
    command = demo.build_command(WORK)
    before, start = measuring.processor_seconds(), time.perf_counter()
    environment = {**os.environ, "FER_RUNS": str(paths.RUNS)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise RunError(f"{WORK}: the build failed; try `make report` to see why")
    return seconds, measuring.processor_seconds() - before


if __name__ == "__main__":
    measuring.run(main)
