"""Run folders: what one training run leaves behind, and all that the report ever reads.

``<runs>/<name>/seed<k>/`` holds

- ``run.json``: the resolved recipe, the data's fingerprint, versions, device, times and metrics,
  and of an interrupted run what each of its sessions was made with;
- ``history.csv``: one row an epoch;
- ``predictions.npz``: softmax probabilities and labels of the validation and the test split.

A folder appears under its name in one rename, whole or not at all. Nothing in it is a pickle.
"""

import dataclasses
import json
import math
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fer_lib import evaluation, files
from fer_lib.errors import RunError
from fer_lib.evaluation import CLASSES
from fer_lib.recipes import Recipe

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
#: What ``run.json`` must hold, and the type of each value.
REQUIRED_KEYS = {
    "format": int,
    "name": str,
    "model": str,
    "recipe": dict,
    "seed": int,
    "data": dict,
    "metrics": dict,
    "best_epoch": int,
    "multiply_adds": int,
    "backend": str,
    "versions": dict,
    "device": str,
    "machine": dict,
    "started": str,
    "finished": str,
}
#: What each of its ``sessions`` must hold, if it has any.
SESSION_KEYS = {"first_epoch": int, "device": str, "machine": dict, "versions": dict}
#: What ``metrics`` must hold of each split, after the last epoch and after the best.
METRICS = ("accuracy", "loss", "macro_f1", "expected_calibration_error")
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

    @property
    def devices(self) -> list[str]:
        """What it was trained on, session by session: "CPU", or the accelerators in words."""
        return list(dict.fromkeys(session["device"] for session in self.sessions))

    @property
    def trained_on(self) -> str:
        """The accelerators in words, or the processors that did without them."""
        names = (
            str(session["machine"].get("processor", "?"))
            if session["device"] == "CPU"
            else session["device"]
            for session in self.sessions
        )
        return ", then ".join(dict.fromkeys(names))

    @cached_property
    def history(self) -> pd.DataFrame:
        """One row an epoch, columns ``HISTORY_COLUMNS`` (epochs count from 1)."""
        path = self.folder / "history.csv"
        try:
            history = pd.read_csv(path)
        except (OSError, ValueError, OverflowError) as error:
            raise RunError(f"{path}: cannot be read ({files.one_line(error)}); {REMEDY}") from None
        missing = [column for column in HISTORY_COLUMNS if column not in history]
        if missing or history.empty:
            raise RunError(f"{path}: no rows or no column {', '.join(missing)}; {REMEDY}")
        numbers = history[list(HISTORY_COLUMNS)]
        numeric = all(kind.kind in "iuf" for kind in numbers.dtypes)
        if not numeric or not np.isfinite(numbers.to_numpy(np.float64)).all():
            raise RunError(f"{path}: holds something that is not a number; {REMEDY}")
        epochs = self.recipe["epochs"]
        if len(history) != epochs or (history["epoch"] != np.arange(1, len(history) + 1)).any():
            raise RunError(f"{path}: its epochs do not count from 1 to {epochs}; {REMEDY}")
        if best_epoch(history["val_accuracy"]) != self.info["best_epoch"]:
            raise RunError(f"{path}: run.json names another best epoch; {REMEDY}")
        return history

    @cached_property
    def predictions(self) -> dict[str, np.ndarray]:
        """Arrays by name, for each split: its ``<split>_labels`` (uint8, N), the probabilities
        after the last epoch ``<split>`` and after the best epoch by validation accuracy
        ``<split>_best`` (float32, N x 7)."""
        path = self.folder / "predictions.npz"
        arrays = files.read_arrays(path, REMEDY)
        names = [split + suffix for split in SPLITS for suffix in ("_labels", "", "_best")]
        missing = [name for name in names if name not in arrays]
        if missing:
            raise RunError(f"{path}: lacks {', '.join(missing)}; {REMEDY}")
        for split in SPLITS:
            labels = arrays[f"{split}_labels"]
            if (
                labels.ndim != 1
                or labels.dtype.kind not in "iu"
                or not np.isin(labels, CLASSES).all()
            ):
                raise RunError(f"{path}: {split}_labels are not labels from 0 to 6; {REMEDY}")
            if np.bincount(labels, minlength=len(CLASSES)).tolist() != self._counts[split]:
                raise RunError(f"{path}: run.json has other counts of {split} labels; {REMEDY}")
            for name in (split, f"{split}_best"):
                _check_probabilities(path, name, arrays[name], len(labels))
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

    @property
    def _counts(self) -> dict[str, list[int]]:
        return self.info["data"]["counts"]


def _check_probabilities(path: Path, name: str, values: np.ndarray, count: int) -> None:
    if values.shape != (count, len(CLASSES)):
        raise RunError(
            f"{path}: {name} has shape {values.shape}, expected ({count}, {len(CLASSES)}); {REMEDY}"
        )
    if values.dtype.kind != "f" or not ((values >= 0) & (values <= 1.001)).all():
        raise RunError(f"{path}: {name} are not probabilities; {REMEDY}")


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
    path = Path(path)
    file = path / "run.json"
    try:
        info = files.parse_json(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunError(f"{file}: no such run; train it with notebooks/train.ipynb") from None
    except (OSError, ValueError) as error:
        raise RunError(f"{file}: cannot be read ({files.one_line(error)}); {REMEDY}") from None
    if not isinstance(info, dict) or any(key not in info for key in REQUIRED_KEYS):
        raise RunError(f"{file}: not a run, it lacks one of {', '.join(REQUIRED_KEYS)}; {REMEDY}")
    if info["format"] != FORMAT:
        raise RunError(f"{file}: format {info['format']!r}, this version reads {FORMAT}")
    _check(file, info)
    return Run(path, info)


def _check(file: Path, info: dict[str, Any]) -> None:
    """Refuses values of other types than those that everything relies on."""
    for key, expected in REQUIRED_KEYS.items():
        if type(info[key]) is not expected:
            raise RunError(f"{file}: {key} is not of type {expected.__name__}; {REMEDY}")
    for key in ("name", "fingerprint"):
        if not isinstance(info["data"].get(key), str):
            raise RunError(f"{file}: data has no {key}; {REMEDY}")
    _check_recipe(file, info["recipe"])
    if not _is(float, info.get("seconds", 0)):
        raise RunError(f"{file}: seconds is not a number; {REMEDY}")
    for key in ("started", "finished"):
        if not _is_time(info[key]):
            raise RunError(f"{file}: {key} is no time with its time zone; {REMEDY}")
    if not are_sessions(info.get("sessions", [])):
        raise RunError(f"{file}: sessions are damaged; {REMEDY}")
    counts = info["data"].get("counts")
    if not isinstance(counts, dict) or not all(
        _are(int, counts.get(split), len(CLASSES)) for split in ("train", *SPLITS)
    ):
        raise RunError(f"{file}: data has no counts of each split's classes; {REMEDY}")
    for name in (split + suffix for split in SPLITS for suffix in ("", "_best")):
        metrics = info["metrics"].get(name)
        if not isinstance(metrics, dict) or not _are(
            (int, float), [metrics.get(key) for key in METRICS], len(METRICS)
        ):
            raise RunError(f"{file}: metrics of {name} lack one of {', '.join(METRICS)}; {REMEDY}")


def _check_recipe(file: Path, recipe: dict[str, Any]) -> None:
    """Refuses a recipe without its name or length, or with a value that no recipe has."""
    for key, expected in (("name", str), ("epochs", int)):
        if type(recipe.get(key)) is not expected:
            raise RunError(f"{file}: recipe has no {key}; {REMEDY}")
    for field in dataclasses.fields(Recipe):
        if not _is(field.type, recipe.get(field.name, field.default)):
            raise RunError(
                f"{file}: {field.name} of recipe is not of type {field.type.__name__}; {REMEDY}"
            )


def _is(kind: type, value: Any) -> bool:
    """Whether a value from JSON is of a kind; a whole number is a float too."""
    return type(value) is kind or (kind is float and type(value) is int)


def _are(kind: type | tuple[type, ...], values: Any, count: int) -> bool:
    """Whether this is a list of so many values of a kind; True and False are no numbers here."""
    return (
        isinstance(values, list)
        and len(values) == count
        and all(isinstance(value, kind) and not isinstance(value, bool) for value in values)
    )


def are_sessions(value: Any) -> bool:
    """Whether a value from a file is what a run was trained on, process by process."""
    return isinstance(value, list) and all(
        isinstance(one, dict)
        and all(type(one.get(key)) is expected for key, expected in SESSION_KEYS.items())
        for one in value
    )


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


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
            remedy = "delete this copy" if exists(own) else f"move it to {own}"
            raise RunError(f"{run.folder}: holds the run {run.name}, seed {run.seed}; {remedy}")
    return sorted(found, key=lambda run: (run.name, run.seed))


def check_root(root: Path) -> None:
    """Raises RunError if ``root`` is something else than a folder; it need not be there yet."""
    if os.path.lexists(root) and not Path(root).is_dir():
        raise RunError(f"{root}: is no folder, so no runs are in it; name the folder of the runs")


def exists(path: Path) -> bool:
    """Whether a finished run lies at ``path``."""
    return (Path(path) / "run.json").is_file()


def check_free(path: Path) -> None:
    """Raises RunError unless a run can be written to ``path``, as far as what lies there tells."""
    path = Path(path)
    if exists(path):
        raise RunError(f"{path}: holds a finished run; delete it or choose another runs folder")
    if path.is_symlink():
        raise RunError(f"{path}: is a link to no run; delete the link")
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise RunError(f"{path}: is there, but holds no run.json; move it away or delete it")
    above = next(parent for parent in path.absolute().parents if os.path.lexists(parent))
    if not above.is_dir():
        raise RunError(f"{above}: is no folder, but {path} belongs into it; move it away")


def write(
    path: Path, info: dict[str, Any], history: pd.DataFrame, predictions: dict[str, np.ndarray]
) -> Run:
    """Writes a run folder in one rename, so that it is there whole or not at all.

    Args:
        path: the run's folder, which must not hold a run yet and is nobody else's work now:
            what a killed process left beside it is removed.
        info: what becomes ``run.json``.
        history: one row an epoch.
        predictions: see :attr:`Run.predictions`.

    Raises:
        RunError: the folder holds something already, or cannot be written.
    """
    path = Path(path)
    check_free(path)
    staging = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for stale in path.parent.glob(f".{path.name}-*"):  # Of a process killed right here.
            shutil.rmtree(stale, ignore_errors=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
        staging.chmod(0o755)
        history.to_csv(staging / "history.csv", index=False)
        np.savez_compressed(staging / "predictions.npz", **predictions)
        text = json.dumps({"format": FORMAT, **info}, indent=2, allow_nan=False)
        (staging / "run.json").write_text(text + "\n", encoding="utf-8")
        for file in (*staging.iterdir(), staging):
            files.sync(file)
        staging.rename(path)
        files.sync(path.parent)
    except OSError as error:
        raise RunError(
            f"{path}: cannot be written ({files.one_line(error)}); "
            "training is kept, make room and run the same command again"
        ) from None
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)
    return Run(path, {"format": FORMAT, **info})
