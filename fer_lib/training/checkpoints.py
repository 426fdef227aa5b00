"""The state of an unfinished training run, saved after every epoch and read back without pickle.

``<runs>/.checkpoints/<name>-seed<k>/`` holds ``state.npz`` (all variables of the model and the
optimizer, the history so far, what the run is and what it was trained on) and
``best-<epoch>.npz`` (the model's variables after the best epoch by validation accuracy). Each file
appears in one rename; ``state.npz`` comes last and says which of the others counts.
"""

import contextlib
import dataclasses
import json
import math
import os
import shutil
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fer_lib import files, runs
from fer_lib.errors import RunError

HISTORY_KEY = "history"
IDENTITY_KEY = "identity"
SESSIONS_KEY = "sessions"
REMEDY = "delete it to begin again"


@dataclass(frozen=True)
class Checkpoint:
    """What ``state.npz`` holds.

    Attributes:
        identity: what the run is (model, recipe, seed, data, backend), JSON-able.
        history: one dict an epoch that is finished.
        values: the variables' values, in the order of the variables; arrays of NumPy, to be saved
            also of JAX.
        sessions: what each process that trained was, see ``machine.session``;
            those of earlier versions are not known.
    """

    identity: dict[str, Any]
    history: list[dict[str, float]]
    values: Sequence[np.ndarray]
    sessions: list[dict[str, Any]] = dataclasses.field(default_factory=list)


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
        SESSIONS_KEY: np.array(json.dumps(checkpoint.sessions)),
    }
    _write(state_file(path), checkpoint.values, texts)
    keep = best_file(path, best_epoch(checkpoint.history))
    with contextlib.suppress(OSError):  # What cannot be removed now is removed with the folder.
        for outdated in set(path.glob("best-*.npz")) - {keep}:
            outdated.unlink()


def save_best(path: Path, epoch: int, values: Sequence[np.ndarray]) -> None:
    """Writes the model's values after its best epoch so far. Raises RunError as :func:`save`."""
    _write(best_file(path, epoch), values, {})


def exists(path: Path) -> bool:
    """Whether an epoch of the run is saved."""
    return state_file(path).is_file()


def load(path: Path) -> Checkpoint | None:
    """Reads ``state.npz``; None if there is none yet.

    Raises:
        RunError: the file is damaged.
    """
    arrays = _read_state(path)
    if arrays is None:
        return None
    identity, history = _texts(path, arrays)
    sessions = _sessions(path, arrays)
    return Checkpoint(identity, history, _ordered(arrays), sessions)


def look(path: Path) -> tuple[dict[str, Any], list[dict[str, float]]] | None:
    """A checkpoint's identity and history without its values; None if there is none yet.

    Raises:
        RunError: the file is damaged.
    """
    arrays = _read_state(path, (IDENTITY_KEY, HISTORY_KEY))
    return None if arrays is None else _texts(path, arrays)


def _read_state(path: Path, names: Collection[str] = ()) -> dict[str, np.ndarray] | None:
    try:
        return files.read_arrays(state_file(path), REMEDY, names)
    except RunError:
        # It is removed with its folder as soon as its run is finished.
        if not exists(path):
            return None
        raise


def _texts(
    path: Path, arrays: dict[str, np.ndarray]
) -> tuple[dict[str, Any], list[dict[str, float]]]:
    """Takes identity and history out of what ``state.npz`` holds."""
    file = state_file(path)
    try:
        identity = files.parse_json(str(arrays.pop(IDENTITY_KEY)))
        history = files.parse_json(str(arrays.pop(HISTORY_KEY)))
    except (KeyError, ValueError):
        raise RunError(f"{file}: is no checkpoint; {REMEDY}") from None
    has_recipe = isinstance(identity, dict) and isinstance(identity.get("recipe"), dict)
    if not has_recipe or not _is_history(history):
        raise RunError(f"{file}: its identity or history is damaged; {REMEDY}")
    return identity, history


def _sessions(path: Path, arrays: dict[str, np.ndarray]) -> list[dict[str, Any]]:
    """Takes the sessions out of what ``state.npz`` holds."""
    try:
        sessions = files.parse_json(str(arrays.pop(SESSIONS_KEY, "[]")))
    except ValueError:
        sessions = None
    if not runs.are_sessions(sessions):
        raise RunError(f"{state_file(path)}: its sessions are damaged; {REMEDY}")
    return sessions


def load_best(path: Path, epoch: int) -> list[np.ndarray]:
    """The model's values after its best epoch. Raises RunError if they are missing or damaged."""
    remedy = f"delete the folder {path} to begin again"
    return _ordered(files.read_arrays(best_file(path, epoch), remedy))


def best_epoch(history: Sequence[dict[str, float]]) -> int:
    """See :func:`fer_lib.runs.best_epoch`."""
    return runs.best_epoch([row["val_accuracy"] for row in history])


def state_file(path: Path) -> Path:
    """The file with everything that the next epoch depends on."""
    return path / "state.npz"


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
        staging.chmod(0o644)  # as other files are: others may look how far a run is
        staging.replace(file)
        files.sync(file.parent)
    except OSError as error:
        raise RunError(
            f"{file}: cannot be written ({files.one_line(error)}); the last saved epoch is kept, "
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
