"""Which runs the report is made of, and the tables of a single run.

:func:`load` chooses the runs once for all pages: finished runs on FER2013 if there is one, else
demo runs, never both. A row of a table is an entry of the study (``runs/study.toml``), whether or
not its run has been made; runs outside the study are listed but enter no table of results.
"""

import html
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from fer_lib import data, evaluation, markup, paths, runs, study
from fer_lib.data import record
from fer_lib.data.record import Record
from fer_lib.errors import DataError
from fer_lib.runs import Run
from fer_lib.study import Entry


@dataclass(frozen=True)
class Report:
    """The runs of a report and the study that they belong to.

    Attributes:
        root: the folder that the runs were read from.
        runs: all finished runs in it on one kind of data, ordered by name and seed.
        entries: the runs of the study, made or not.
    """

    root: Path
    runs: tuple[Run, ...]
    entries: tuple[Entry, ...]

    @property
    def is_demo(self) -> bool:
        """Whether the runs were not made on FER2013."""
        return any(run.info["data"]["name"] != data.FER2013 for run in self.runs)

    @property
    def recipe(self) -> str:
        """The recipe that Table 1 and the test results are made from."""
        return self.entries[0].recipe

    @property
    def models(self) -> list[str]:
        """The models of the main recipe, in the study's order."""
        return [model for model, recipe in self.groups if recipe == self.recipe]

    @property
    def groups(self) -> list[tuple[str, str]]:
        """Model and recipe of every row that the study has, in its order."""
        return list(dict.fromkeys((entry.model, entry.recipe) for entry in self.entries))

    def seeds(self, model: str, recipe: str = "") -> list[Run]:
        """The study's finished runs of a model and a recipe ("" for the main one), by seed."""
        pair = (model, recipe or self.recipe)
        wanted = {entry for entry in self._made if (entry.model, entry.recipe) == pair}
        return [self._made[entry] for entry in sorted(wanted, key=lambda entry: entry.seed)]

    @property
    def missing(self) -> list[Entry]:
        """The entries of the study that have no run yet."""
        return [entry for entry in self.entries if entry not in self._made]

    @property
    def others(self) -> list[Run]:
        """The runs that the study does not name."""
        named = {run.folder for run in self._made.values()}
        return [run for run in self.runs if run.folder not in named]

    @cached_property
    def _made(self) -> dict[Entry, Run]:
        found = {(run.name, run.seed): run for run in self.runs}
        keys = {entry: (entry.name, entry.seed) for entry in self.entries}
        return {entry: found[key] for entry, key in keys.items() if key in found}

    @property
    def fingerprints(self) -> Counter:
        """How many runs were made on which content of the data."""
        return Counter(run.info["data"]["fingerprint"] for run in self.runs)

    @cached_property
    def record(self) -> Record | None:
        """What is known of the data that most runs were made on; None without a record."""
        for fingerprint, _ in self.fingerprints.most_common():
            try:
                return record.read(self.root, fingerprint)
            except DataError:
                continue
        return None


def load(root: Path | None = None) -> Report:
    """Reads the runs that the report is made of.

    Args:
        root: the folder of run folders; None for ``paths.RUNS``.

    Raises:
        RunError: a run folder is damaged.
        ParameterError: the study file is.
    """
    root = Path(root or paths.RUNS)
    found = runs.find(root)
    real = [run for run in found if run.info["data"]["name"] == data.FER2013]
    if not found and (root / "demo").is_dir():
        root = root / "demo"
        found = runs.find(root)
    return Report(root, tuple(real or found), tuple(study.entries(study.file(root))))


def banner(report: Report):
    """Says at the top of a page what its numbers are made from, loudly if not from FER2013."""
    if not report.runs:
        return markup.admonition(
            "danger",
            "No runs yet",
            "There is nothing to report. Make the demo runs with <code>make demo</code>, or train "
            "on FER2013 with <code>python -m fer_lib.sweep train --data PATH</code>.",
        )
    if report.is_demo:
        names = markup.join(sorted({html.escape(run.info["data"]["name"]) for run in report.runs}))
        return markup.admonition(
            "danger fer-demo",
            "Demo results: these are not results on FER2013",
            f"Every number on this page comes from runs on <b>{names}</b>, made to show that the "
            "report works. They say nothing about real faces.",
        )
    return _state_of_study(report)


def _state_of_study(report: Report):
    """How much of the study on FER2013 stands, and whether its data is one and the same."""
    planned, missing = len(report.entries), len(report.missing)
    text = f"{planned - missing} of the study's {planned} runs on FER2013 are made"
    text += f"; the others are marked “{markup.NOT_RUN}”." if missing else "."
    if len(report.fingerprints) > 1:
        text += (
            f" The runs were made on {len(report.fingerprints)} versions of the data that differ "
            "in content: compare them with care (see the environment page)."
        )
    return markup.admonition("note", "What this page is made from", text)


def layer_table(layers: list[dict[str, Any]], caption: str = "The model, layer by layer."):
    """Layers as ``architecture.layers`` gives them, with parameters and multiply-adds."""
    total = {key: sum(layer[key] for layer in layers) for key in ("parameters", "multiply_adds")}
    frame = pd.DataFrame(
        {
            "type": layer.get("type", ""),
            "output": " × ".join(map(str, layer.get("output_shape", []))),
            "parameters": f"{layer['parameters']:,}",
            "multiply-adds": f"{layer['multiply_adds']:,}",
        }
        for layer in [*layers, total]
    )
    frame.index = pd.Index([*(layer["name"] for layer in layers), "total"])
    return markup.table(frame, caption)


def classification_table(run: Run, split: str = "test"):
    """The classification report of a run, in scikit-learn's layout."""
    scores = evaluation.classification_report(run.labels(split), run.probabilities(split))
    frame = scores.map(lambda value: markup.number(value, 2)).assign(support=scores["support"])
    frame.loc["accuracy", ["precision", "recall"]] = ""
    return markup.table(frame, f"Classification report of {title(run)} on the {split} split.")


def run_facts(run: Run):
    """What made a run: data, recipe, versions, device, times."""
    info = run.info
    facts = {
        "data": f"{info['data']['name']}, fingerprint {info['data']['fingerprint'][:12]}",
        "recipe": ", ".join(f"{key} {value}" for key, value in run.recipe.items()),
        "seed": run.seed,
        "device": f"{info.get('device', '?')}, {info.get('machine', {}).get('processor', '?')}",
        "backend": info.get("backend", "?"),
        "versions": ", ".join(f"{name} {v}" for name, v in info.get("versions", {}).items()),
        "finished": info.get("finished", "?"),
        "training time": markup.duration(info.get("seconds", 0)),
    }
    frame = pd.DataFrame({"value": [str(value) for value in facts.values()]}, index=list(facts))
    return markup.table(frame, f"What made {title(run)}.")


def title(run: Run) -> str:
    """A run's name for a reader: "model2-original, seed 0"."""
    return f"{run.name}, seed {run.seed}"


def model_title(model: str) -> str:
    """A model's name as the original report writes it: "Model 3", "EfficientNetB0"."""
    known = {"efficientnetb0": "EfficientNetB0", "efficientnet_lite0": "EfficientNet-Lite0"}
    if model.removeprefix("model").isdigit():
        return f"Model {model.removeprefix('model')}"
    return known.get(model, model)
