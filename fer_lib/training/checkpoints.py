"""The state of an unfinished run: one file, written in one rename and read without pickle.

``<runs>/.checkpoints/<name>-seed<k>/state.npz`` holds all that the next epoch depends on. Beside
the folder lies the lock that a process holds while it trains the run.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from fer_lib import files
from fer_lib.errors import RunError

#: Seconds between two writes, so that an accelerator that does two epochs a second need not wait
#: for the disk; so much a killed process loses, and the epoch that it was in.
INTERVAL = 20


@dataclass(frozen=True)
class Checkpoint:
    """The state after the last epoch that is finished.

    Attributes:
        identity: what the run is, see ``training.identify``; JSON-able.
        history: one dict an epoch, with the keys ``runs.HISTORY_COLUMNS``.
        sessions: what each process trained on, see ``machine.facts``.
        values: of all variables of model and optimizer, in their order.
        best: of the model's variables after the epoch with the best validation accuracy.
    """

    identity: dict[str, Any]
    history: list[dict[str, float]] = field(default_factory=list)
    sessions: list[dict[str, Any]] = field(default_factory=list)
    values: Sequence[np.ndarray] = ()
    best: Sequence[np.ndarray] = ()


def folder(root: Path, name: str, seed: int) -> Path:
    """Where the checkpoint of a run lies."""
    return Path(root) / ".checkpoints" / f"{name}-seed{seed}"


def save(path: Path, state: Checkpoint) -> None:
    """Writes ``state.npz``.

    Raises:
        RunError: the disk is full or the folder cannot be written; the last state is kept.
    """
    about = [state.identity, state.history, state.sessions, len(state.values)]
    _write(path / "state.npz", [*state.values, *state.best], about=json.dumps(about))


def _write(file: Path, arrays: Sequence[np.ndarray], **about: str) -> None:
    remedy = (
        "the last saved epoch is kept, make room or choose another runs folder, then run the same "
        "command again"
    )
    with files.told(RunError, file, remedy, "cannot be written"):
        file.parent.mkdir(parents=True, exist_ok=True)
        files.replace(file, lambda stream: np.savez(stream, *arrays, **about))


def keep(path: Path, epoch: int, values: Sequence[np.ndarray]) -> None:
    """Keeps the model's variables after an epoch until the run ends; raises RunError."""
    _write(path / f"epoch{epoch}.npz", values)


def kept(path: Path, epoch: int) -> list[np.ndarray]:
    """What :func:`keep` kept; raises RunError."""
    return list(files.read_arrays(path / f"epoch{epoch}.npz", "delete its folder").values())


def load(path: Path) -> Checkpoint | None:
    """Reads ``state.npz``; None if there is none yet. Raises RunError if it is damaged."""
    file = path / "state.npz"
    if not file.exists():
        return None
    arrays = files.read_arrays(file, remedy := "delete it to begin again")
    with files.told(RunError, file, remedy, "is no checkpoint"):
        *about, count = json.loads(str(arrays.pop("about")))
        found = list(arrays.values())
        return Checkpoint(*about, found[:count], found[count:])
