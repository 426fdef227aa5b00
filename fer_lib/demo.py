"""The main job on the bundled demo data: trains every model on drawn faces, builds the report.

    python -m fer_lib.demo

Everything it makes lies under ``build/demo``, or another folder that holds no runs and no book but
the demo's own; the committed runs and pages are left alone.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from fer_lib import files, models, paths, sweep
from fer_lib.errors import FerError, ParameterError
from fer_lib.runs import study

#: Lies in every folder that the demo has made its own.
MARKER = ".fer-demo"
#: The demo's own also without the marker.
DEFAULT = paths.ROOT / "build" / "demo"
STUDY = """\
[[runs]]
models = {models}
recipe = "demo"
seeds = [0]
"""


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    options = _parser().parse_args(arguments)
    output = options.output.resolve()
    try:
        build_command(output)  # before anything is trained
        claim(output)
        runs, book = prepare(output, options.models)
    except FerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    sweep.execute(study.entries(runs / "study.toml"), book / "runs", data="demo", runs=str(runs))
    status = build(book, runs)
    if status == 0:
        print(f"the report: {book / '_build' / 'html' / 'index.html'}")
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fer_lib.demo",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
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
        default=DEFAULT,
        help="folder for runs and book (default: %(default)s)",
    )
    return parser


def claim(output: Path) -> None:
    """Marks a folder as the demo's own, made if missing; what others made in it stays theirs.

    Raises:
        ParameterError: the demo would replace something of others, or cannot make the folder.
    """
    source = paths.ROOT / "book"
    if output == paths.ROOT or output == source or source in output.parents:
        raise ParameterError(f"--output {output}: holds the project itself; name another folder")
    marker = output / MARKER
    try:
        theirs = [output / name for name in ("book", "runs") if (output / name).exists()]
        if theirs and output != DEFAULT and not marker.exists():
            raise ParameterError(
                f"--output {output}: {theirs[0].name} in it is not the demo's; name another "
                "folder, or delete that one"
            )
        output.mkdir(parents=True, exist_ok=True)
        marker.touch()
    except OSError as error:
        raise ParameterError(
            f"--output {output}: is no folder to write to ({error.strerror}); name another one"
        ) from None


def prepare(output: Path, names: list[str]) -> tuple[Path, Path]:
    """Makes the folder of runs, with a study of the named models, and the copy of the book.

    Raises:
        ParameterError: they cannot be written.
    """
    runs = output / "runs"
    try:
        runs.mkdir(exist_ok=True)
        (runs / "study.toml").write_text(STUDY.format(models=json.dumps(names)), encoding="utf-8")
        return runs, copy_book(output / "book")
    except OSError as error:
        reason = error.strerror or files.one_line(error)
        raise ParameterError(f"--output {output}: cannot be written ({reason})") from None


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
