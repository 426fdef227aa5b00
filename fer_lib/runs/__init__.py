"""Run folders: what one training run leaves behind, and what the report reads of it.

``<runs>/<name>/seed<k>/`` holds

- ``run.json``: the resolved recipe, the data's fingerprint, versions, device, times and metrics,
  and what each of its sessions was made with;
- ``history.csv``: one row an epoch;
- ``predictions.npz``: softmax probabilities and labels of the validation and the test split;
- ``model.keras``: the model after the last epoch, where it was trained: git ignores it.

``run.json`` is written last: a folder without it is no run. Nothing in it is a pickle.
"""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from fer_lib import files
from fer_lib.errors import RunError
from fer_lib.runs.run import HELD_OUT, HISTORY_COLUMNS, REMEDY, Run, best_epoch  # noqa: F401


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
    return Run(Path(path), info)


def exists(path: Path) -> bool:
    """Whether a finished run lies at ``path``."""
    return (Path(path) / "run.json").is_file()


def write(path: Path, info: dict, history: pd.DataFrame, predictions: dict, model=None) -> Run:
    """Writes a run folder, ``run.json`` last: a folder without it is no run yet.

    Args:
        path: the run's folder, which is nobody else's work now. What a killed process left in it is
            replaced.
        info: what becomes ``run.json``.
        history: one row an epoch.
        predictions: see :attr:`Run.predictions`.
        model: the ``keras.Model`` after the last epoch, which Keras must load by itself.

    Raises:
        RunError: the folder cannot be written.
    """
    path = Path(path)
    remedy = "training is kept, make room and run the same command again"
    with files.told(RunError, path, remedy, "cannot be written"):
        path.mkdir(parents=True, exist_ok=True)
        if model is not None:
            model.save(path / "model.keras")
        table, text = history.to_csv(index=False), json.dumps(info, indent=2, allow_nan=False)
        files.replace(path / "history.csv", lambda file: file.write(table.encode()))
        files.replace(path / "predictions.npz", partial(np.savez_compressed, **predictions))
        files.replace(path / "run.json", lambda file: file.write(f"{text}\n".encode()))
    return Run(path, info)
