"""Warns of a run's page that does not show the run that it is named after.

Papermill replaces a page at once, also when it trains on other data or fails. A strict build stops
at such a page instead of publishing it. Any build stops at a damaged run, before all pages fail.
"""

import collections
import json
from pathlib import Path
from typing import Any

import run_titles
from sphinx.errors import ExtensionError
from sphinx.util import logging

from fer_lib import files, paths, report, runs
from fer_lib.errors import FerError, RunError
from fer_lib.notebook import NOT_FER2013

LOG = logging.getLogger(__name__)


def check(app):
    """Looks at all runs and their pages at every build (Sphinx's ``builder-inited``)."""
    _refuse_damaged()
    for path in sorted(Path(app.srcdir, "runs").glob("*.ipynb")):
        problem = _problem(path)
        if problem:
            LOG.warning("%s: %s; restore the page or execute its own run again", path, problem)


def _refuse_damaged():
    """Raises ExtensionError if something that the report is made of cannot be read."""
    try:
        shown = report.load()
        for run in shown.runs:
            _ = run.history, run.metrics
        _ = shown.record
    except FerError as error:
        raise ExtensionError(str(error)) from None


def _problem(path: Path) -> str:
    """What speaks against a file being its run's page, or "" if nothing does."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        return f"it cannot be read ({files.one_line(error)})"
    return mismatch(path.stem, text)


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
        papermill = notebook["metadata"].get("papermill") or {}
        failed = bool(papermill.get("exception"))
    except (ValueError, KeyError, TypeError, AttributeError, SyntaxError) as error:
        return f"it is no executed notebook ({error})"
    if failed:
        return "its execution failed"
    shown = "{model}-{recipe}-seed{seed}".format_map(collections.defaultdict(str, values))
    extra = [f"{key} {values[key]}" for key in ("fast", "epochs") if values.get(key)]
    if shown != name or extra:
        return f"it was executed with other parameters ({', '.join([shown, *extra])})"
    return _other_data(values, text, root or paths.RUNS)


def _other_data(values: dict[str, Any], text: str, root: Path) -> str:
    """Whether the page names another data set than its run, or drawn faces and has no run."""
    folder = runs.folder(root, f"{values['model']}-{values['recipe']}", values["seed"])
    try:
        data = runs.read(folder).info["data"]
    except RunError:
        return "it was not executed on FER2013 and has no run" if NOT_FER2013 in text else ""
    return "" if data["fingerprint"][:12] in text else f"it was not executed on {data['name']}"


def setup(app):
    app.connect("builder-inited", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
