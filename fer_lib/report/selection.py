"""Which runs the report is made of.

:func:`load` chooses the runs once for all pages: finished runs on FER2013 if there is one, else
demo runs, never both. A row of a table is an entry of the study (``runs/study.toml``), whether or
not its run has been made; runs by the recipes of one group of the study count together.
Runs outside the study are listed but enter no table of results.
"""

import os
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fer_lib import data, paths, runs
from fer_lib.data import record
from fer_lib.data.dataset import OFFICIAL_COUNTS
from fer_lib.data.record import Record
from fer_lib.errors import RunError
from fer_lib.runs import Run, study
from fer_lib.runs.study import Entry


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
        """The group of recipes that Table 1 and the test results are made from."""
        return self.entries[0].group

    @property
    def models(self) -> list[str]:
        """The models of the main recipe, in the study's order."""
        return [model for model, recipe in self.groups if recipe == self.recipe]

    @property
    def groups(self) -> list[tuple[str, str]]:
        """Model and group of every row that the study has, in its order."""
        return list(dict.fromkeys((entry.model, entry.group) for entry in self.entries))

    def seeds(self, model: str, recipe: str = "") -> list[Run]:
        """The study's finished runs of a model and a recipe ("" for the main one), by seed."""
        pair = (model, recipe or self.recipe)
        wanted = {entry for entry in self._made if (entry.model, entry.group) == pair}
        return [
            self._made[entry]
            for entry in sorted(wanted, key=lambda entry: (entry.seed, entry.recipe))
        ]

    @property
    def seeds_by_model(self) -> list[list[Run]]:
        """The finished runs of each model of the main recipe, for what is pooled over models."""
        return [self.seeds(model) for model in self.models]

    def run(self, entry: Entry) -> Run | None:
        """The run that fills the place of an entry of the study."""
        return self._made.get(entry)

    @property
    def made(self) -> int:
        """How many runs of the study are made."""
        return len({run.folder for run in self._made.values()})

    @property
    def planned(self) -> int:
        """How many runs the study names; one that stands in two of its tables counts once."""
        return len(set(self.entries))

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
        made = {}
        for entry in self.entries:
            if run := found.get((entry.name, entry.seed)):
                made[entry] = run
        return made

    @property
    def counts(self) -> dict[str, list[int]]:
        """Images by split and class: of the runs' data, or of FER2013's file without runs."""
        return self.runs[0].info["data"]["counts"] if self.runs else OFFICIAL_COUNTS

    @property
    def fingerprints(self) -> Counter:
        """How many runs were made on which content of the data."""
        return Counter(run.info["data"]["fingerprint"] for run in self.runs)

    @cached_property
    def record(self) -> Record | None:
        """What is known of the data that most runs were made on; None without a record.

        Raises DataError if the record is damaged.
        """
        for fingerprint, _ in self.fingerprints.most_common():
            if record.folder(self.root, fingerprint).exists():
                return record.read(self.root, fingerprint)
        return None


def load(root: Path | None = None) -> Report:
    """Reads the runs that the report is made of.

    Args:
        root: the folder of run folders; None for ``paths.RUNS``.

    Raises:
        RunError: a run folder is damaged, or FER_RUNS names no folder.
        ParameterError: the study file is.
    """
    root = Path(root or paths.RUNS)
    # Without it the folder may be missing: then no run has been made yet.
    if root == paths.RUNS and os.environ.get("FER_RUNS") and not root.is_dir():
        raise RunError(f"FER_RUNS: {root} is no folder; correct it, or make that folder")
    found = runs.find(root)
    real = [run for run in found if run.info["data"]["name"] == data.FER2013]
    if not found and (root / "demo").is_dir():
        root = root / "demo"
        found = runs.find(root)
    return Report(root, tuple(real or found), tuple(study.entries(study.file(root))))
