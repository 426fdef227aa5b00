"""How long the book takes to build from all committed runs.

    python benchmarks/report_build.py

Each build is strict and begins from nothing, under ``build/report_build``.
"""

import argparse
import shutil
import subprocess
import sys
import time
from pathlib import Path

from measuring import conditions, show

from fer_lib import paths
from fer_lib.report import results

WORK = paths.ROOT / "build" / "report_build"


def main() -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="the result for the book")
    options = parser.parse_args()
    result = conditions()
    wall = [build() for _ in range(2)]
    result["runs"] = len(results.load().runs)
    result["pages"] = len(list((WORK / "_build" / "html").rglob("*.html")))
    result["rows"] = [{"what": "clock", "unit": "s", "values": wall}]
    show(result, "report" if options.write else "")
    return 0


def build() -> float:
    """Builds the book anew; its seconds."""
    shutil.rmtree(WORK, ignore_errors=True)
    program, book = Path(sys.executable).parent / "jupyter-book", paths.ROOT / "book"
    command = [program, "build", book, "--path-output", WORK, "-W", "--keep-going"]
    start = time.perf_counter()
    if subprocess.run(command, capture_output=True).returncode:
        sys.exit("the build failed; try `make report` to see why")
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
