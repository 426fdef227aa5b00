"""Runs the training notebook for the study's entries through papermill, as a person would."""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fer_lib import data, paths, runs, study
from fer_lib.errors import ParameterError
from fer_lib.study import Entry

NOTEBOOK = paths.ROOT / "notebooks" / "train.ipynb"


def page_name(entry: Entry) -> str:
    """File name of an entry's executed notebook, which is its page in the book."""
    return f"{entry.name}-seed{entry.seed}.ipynb"


def execute(entries: Iterable[Entry], pages: Path, **parameters: Any) -> list[Path]:
    """Executes the training notebook once an entry.

    Args:
        entries: what to train.
        pages: the folder for the executed notebooks, made if missing.
        **parameters: further parameters of the notebook, such as ``runs`` or ``fast``.

    Returns:
        The executed notebooks.

    Raises:
        papermill.PapermillExecutionError: a cell failed; the notebook holds the traceback.
    """
    import papermill

    pages.mkdir(parents=True, exist_ok=True)
    executed = []
    for entry in entries:
        page = pages / page_name(entry)
        chosen = {"model": entry.model, "recipe": entry.recipe, "seed": entry.seed, **parameters}
        papermill.execute_notebook(NOTEBOOK, page, parameters=chosen, cwd=paths.ROOT)
        executed.append(page)
    return executed


def missing(entries: Iterable[Entry], root: Path) -> list[Entry]:
    """The entries that have no finished run under ``root`` yet."""
    return [
        entry for entry in entries if not runs.exists(runs.folder(root, entry.name, entry.seed))
    ]


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m fer_lib.sweep",
        description="Trains what runs/study.toml lists and runs/ lacks, one after another.",
    )
    parser.add_argument("--data", default="", help="path of FER2013 (else FER_DATA, else data/)")
    options = parser.parse_args(arguments)
    if data.choose(options.data or None).name != data.FER2013:
        raise ParameterError("the study needs FER2013: give its path with --data PATH")
    todo = missing(study.entries(), paths.RUNS)
    print(f"{len(todo)} of {len(study.entries())} runs to make")
    execute(todo, paths.ROOT / "book" / "runs", data=options.data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
