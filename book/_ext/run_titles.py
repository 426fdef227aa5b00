"""Gives each run's page a title of its own.

Papermill leaves every executed notebook with the heading of ``notebooks/train.ipynb``. A page's
title comes from the notebook's parameters instead, and so does the command that stands there; the
defaults that they replaced are not shown. The notebooks themselves stay as papermill wrote them.
"""

import ast
import json
import re
from pathlib import Path
from typing import Any

from sphinx.errors import ExtensionError

HEADING = re.compile(r"^# .*$", re.MULTILINE)
#: The example in the notebook's first cell.
COMMAND = re.compile(r"^papermill notebooks/train.ipynb .*$", re.MULTILINE)


def retitle(app, docname, source):
    """Rewrites the text of a run's page before it is parsed (Sphinx's ``source-read``)."""
    path = Path(app.env.doc2path(docname))
    if not docname.startswith("runs/") or path.suffix != ".ipynb":
        return
    try:
        notebook = json.loads(source[0])
        source[0] = json.dumps(with_own_title(notebook))
    except (ValueError, KeyError, SyntaxError) as error:
        message = f"{path}: not an executed notebook ({error}); restore it or make the run again"
        raise ExtensionError(message) from None


def with_own_title(notebook: dict[str, Any]) -> dict[str, Any]:
    """The notebook with its first heading made from its parameters.

    Args:
        notebook: the JSON of a notebook that papermill executed; it is changed in place.

    Returns:
        The same notebook, without the cell of defaults where papermill injected others.
    """
    values = parameters(notebook)
    if "model" not in values:
        return notebook
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and HEADING.search(text):
            text = HEADING.sub(f"# {title(values)}", text, count=1)
            cell["source"] = COMMAND.sub(command(values), text)
            break
    if _tagged(notebook, "injected-parameters"):
        defaults = _tagged(notebook, "parameters")
        notebook["cells"] = [cell for cell in notebook["cells"] if cell not in defaults]
    return notebook


def parameters(notebook: dict[str, Any]) -> dict[str, Any]:
    """The parameters that the notebook ran with: its defaults, then what papermill injected."""
    values = {}
    for tag in ("parameters", "injected-parameters"):
        for cell in _tagged(notebook, tag):
            for statement in ast.parse("".join(cell["source"])).body:
                match statement:
                    case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=value)):
                        values[name] = value
    return values


def title(values: dict[str, Any]) -> str:
    """A run in words, such as "model5, recipe original, seed 0"."""
    parts = [values["model"], f"recipe {values.get('recipe')}", f"seed {values.get('seed')}"]
    if values.get("fast"):
        parts.append("fast mode")
    elif values.get("epochs"):
        parts.append(f"{values['epochs']} epochs")
    return ", ".join(parts)


def command(values: dict[str, Any]) -> str:
    """What executes the notebook with the same parameters, but for paths on this machine."""
    usual = {"model": "", "recipe": "", "seed": None, "epochs": 0, "devices": 1, "fast": False}
    chosen = {key: values.get(key, default) for key, default in usual.items()}
    given = [f"-p {key} {value}" for key, value in chosen.items() if value != usual[key]]
    data = "demo" if values.get("data") == "demo" else "PATH"
    return f"papermill notebooks/train.ipynb out.ipynb {' '.join(given)} -p data {data}"


def _tagged(notebook: dict[str, Any], tag: str) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if tag in cell["metadata"].get("tags", [])]


def setup(app):
    app.connect("source-read", retitle)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
