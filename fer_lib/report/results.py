"""One table for the whole report: a row for each finished run of the study.

A *name* stands for a model by the recipes of one group: ``model2`` for the study's first group, on
which Table 1 rests, ``model2_class_weights`` for another; ``compact`` for that model by the recipe
that is called as it is. All runs of a name count together.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from fer_lib import data, evaluation, models, paths, runs
from fer_lib.data import record, votes
from fer_lib.data.dataset import OFFICIAL_COUNTS
from fer_lib.data.record import Record
from fer_lib.errors import ParameterError
from fer_lib.report import columns
from fer_lib.report.columns import COLUMNS
from fer_lib.report.statistics import reach
from fer_lib.runs import Run, study
from fer_lib.runs.study import Entry

#: Lists the runs that the book's sentences were written for, with a digest of each.
WRITTEN_FOR = paths.ROOT / "book" / "written_for.json"
#: The mask of test images that stand in the training or validation split too.
COPIES = "test_copy_of_train_or_validation"
#: Names of models that are not written like "Model 3".
TITLES = {
    "efficientnetb0": "EfficientNetB0",
    "efficientnet_lite0": "EfficientNet-Lite0",
    "compact_half": "Compact, half as wide",
}


@dataclass(frozen=True)
class Results:
    """The runs of a study, read once for all pages.

    Attributes:
        root: the folder that the runs were read from.
        entries: the runs of the study, made or not, in its order.
        made: the finished ones among them.
    """

    root: Path
    entries: tuple[Entry, ...]
    made: dict[Entry, Run]

    @property
    def runs(self) -> list[Run]:
        return list(self.made.values())

    @property
    def is_demo(self) -> bool:
        """Whether any run was made on something else than FER2013."""
        return any(run.info["data"]["name"] != data.FER2013 for run in self.runs)

    @cached_property
    def is_draft(self) -> bool:
        """Whether the book's sentences were written for other runs than these."""
        return digests(self) != json.loads(WRITTEN_FOR.read_text(encoding="utf-8"))

    def name(self, entry: Entry) -> str:
        """What model and group are called in tables, claims and sentences."""
        is_usual = entry.group == self.entries[0].group or entry.model.startswith(entry.group)
        return "_".join([entry.model, entry.group][: 2 - is_usual]).replace("-", "_")

    @cached_property
    def names(self) -> list[str]:
        """Every name that the study has, trained or not, in its order."""
        return list(dict.fromkeys(map(self.name, self.entries)))

    @cached_property
    def models(self) -> list[str]:
        """The models of the study's first group, which Table 1 and most figures show."""
        first = self.entries[0].group
        return list(dict.fromkeys(e.model for e in self.entries if e.group == first))

    def of(self, name: str) -> list[Run]:
        """The finished runs of a name, by recipe and seed."""
        return [run for entry, run in self.made.items() if self.name(entry) == name]

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row for each finished run.

        ``arithmetic``, multiply-adds for an image in all epochs; accuracies (0-1) and losses (nats)
        after the last epoch and the ``best`` one, by ten ``views``, at the ``peak`` of the test
        accuracy; ``overfit``, training minus validation accuracy; of the test images ``confidence``
        and ``ece`` (0-1), each emotion's F1, and by F1 the leads of Happy over the next best, of
        Disgusted over the mean, the lag of Fear and Sad.
        """
        rows = [
            {"name": self.name(entry), **columns.of_run(run)} for entry, run in self.made.items()
        ]
        table = pd.DataFrame(rows, columns=["name", *COLUMNS])
        return table.astype(dict.fromkeys(COLUMNS, float))

    def values(self, name: str, column: str) -> np.ndarray:
        """One number for each run of a name (float64, may be empty)."""
        return self.table.loc[self.table["name"] == name, column].to_numpy(float)

    def mean(self, name: str, column: str) -> float:
        """The mean over the runs of a name; NaN without runs."""
        values = self.values(name, column)
        return float(values.mean()) if len(values) else np.nan

    def reach(self, name: str, column: str) -> float:
        """How far from the mean of a name a further run falls, see ``statistics.reach``."""
        sides = [self.values(one, column) for one in self.models]
        return reach(sides, len(self.values(name, column)))

    @property
    def counts(self) -> dict[str, list[int]]:
        """Images by split and class: of the runs' data, or of FER2013's file without runs."""
        return self.runs[0].info["data"]["counts"] if self.made else OFFICIAL_COUNTS

    @cached_property
    def record(self) -> Record | None:
        """What is known of the data, image by image; None where no record was kept."""
        prints = {run.info["data"]["fingerprint"] for run in self.runs}
        kept = [one for one in sorted(prints) if record.folder(self.root, one).exists()]
        return record.read(self.root, kept[0]) if kept else None

    def masks(self, kind: str) -> dict[str, np.ndarray]:
        """Parts of the test images by name: "copies", or "voters" by how far they agreed on a face.

        Only those that have images: none where the data has no record, or the record no votes.
        """
        arrays = self.record.arrays if self.record else {}
        if kind == "copies" and COPIES in arrays:
            copied = arrays[COPIES].astype(bool)
            found = {"all": np.ones_like(copied), "no copies": ~copied, "copies": copied}
        elif kind == "voters" and "test_votes" in arrays:
            codes = votes.agreement(arrays["test_votes"])
            found = {name: codes == code for code, name in enumerate(votes.AGREEMENT[:-1])}
        else:
            found = {}
        return {name: mask for name, mask in found.items() if mask.any()}

    def on_masks(self, kind: str, *names: str, score=evaluation.accuracy) -> pd.DataFrame:
        """Test accuracy (0-1), or another score, by mask; a row for each run of names, or of
        ``models``, on the record's images."""
        masks, rows, names = self.masks(kind), [], names or self.models
        for name, run in [(one, run) for one in names if masks for run in self.of(one)]:
            labels, answers = run.labels("test"), run.probabilities("test")
            if np.array_equal(labels, self.record.arrays["test_labels"]):
                scores = (score(labels[mask], answers[mask]) for mask in masks.values())
                rows.append([name, *scores])
        return pd.DataFrame(rows, columns=["name", *masks]).set_index("name")


def title(name: str) -> str:
    """A name as people write it: "Model 2", "Model 2, class weights", "EfficientNet-Lite0, ..."."""
    model = max(filter(name.startswith, models.MODELS), key=len, default=None)
    if model is None:
        raise ParameterError(f"{name!r} is no column and begins with no model's name")
    shown = TITLES.get(model, re.sub(r"(?=\d)", " ", model.capitalize()))
    group = name.removeprefix(model).strip("_").replace("_", " ")
    return f"{shown}, {group}" if group else shown


def load(root: Path = paths.RUNS) -> Results:
    """Reads the runs of a folder's study (its ``study.toml``, or else the checkout's).

    Raises:
        RunError: a run folder is damaged.
        ParameterError: the study file is.
    """
    entries = tuple(study.entries(study.file(root)))
    folders = {one: runs.folder(root, one.name, one.seed) for one in entries}
    made = {one: runs.read(folder) for one, folder in folders.items() if runs.exists(folder)}
    return Results(Path(root), entries, made)


def digests(results: Results) -> dict[str, str]:
    """A digest of each run's ``run.json``, by its folder: what ``written_for.json`` holds."""
    found = {}
    for run in results.runs:
        content = (run.folder / "run.json").read_bytes()
        found[f"{run.name}/seed{run.seed}"] = hashlib.sha256(content).hexdigest()[:12]
    return found
