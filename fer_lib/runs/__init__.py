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
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from fer_lib import files
from fer_lib.errors import RunError
from fer_lib.runs.run import HISTORY_COLUMNS, REMEDY, SPLITS, Run, best_epoch  # noqa: F401


def folder(root: Path, name: str, seed: int) -> Path:
    """The folder of a run."""
    return Path(root) / name / f"seed{seed}"


def read(path: Path) -> Run:
    """Reads one run folder.

    Raises:
        RunError: there is none, or its ``run.json`` is damaged.
    """
    file = Path(path) / "run.json"
    if not file.exists():
        raise RunError(f"{file}: no such run; train it with notebooks/train.ipynb")
    with files.told(RunError, file, REMEDY):
        info = json.loads(file.read_text(encoding="utf-8"))
        if missing := {"name", "model", "recipe", "seed", "data"} - set(info):
            raise ValueError(f"it lacks {', '.join(sorted(missing))}")
    return Run(Path(path), info)


def find(root: Path) -> list[Run]:
    """All finished runs directly under ``root``, ordered by name and seed.

    Raises:
        RunError: a ``run.json`` is damaged, or lies in the folder of another run.
    """
    found = [read(file.parent) for file in Path(root).glob("*/seed*/run.json")]
    for run in found:
        if run.folder != (own := folder(root, run.name, run.seed)):
            raise RunError(
                f"{run.folder}: holds the run {run.name}, seed {run.seed}; move it to {own}, or "
                "delete it if that is there"
            )
    return sorted(found, key=lambda run: (run.name, run.seed))


def exists(path: Path) -> bool:
    """Whether a finished run lies at ``path``."""
    return (Path(path) / "run.json").is_file()


def check_free(path: Path) -> None:
    """Raises RunError if something lies at ``path``, where a run is to be written."""
    # Snakemake makes an empty folder before the run.
    if path.is_symlink() or (path.exists() and not (path.is_dir() and not any(path.iterdir()))):
        raise RunError(f"{path}: is there, but is no run to be made; move it away or delete it")


def write(path: Path, info: dict, history: pd.DataFrame, predictions: dict, model=None) -> Run:
    """Writes a run folder in one rename, so that it is there whole or not at all.

    Args:
        path: the run's folder, which must be missing or empty and is nobody else's work now:
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
    remedy = "training is kept, make room and run the same command again"
    with files.told(RunError, path, remedy, "cannot be written"):
        path.parent.mkdir(parents=True, exist_ok=True)
        for stale in path.parent.glob(f".{path.name}-*"):  # of a process killed right here
            shutil.rmtree(stale, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as name:
            staging = Path(name)
            staging.chmod(0o755)
            history.to_csv(staging / "history.csv", index=False)
            np.savez_compressed(staging / "predictions.npz", **predictions)
            if model is not None:
                model.save(staging / "model.keras")
            text = json.dumps(info, indent=2, allow_nan=False)
            (staging / "run.json").write_text(text + "\n", encoding="utf-8")
            for file in staging.iterdir():
                with file.open("r+b") as stream:
                    os.fsync(stream.fileno())  # else a power cut can leave an empty file
            staging.rename(path)
    return Run(path, info)
