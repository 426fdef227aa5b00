"""The study as a sweep: one papermill command makes one run, the report is made from all of them.

    snakemake --cores all --config data=PATH

makes what is missing, here or, with `--profile profiles/slurm`, on a cluster; `-n` only shows it.
--config takes `data`, `runs`, `weights` and `devices`, which are parameters of the notebook, and
`book`; what a run is (its model, recipe, seed and number of epochs) is up to the study.
"""

import os
import shlex
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

from fer_lib import models, outdated, paths, sweep
from fer_lib.runs import study

CHOICES = ("data", "runs", "book", "weights", "devices")
for key in config:
    if key not in CHOICES:
        raise WorkflowError(f"--config {key}: is unknown here; choose from {', '.join(CHOICES)}")

# papermill and jupyter-book of this environment, whether it is activated or not.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
# Several runs share a GPU: none may take all its memory.
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")

BOOK = config.get("book", "book")
RUNS = config.get("runs", os.path.relpath(paths.RUNS))
ENTRIES = {(entry.name, str(entry.seed)): entry for entry in sweep.planned(RUNS)}

# Runs by another recipe than today's, and where each is set aside before it is made anew.
OUTDATED = {
    run: local(outdated.destination(entry, RUNS))
    for run, entry in ENTRIES.items()
    if outdated.is_outdated(entry, RUNS)
}

# `local`: an executor without a shared file system must not put these into its storage.
REPORT = local(f"{BOOK}/_build/html/index.html")
RUN_FILES = local(expand(f"{RUNS}/{{run[0]}}/seed{{run[1]}}/run.json", run=ENTRIES))

# Of one job: memory in MB, the longest time in minutes. A model that is not here gets the first.
MEMORY = {"": 8_000, "efficientnetb0": 16_000}
RUNTIME = {"": 6 * 60, "efficientnetb0": 12 * 60}


def entry(wildcards):
    return ENTRIES[wildcards.name, wildcards.seed]


def parameters(wildcards):
    """What is passed on to the notebook; only a pretrained model takes weights."""
    others = {"book"} if entry(wildcards).model in models.PRETRAINED else {"book", "weights"}
    passed = ((name, value) for name, value in config.items() if name not in others)
    return " ".join(f"-p {name} {shlex.quote(str(value))}" for name, value in passed)


localrules: all, all_runs, report, set_aside


wildcard_constraints:
    seed=r"\d+",
    time=r"\w+",


rule all:
    input:
        REPORT,
        OUTDATED.values(),


rule all_runs:
    input:
        RUN_FILES,
        OUTDATED.values(),


rule report:
    input:
        RUN_FILES,
        local([page for page in Path(BOOK).glob("*.*") if page.is_file()]),
    output:
        REPORT,
    params:
        runs=os.path.abspath(RUNS),
    shell:
        "FER_RUNS={params.runs:q} jupyter-book build {BOOK:q} -W --keep-going"


rule train:
    input:
        # Nothing but the outdated run's new place, so that no change of times trains anything.
        lambda wildcards: OUTDATED.get((wildcards.name, wildcards.seed), []),
    output:
        # A finished run is never deleted for being made again: training it finds nothing to do.
        local(update(f"{RUNS}/{{name}}/seed{{seed}}/run.json")),
    log:
        # The page. As a log it is kept when the run fails, with the traceback.
        local(f"{BOOK}/runs/{{name}}-seed{{seed}}.ipynb"),
    params:
        model=lambda wildcards: entry(wildcards).model,
        recipe=lambda wildcards: entry(wildcards).recipe,
        parameters=parameters,
    threads: 4
    resources:
        mem_mb=lambda wildcards: MEMORY.get(entry(wildcards).model, MEMORY[""]),
        runtime=lambda wildcards: RUNTIME.get(entry(wildcards).model, RUNTIME[""]),
    shell:
        "papermill notebooks/train.ipynb {log:q}"
        " -p model {params.model:q} -p recipe {params.recipe:q} -p seed {wildcards.seed}"
        " {params.parameters}"


rule set_aside:
    output:
        local(directory(f"{RUNS}/.replaced/{{name}}-seed{{seed}}-{{time}}")),
    shell:
        "python -m fer_lib.sweep set-aside --runs {RUNS:q} {wildcards.name}-seed{wildcards.seed}"


onstart:
    # Without --config runs=..., drawn faces would not end up where they are expected.
    if "runs" not in config and sweep.missing(ENTRIES.values(), RUNS):
        sweep.check_data(config.get("data", ""))
