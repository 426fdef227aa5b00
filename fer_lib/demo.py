"""The main job on the bundled demo data: trains every model on drawn faces, builds the report.

    python -m fer_lib.demo

Everything it makes lies under ``build/demo``; the committed runs and pages are left alone.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from fer_lib import models, paths, study, sweep
from fer_lib.errors import FerError

STUDY = """\
[[runs]]
models = {models}
recipe = "demo"
seeds = [0]
"""


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m fer_lib.demo", description=__doc__)
    parser.add_argument(
        "--models",
        nargs="+",
        choices=list(models.MODELS),
        default=list(models.CNNS),
        metavar="NAME",
        help=f"of {', '.join(models.MODELS)} (default: the CNNs)",
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=paths.ROOT / "build" / "demo",
        help="folder for runs and book (default: %(default)s)",
    )
    options = parser.parse_args(arguments)
    output = options.output.resolve()
    try:
        build_command(output)  # before anything is trained
    except FerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    runs = output / "runs"
    runs.mkdir(parents=True, exist_ok=True)
    (runs / "study.toml").write_text(STUDY.format(models=json.dumps(options.models)))
    book = copy_book(output / "book")
    sweep.execute(study.entries(runs / "study.toml"), book / "runs", data="demo", runs=str(runs))
    status = build(book, runs)
    if status == 0:
        print(f"the report: {book / '_build' / 'html' / 'index.html'}")
    return status


def copy_book(target: Path) -> Path:
    """Copies the book's sources without its run pages; links are followed."""
    shutil.rmtree(target, ignore_errors=True)
    unwanted = shutil.ignore_patterns("_build", "*-seed*.ipynb", "__pycache__")
    return Path(shutil.copytree(paths.ROOT / "book", target, ignore=unwanted))


def build(book: Path, runs: Path) -> int:
    """Builds a book strictly from a folder of runs; returns jupyter-book's exit status."""
    return subprocess.run(build_command(book), env={**os.environ, "FER_RUNS": str(runs)}).returncode


def build_command(book: Path) -> list[str]:
    """The command that builds a book strictly, by this environment's jupyter-book.

    Raises:
        FerError: there is none.
    """
    # jupyter-book 1 has a command but no module to run. It lies beside Python, or on the path.
    places = [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    program = shutil.which("jupyter-book", path=os.pathsep.join(places))
    if program is None:
        raise FerError("jupyter-book is not installed beside this Python; pip install -e .")
    return [program, "build", str(book), "-W", "--keep-going"]


if __name__ == "__main__":
    sys.exit(main())
