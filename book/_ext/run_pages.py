"""Warns of a run's page that does not show the run that it is named after.

Papermill replaces a page at once, also when it trains on other data or fails. A strict build stops
at such a page instead of publishing it.
"""

import json
from pathlib import Path
from typing import Any

import run_titles
from sphinx.util import logging

from fer_lib import paths, runs
from fer_lib.errors import RunError

LOG = logging.getLogger(__name__)


def check(app, docname, source):
    """Looks at the text of a run's page before it is parsed (Sphinx's ``source-read``)."""
    path = Path(app.env.doc2path(docname))
    if docname.startswith("runs/") and path.suffix == ".ipynb":
        problem = mismatch(path.stem, source[0])
        if problem:
            LOG.warning(
                "%s; restore the page or execute its own run again", problem, location=docname
            )


def mismatch(name: str, text: str, root: Path | None = None) -> str:
    """What speaks against a page being that of its run.

    Args:
        name: of the page: ``<model>-<recipe>-seed<k>``.
        text: the notebook, as JSON.
        root: the folder of run folders; None for ``paths.RUNS``.

    Returns:
        One clause, or "" if nothing does.
    """
    try:
        notebook = json.loads(text)
        values = run_titles.parameters(notebook)
        metadata = notebook["metadata"]
    except (ValueError, KeyError, SyntaxError):
        return ""  # run_titles says what is wrong with it.
    if "model" not in values:
        return ""
    if metadata.get("papermill", {}).get("exception"):
        return "its execution failed"
    shown = f"{values['model']}-{values['recipe']}-seed{values['seed']}"
    if shown != name or values.get("fast") or values.get("epochs"):
        return f"it was executed with other parameters ({run_titles.title(values)})"
    return _other_data(values, text, root or paths.RUNS)


def _other_data(values: dict[str, Any], text: str, root: Path) -> str:
    """Whether the page names another data set than the run's; "" if there is no such run."""
    folder = runs.folder(root, f"{values['model']}-{values['recipe']}", values["seed"])
    try:
        data = runs.read(folder).info["data"]
    except RunError:
        return ""
    return "" if data["fingerprint"][:12] in text else f"it was not executed on {data['name']}"


def setup(app):
    # Before run_titles, which takes the parameters' defaults out.
    app.connect("source-read", check, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
