"""Runs the training notebook for the study's entries through papermill, as a person would."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fer_lib import paths
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
