"""Saving epochs: the checkpoint of each, then the word that it is saved.

To fetch the values and write them to the disk takes a good part of an epoch of half a second. Where
an accelerator computes, the host therefore does it while the next epoch is trained. On a CPU both
would want the same cores, and an epoch takes long: there each is saved before the next one begins.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from fer_lib.training import checkpoints, compiled_epoch
from fer_lib.training.checkpoints import Checkpoint


class Saver:
    """Saves the epochs of a run one after another.

    A context: on leaving it, however that is, what was given to it is on the disk.

    Args:
        scratch: the run's folder of checkpoints.
        identity: what :func:`fer_lib.training.identity.identify` returns.
        sessions: what has been trained on, this process last.
        announce: called with the history up to each epoch once that is saved, in this thread.
    """

    def __init__(
        self,
        scratch: Path,
        identity: dict[str, Any],
        sessions: list[dict[str, Any]],
        announce: Callable[[list], None],
    ):
        self._scratch, self._identity, self._sessions = scratch, identity, sessions
        self._announce = announce
        self._pool = ThreadPoolExecutor(max_workers=1) if compiled_epoch.suits() else None
        self._pending: tuple[Future, list] | None = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.wait()
        finally:
            if self._pool:
                self._pool.shutdown()

    def save(
        self,
        history: list[dict[str, float]],
        best: list | None,
        state: list,
    ) -> None:
        """Saves an epoch, or begins to, once the one before is saved.

        Args:
            history: one row an epoch, up to this one.
            best: the model's values if the epoch is the best so far, else None.
            state: the values of all variables of model and optimizer; both are arrays of NumPy, or
                of JAX wherever they lie.

        Raises:
            RunError: this epoch, or the one before, cannot be written.
        """
        self.wait()
        history = list(history)
        if self._pool:
            self._pending = self._pool.submit(self._write, history, best, state), history
        else:
            self._write(history, best, state)
            self._announce(history)

    def wait(self) -> None:
        """Waits until the epoch that is being written is saved.

        Raises:
            RunError: it cannot be written.
        """
        if self._pending:
            (future, history), self._pending = self._pending, None
            future.result()
            self._announce(history)

    def _write(self, history, best, state) -> None:
        if best is not None:
            checkpoints.save_best(self._scratch, len(history), best)
        checkpoint = Checkpoint(self._identity, history, state, self._sessions)
        checkpoints.save(self._scratch, checkpoint)
