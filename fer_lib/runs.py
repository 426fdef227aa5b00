"""Run folders: what one training run leaves behind, and all that the report ever reads.

``<runs>/<name>/seed<k>/`` holds

- ``run.json``: the resolved recipe, the data's fingerprint, versions, device, times and metrics;
- ``history.csv``: one row an epoch;
- ``predictions.npz``: softmax probabilities and labels of the validation and the test split.

A folder appears under its name in one rename, whole or not at all. Nothing in it is a pickle.
"""

import json
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fer_lib.errors import RunError

FORMAT = 1
SPLITS = ("validation", "test")
HISTORY_COLUMNS = (
    "epoch",
    "accuracy",
    "loss",
    "val_accuracy",
    "val_loss",
    "learning_rate",
    "seconds",
)
REQUIRED_KEYS = ("format", "name", "model", "recipe", "seed", "data", "metrics")


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

    @cached_property
    def history(self) -> pd.DataFrame:
        """One row an epoch, columns ``HISTORY_COLUMNS`` (epochs count from 1)."""
        path = self.folder / "history.csv"
        try:
            history = pd.read_csv(path)
        except (OSError, ValueError) as error:
            raise RunError(
                f"{path}: cannot be read ({error}); restore the file or make the run again"
            ) from None
        missing = [column for column in HISTORY_COLUMNS if column not in history]
        if missing or history.empty:
            raise RunError(f"{path}: no rows or no column {', '.join(missing)}; make the run again")
        return history

    @cached_property
    def predictions(self) -> dict[str, np.ndarray]:
        """Arrays by name, for each split: its ``<split>_labels`` (uint8, N), the probabilities
        after the last epoch ``<split>`` and after the best epoch by validation accuracy
        ``<split>_best`` (float32, N x 7)."""
        path = self.folder / "predictions.npz"
        names = [split + suffix for split in SPLITS for suffix in ("_labels", "", "_best")]
        try:
            with np.load(path, allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in names}
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise RunError(
                f"{path}: cannot be read ({error}); restore the file or make the run again"
            ) from None
        for split in SPLITS:
            count = len(arrays[f"{split}_labels"])
            for name in (split, f"{split}_best"):
                if arrays[name].shape != (count, 7):
                    raise RunError(
                        f"{path}: {name} has shape {arrays[name].shape}, expected ({count}, 7)"
                    )
        return arrays

    def probabilities(self, split: str, best: bool = False) -> np.ndarray:
        """Softmax probabilities (float32, N x 7) of a split after the last (or the best) epoch."""
        return self.predictions[f"{split}_best" if best else split]

    def labels(self, split: str) -> np.ndarray:
        """True labels (uint8, N) of a split."""
        return self.predictions[f"{split}_labels"]


def folder(root: Path, name: str, seed: int) -> Path:
    """The folder of a run."""
    return Path(root) / name / f"seed{seed}"


def read(path: Path) -> Run:
    """Reads one run folder.

    Raises:
        RunError: there is none, or its ``run.json`` is damaged.
    """
    path = Path(path)
    file = path / "run.json"
    try:
        info = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunError(f"{file}: no such run; train it with notebooks/train.ipynb") from None
    except (OSError, ValueError, RecursionError) as error:
        raise RunError(
            f"{file}: cannot be read ({error}); restore the file or make the run again"
        ) from None
    if not isinstance(info, dict) or any(key not in info for key in REQUIRED_KEYS):
        raise RunError(f"{file}: not a run, it lacks one of {', '.join(REQUIRED_KEYS)}")
    if info["format"] != FORMAT:
        raise RunError(f"{file}: format {info['format']!r}, this version reads {FORMAT}")
    return Run(path, info)


def find(root: Path) -> list[Run]:
    """All finished runs directly under ``root``, ordered by name and seed."""
    found = [read(file.parent) for file in Path(root).glob("*/seed*/run.json")]
    return sorted(found, key=lambda run: (run.name, run.seed))


def exists(path: Path) -> bool:
    """Whether a finished run lies at ``path``."""
    return (Path(path) / "run.json").is_file()


def write(
    path: Path, info: dict[str, Any], history: pd.DataFrame, predictions: dict[str, np.ndarray]
) -> Run:
    """Writes a run folder in one rename, so that it is there whole or not at all.

    Args:
        path: the run's folder, which must not hold a run yet.
        info: what becomes ``run.json``.
        history: one row an epoch.
        predictions: see :attr:`Run.predictions`.

    Raises:
        RunError: a run is there already, or the folder cannot be written.
    """
    path = Path(path)
    if exists(path):
        raise RunError(f"{path}: holds a finished run; delete it or choose another runs folder")
    staging = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
        staging.chmod(0o755)
        history.to_csv(staging / "history.csv", index=False)
        np.savez_compressed(staging / "predictions.npz", **predictions)
        text = json.dumps({"format": FORMAT, **info}, indent=2, allow_nan=False)
        (staging / "run.json").write_text(text + "\n", encoding="utf-8")
        staging.rename(path)
    except OSError as error:
        raise RunError(
            f"{path}: cannot be written ({error}); training is kept, free the disk and run again"
        ) from None
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)
    return Run(path, {"format": FORMAT, **info})
