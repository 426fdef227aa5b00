"""The state of an unfinished training run, saved after every epoch and read back without pickle.

``<runs>/.checkpoints/<name>-seed<k>/`` holds ``state.npz`` (all variables of the model and the
optimizer, the history so far and what the run is) and ``best-<epoch>.npz`` (the model's variables
after the best epoch by validation accuracy). Each file appears in one rename; ``state.npz`` comes
last and says which of the others counts.
"""

import contextlib
import json
import math
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fer_lib import runs, storage
from fer_lib.errors import RunError

HISTORY_KEY = "history"
IDENTITY_KEY = "identity"


@dataclass(frozen=True)
class Checkpoint:
    """What ``state.npz`` holds.

    Attributes:
        identity: what the run is (model, recipe, seed, data, backend), JSON-able.
        history: one dict an epoch that is finished.
        values: the variables' values, in the order of the variables.
    """

    identity: dict[str, Any]
    history: list[dict[str, float]]
    values: list[np.ndarray]


def folder(root: Path, name: str, seed: int) -> Path:
    """Where the checkpoints of a run lie."""
    return Path(root) / ".checkpoints" / f"{name}-seed{seed}"


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Writes ``state.npz``, then removes what it has outdated.

    Raises:
        RunError: the disk is full or the folder cannot be written; the last state is kept.
    """
    texts = {
        IDENTITY_KEY: np.array(json.dumps(checkpoint.identity)),
        HISTORY_KEY: np.array(json.dumps(checkpoint.history)),
    }
    _write(path / "state.npz", checkpoint.values, texts)
    keep = best_file(path, best_epoch(checkpoint.history))
    with contextlib.suppress(OSError):  # What cannot be removed now is removed with the folder.
        for outdated in set(path.glob("best-*.npz")) - {keep}:
            outdated.unlink()


def save_best(path: Path, epoch: int, values: Sequence[np.ndarray]) -> None:
    """Writes the model's values after its best epoch so far. Raises RunError as :func:`save`."""
    _write(best_file(path, epoch), values, {})


def load(path: Path) -> Checkpoint | None:
    """Reads ``state.npz``; None if there is none yet.

    Raises:
        RunError: the file is damaged.
    """
    file = path / "state.npz"
    if not file.exists():
        return None
    arrays = storage.read_arrays(file, "delete it to begin again")
    try:
        identity = storage.parse_json(str(arrays.pop(IDENTITY_KEY)))
        history = storage.parse_json(str(arrays.pop(HISTORY_KEY)))
    except (KeyError, ValueError):
        raise RunError(f"{file}: is no checkpoint; delete it to begin again") from None
    if not isinstance(identity, dict) or not _is_history(history):
        raise RunError(f"{file}: its identity or history is damaged; delete it to begin again")
    return Checkpoint(identity, history, _ordered(arrays))


def load_best(path: Path, epoch: int) -> list[np.ndarray]:
    """The model's values after its best epoch. Raises RunError if they are missing or damaged."""
    remedy = f"delete the folder {path} to begin again"
    return _ordered(storage.read_arrays(best_file(path, epoch), remedy))


def best_epoch(history: Sequence[dict[str, float]]) -> int:
    """The first epoch, from 1 on, with the highest validation accuracy."""
    return 1 + int(np.argmax([row["val_accuracy"] for row in history]))


def best_file(path: Path, epoch: int) -> Path:
    """The file with the values after that epoch."""
    return path / f"best-{epoch}.npz"


def remove(path: Path) -> None:
    """Removes the checkpoints of a finished run."""
    shutil.rmtree(path, ignore_errors=True)


def _write(file: Path, values: Sequence[np.ndarray], texts: dict[str, np.ndarray]) -> None:
    staging = None
    try:
        # What a killed process has left half-written takes room that this file may need.
        for stale in file.parent.glob("*.part"):
            stale.unlink()
        with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".part", delete=False) as handle:
            staging = Path(handle.name)
            numbered = {f"{number:04d}": value for number, value in enumerate(values)}
            np.savez(handle, **numbered, **texts)
            handle.flush()
            os.fsync(handle.fileno())
        staging.replace(file)
        storage.sync(file.parent)
    except OSError as error:
        raise RunError(
            f"{file}: cannot be written ({storage.one_line(error)}); the last saved epoch is kept, "
            "make room or choose another runs folder, then run the same command again"
        ) from None
    finally:
        if staging is not None:
            staging.unlink(missing_ok=True)


def _is_history(value: Any) -> bool:
    """Whether a value has the shape of :attr:`Checkpoint.history`, with numbers only."""
    return isinstance(value, list) and bool(value) and all(map(_is_row, value))


def _is_row(row: Any) -> bool:
    if not isinstance(row, dict):
        return False
    values = [row.get(column) for column in runs.HISTORY_COLUMNS]
    return all(isinstance(value, int | float) and math.isfinite(value) for value in values)


def _ordered(arrays: dict[str, np.ndarray]) -> list[np.ndarray]:
    return [arrays[name] for name in sorted(arrays)]
