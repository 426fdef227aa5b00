"""One finished run, as the report reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fer_lib import files
from fer_lib.errors import RunError

#: The splits that no training learns from.
HELD_OUT = ("validation", "test")
HISTORY_COLUMNS = (
    *("epoch", "accuracy", "loss", "val_accuracy", "val_loss", "learning_rate", "seconds"),
)
REMEDY = "restore the file, or delete the folder and make the run again"


@dataclass(frozen=True)
class Run:
    """One finished training run, read from its folder.

    Attributes:
        folder: where it lies.
        info: the content of ``run.json``.
    """

    folder: Path
    info: dict[str, Any]

    @property
    def name(self) -> str:
        return self.info["name"]

    @property
    def model(self) -> str:
        return self.info["model"]

    @property
    def recipe(self) -> dict[str, Any]:
        return self.info["recipe"]

    @property
    def seed(self) -> int:
        return self.info["seed"]

    @property
    def sessions(self) -> list[dict[str, Any]]:
        """What each process that trained was made with; the last alone where no more is known."""
        return self.info.get("sessions") or [self.info]

    @cached_property
    def history(self) -> pd.DataFrame:
        """One row an epoch, columns ``HISTORY_COLUMNS`` (epochs count from 1)."""
        path = self.folder / "history.csv"
        with files.told(RunError, path, REMEDY):
            return pd.read_csv(path)[list(HISTORY_COLUMNS)]

    @cached_property
    def predictions(self) -> dict[str, np.ndarray]:
        """Arrays by name, for each split: its ``<split>_labels`` (uint8, N), the probabilities
        after the last epoch ``<split>`` and after the best epoch by validation accuracy
        ``<split>_best`` (float32, N x 7). By a recipe with ``all_answers`` also the means over ten
        views ``<split>_views`` and the answers of each epoch ``test_answers`` (uint8, epochs x N).
        """
        return files.read_arrays(self.folder / "predictions.npz", REMEDY)

    @property
    def metrics(self) -> dict[str, dict[str, float]]:
        """For each split, ``<split>`` after the last epoch and ``<split>_best`` after the best, the
        figures of :func:`fer_lib.evaluation.metrics`."""
        return self.info["metrics"]

    def probabilities(self, split: str) -> np.ndarray:
        """Softmax probabilities (float32, N x 7) of a split after the last epoch."""
        return self.predictions[split]

    def labels(self, split: str) -> np.ndarray:
        """True labels (uint8, N) of a split."""
        return self.predictions[f"{split}_labels"]


def best_epoch(val_accuracy: Sequence[float]) -> int:
    """The first epoch, from 1 on, with the highest validation accuracy."""
    return 1 + int(np.argmax(val_accuracy))
