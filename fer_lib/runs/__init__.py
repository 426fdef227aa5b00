"""Run folders: what one training run leaves behind, and all that the report ever reads.

``<runs>/<name>/seed<k>/`` holds

- ``run.json``: the resolved recipe, the data's fingerprint, versions, device, times and metrics,
  and what each of its sessions was made with;
- ``history.csv``: one row an epoch;
- ``predictions.npz``: softmax probabilities and labels of the validation and the test split;
- ``model.keras``: the model after the last epoch, where it was trained: git ignores it.

A folder appears under its name in one rename, whole or not at all. Nothing in it is a pickle.
"""

import json
import math
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fer_lib import evaluation, files
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
#: How far two computations of the same figure may differ, relatively.
ROUNDING = 1e-5
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
        try:
            history = pd.read_csv(path)
            numbers = history[list(HISTORY_COLUMNS)].to_numpy(np.float64)
        except (OSError, KeyError, ValueError, OverflowError) as error:
            raise RunError(f"{path}: cannot be read ({files.one_line(error)}); {REMEDY}") from None
        epochs = self.recipe["epochs"]
        counts = np.array_equal(history["epoch"], range(1, epochs + 1))
        if not counts or not np.isfinite(numbers).all():
            raise RunError(f"{path}: needs a row of numbers for each of {epochs} epochs; {REMEDY}")
        return history

    @cached_property
    def predictions(self) -> dict[str, np.ndarray]:
        """Arrays by name, for each split: its ``<split>_labels`` (uint8, N), the probabilities
        after the last epoch ``<split>`` and after the best epoch by validation accuracy
        ``<split>_best`` (float32, N x 7)."""
        path = self.folder / "predictions.npz"
        arrays = files.read_arrays(path, REMEDY)
        names = [split + suffix for split in SPLITS for suffix in ("_labels", "", "_best")]
        if missing := set(names) - set(arrays):
            raise RunError(f"{path}: lacks {', '.join(sorted(missing))}; {REMEDY}")
        return {name: arrays[name] for name in names}

    @cached_property
    def metrics(self) -> dict[str, dict[str, float]]:
        """For each split, ``<split>`` after the last epoch and ``<split>_best`` after the best, the
        figures of :func:`fer_lib.evaluation.metrics`, as ``run.json`` has them.

        Accuracy and loss are what the predictions give, or it is a RunError.
        """
        for name in (split + suffix for split in SPLITS for suffix in ("", "_best")):
            arrays = self.labels(name.removesuffix("_best")), self.predictions[name]
            found = {
                "accuracy": evaluation.correct(*arrays).mean(),
                "loss": evaluation.cross_entropy(*arrays).mean(),
            }
            for key, value in found.items():
                recorded = self.info["metrics"][name][key]
                if not math.isclose(recorded, value, rel_tol=ROUNDING):
                    raise RunError(
                        f"{self.folder / 'run.json'}: {key} of {name} is {recorded}, "
                        f"predictions.npz gives {value:.6f}; {REMEDY}"
                    )
        return self.info["metrics"]

    def probabilities(self, split: str, best: bool = False) -> np.ndarray:
        """Softmax probabilities (float32, N x 7) of a split after the last (or the best) epoch."""
        return self.predictions[f"{split}_best" if best else split]

    def labels(self, split: str) -> np.ndarray:
        """True labels (uint8, N) of a split."""
        return self.predictions[f"{split}_labels"]


def best_epoch(val_accuracy: Sequence[float]) -> int:
    """The first epoch, from 1 on, with the highest validation accuracy."""
    return 1 + int(np.argmax(val_accuracy))


def folder(root: Path, name: str, seed: int) -> Path:
    """The folder of a run."""
    return Path(root) / name / f"seed{seed}"


def read(path: Path) -> Run:
    """Reads one run folder.

    Raises:
        RunError: there is none, or its ``run.json`` is damaged.
    """
    file = Path(path) / "run.json"
    try:
        info = json.loads(file.read_text(encoding="utf-8"))
        if info["format"] != FORMAT:
            raise RunError(f"{file}: format {info['format']!r}, this version reads {FORMAT}")
        if missing := {"name", "model", "recipe", "seed", "data", "metrics"} - set(info):
            raise ValueError(f"it lacks {', '.join(sorted(missing))}")
    except FileNotFoundError:
        raise RunError(f"{file}: no such run; train it with notebooks/train.ipynb") from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise RunError(f"{file}: cannot be read ({files.one_line(error)}); {REMEDY}") from None
    return Run(Path(path), info)


def find(root: Path) -> list[Run]:
    """All finished runs directly under ``root``, ordered by name and seed.

    Raises:
        RunError: a ``run.json`` is damaged, or lies in the folder of another run; ``root`` is
            no folder.
    """
    check_root(root)
    found = [read(file.parent) for file in Path(root).glob("*/seed*/run.json")]
    for run in found:
        if run.folder != (own := folder(root, run.name, run.seed)):
            raise RunError(
                f"{run.folder}: holds the run {run.name}, seed {run.seed}; move it to {own}, or "
                "delete it if that is there"
            )
    return sorted(found, key=lambda run: (run.name, run.seed))


def check_root(root: Path) -> None:
    """Raises RunError if ``root`` is something else than a folder; it need not be there yet."""
    if os.path.lexists(root) and not Path(root).is_dir():
        raise RunError(f"{root}: is no folder, so no runs are in it; name the folder of the runs")


def exists(path: Path) -> bool:
    """Whether a finished run lies at ``path``."""
    return (Path(path) / "run.json").is_file()


def check_free(path: Path) -> None:
    """Raises RunError if something lies at ``path``, where a run is to be written."""
    if os.path.lexists(path):
        raise RunError(f"{path}: is there, but is no run to be made; move it away or delete it")


def write(path: Path, info: dict, history: pd.DataFrame, predictions: dict, model=None) -> Run:
    """Writes a run folder in one rename, so that it is there whole or not at all.

    Args:
        path: the run's folder, which must not be there yet and is nobody else's work now:
            what a killed process left beside it is removed.
        info: what becomes ``run.json``.
        history: one row an epoch.
        predictions: see :attr:`Run.predictions`.
        model: the ``keras.Model`` after the last epoch, which Keras must load by itself.

    Raises:
        RunError: something lies there already, or the folder cannot be written.
    """
    path = Path(path)
    check_free(path)
    staging = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for stale in path.parent.glob(f".{path.name}-*"):  # of a process killed right here
            shutil.rmtree(stale, ignore_errors=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
        staging.chmod(0o755)
        history.to_csv(staging / "history.csv", index=False)
        np.savez_compressed(staging / "predictions.npz", **predictions)
        if model is not None:
            model.save(staging / "model.keras")
        text = json.dumps({"format": FORMAT, **info}, indent=2, allow_nan=False)
        (staging / "run.json").write_text(text + "\n", encoding="utf-8")
        for file in staging.iterdir():
            with file.open("r+b") as stream:
                os.fsync(stream.fileno())  # else a power cut can leave an empty file
        staging.rename(path)
    except OSError as error:
        raise RunError(
            f"{path}: cannot be written ({files.one_line(error)}); "
            "training is kept, make room and run the same command again"
        ) from None
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)
    return Run(path, {"format": FORMAT, **info})
