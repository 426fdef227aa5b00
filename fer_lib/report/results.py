"""One table for the whole report: a row for each finished run of the study.

A *name* stands for a model by the recipes of one group: ``model2`` for the study's first group, on
which Table 1 rests, ``model2_class_weights`` for another. All runs of a name count together.
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
from fer_lib.data import EMOTIONS, record
from fer_lib.data.dataset import OFFICIAL_COUNTS
from fer_lib.data.record import Record
from fer_lib.runs import Run, study
from fer_lib.runs.study import Entry

#: Lists the runs that the book's sentences were written for, with a digest of each.
WRITTEN_FOR = paths.ROOT / "book" / "written_for.json"


#: Names of models that are no "Model 3".
TITLES = {"efficientnetb0": "EfficientNetB0", "efficientnet_lite0": "EfficientNet-Lite0"}


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
    def missing(self) -> list[Entry]:
        return [entry for entry in self.entries if entry not in self.made]

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
        parts = [entry.model] + [entry.group] * (entry.group != self.entries[0].group)
        return "_".join(parts).replace("-", "_")

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

        Columns ``name``, ``model``, ``group``, ``recipe``, ``seed``; after the last epoch
        ``train``,
        ``val`` and ``test`` (accuracies, 0-1), ``train_loss``, ``val_loss`` and ``test_loss``
        (nats), ``confidence`` and ``ece`` (test, 0-1) and the test F1 of each emotion; after the
        epoch with the best validation accuracy ``val_best`` and ``test_best``; ``overfit``,
        training minus validation accuracy; and of the test F1 ``happy_lead`` over the next best
        emotion, ``fear_sad_lag`` of both behind all others, ``disgusted_lead`` over the mean.
        """
        rows = [self._row(entry, run) for entry, run in self.made.items()]
        return pd.DataFrame(rows)

    def _row(self, entry: Entry, run: Run) -> dict[str, object]:
        last, metrics = run.history.iloc[-1], run.metrics
        report = evaluation.classification_report(run.labels("test"), run.probabilities("test"))
        f1 = report["f1-score"][list(EMOTIONS)]
        return {
            "name": self.name(entry),
            "model": entry.model,
            "group": entry.group,
            "recipe": entry.recipe,
            "seed": entry.seed,
            "train": last["accuracy"],
            "train_loss": last["loss"],
            "val": metrics["validation"]["accuracy"],
            "val_loss": metrics["validation"]["loss"],
            "test": metrics["test"]["accuracy"],
            "test_loss": metrics["test"]["loss"],
            "val_best": metrics["validation_best"]["accuracy"],
            "test_best": metrics["test_best"]["accuracy"],
            "confidence": float(run.probabilities("test").max(axis=1).mean()),
            "ece": metrics["test"]["expected_calibration_error"],
            **f1,
            "overfit": last["accuracy"] - metrics["validation"]["accuracy"],
            "happy_lead": f1["Happy"] - f1.drop("Happy").max(),
            "fear_sad_lag": f1.drop(["Fear", "Sad"]).min() - f1[["Fear", "Sad"]].max(),
            "disgusted_lead": f1["Disgusted"] - f1.mean(),
        }

    def values(self, name: str, column: str) -> np.ndarray:
        """One number for each run of a name (float64, may be empty)."""
        if not self.made:
            return np.empty(0)
        return self.table.loc[self.table["name"] == name, column].to_numpy(float)

    def spread(self, column: str) -> float:
        """The standard deviation of a column between runs of a model, pooled over ``models``."""
        sides = [side for name in self.models if len(side := self.values(name, column)) > 1]
        squares = sum(((side - side.mean()) ** 2).sum() for side in sides)
        return float(np.sqrt(squares / sum(len(side) - 1 for side in sides))) if sides else np.nan

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


def title(name: str) -> str:
    """A name as people write it: "Model 2", "Model 2, class weights", "EfficientNet-Lite0, ..."."""
    model = next(one for one in sorted(models.MODELS, key=len)[::-1] if name.startswith(one))
    shown = TITLES.get(model, re.sub(r"^model(?=\d)", "Model ", model))
    group = name.removeprefix(model).strip("_").replace("_", " ")
    return f"{shown}, {group}" if group else shown


def load(root: Path = paths.RUNS) -> Results:
    """Reads the runs of a folder's study (its ``study.toml``, or else the checkout's).

    Raises:
        RunError: a run folder is damaged.
        ParameterError: the study file is.
    """
    found = {(run.name, run.seed): run for run in runs.find(root)}
    entries = tuple(study.entries(study.file(root)))
    made = {e: found[e.name, e.seed] for e in entries if (e.name, e.seed) in found}
    return Results(Path(root), entries, made)


def digests(results: Results) -> dict[str, str]:
    """A digest of each run's ``run.json``, by its folder: what ``written_for.json`` holds."""
    return {
        f"{run.name}/seed{run.seed}": hashlib.sha256(
            (run.folder / "run.json").read_bytes()
        ).hexdigest()[:12]
        for run in results.runs
    }
