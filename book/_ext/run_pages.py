"""The pages of single runs, which papermill executed: each gets its run's title, and is checked.

A page counts only if every code cell was executed and it shows the run that it is named after. What
does not is a warning, which fails the strict build and names the command that makes the page anew.
"""

import json
import re
from pathlib import Path

from sphinx.util import logging

from fer_lib import runs
from fer_lib.errors import RunError

LOG = logging.getLogger(__name__)
#: A page's parameters that are its run's; with any other it shows a trial.
OF_A_RUN = {"model", "recipe", "seed", "data", "runs", "weights"}


def problem(path: Path, root: Path) -> str:
    """What speaks against a file being its run's page; "" if nothing does.

    Args:
        path: the executed notebook, named ``<model>-<recipe>-seed<k>.ipynb``.
        root: the folder of run folders.
    """
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        given = notebook["metadata"]["papermill"]["parameters"]
        name = f"{given['model']}-{given.get('recipe', 'original')}"
        run = runs.read(runs.folder(root, name, given.get("seed", 0)))
    except (OSError, ValueError, KeyError, TypeError) as error:
        return f"cannot be read, or papermill did not execute it ({type(error).__name__}: {error})"
    except RunError as error:
        return str(error)
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    if any(cell["source"] and cell["execution_count"] is None for cell in code):
        return "was not executed to its end"
    if f"{name}-seed{run.seed}" != path.stem or given.keys() - OF_A_RUN:
        return f"was executed with other parameters ({given})"
    if run.info["data"]["fingerprint"][:12] not in json.dumps(notebook["cells"]):
        return f"was not executed on {run.info['data']['name']}"
    return ""


def check(app):
    """Looks at every page of a run at every build (Sphinx's ``builder-inited``)."""
    for path in sorted(Path(app.srcdir, "runs").glob("*.ipynb")):
        if found := problem(path, Path(app.srcdir).parent / "runs"):
            model, _, rest = path.stem.partition("-")
            recipe, _, seed = rest.rpartition("-seed")
            LOG.warning(
                "%s: %s; make it anew: papermill notebooks/train.ipynb book/runs/%s -p model %s "
                "-p recipe %s -p seed %s -p data PATH -p runs runs",
                path, found, path.name, model, recipe, seed,
            )  # fmt: skip


def retitle(app, docname, source):
    """Heads a page with its run's name and command, and drops the cell of default parameters."""
    path = Path(app.env.doc2path(docname))
    if not docname.startswith("runs/") or path.suffix != ".ipynb":
        return
    notebook = json.loads(source[0])
    notebook["cells"] = [
        cell for cell in notebook["cells"] if "parameters" not in cell["metadata"].get("tags", [])
    ]
    first = notebook["cells"][0]
    given = notebook["metadata"].get("papermill", {}).get("parameters", {})
    own = " ".join(f"-p {key} {given[key]}" for key in ("model", "recipe", "seed") if key in given)
    text = re.sub(r"^# .*", f"# {path.stem}", "".join(first["source"]), count=1)
    first["source"] = text.replace("-p model model5", f"{own} -p data PATH")
    source[0] = json.dumps(notebook)


def setup(app):
    app.connect("builder-inited", check)
    app.connect("source-read", retitle)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
