"""How far a sweep is: which runs are done, running, failed or left, and when it will end."""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd

from fer_lib import outdated, recipes, runs
from fer_lib.runs.study import Entry
from fer_lib.training import checkpoints, locks


@dataclass(frozen=True)
class Progress:
    """How far one run of the study is.

    Attributes:
        entry: the run.
        state: "done", "outdated" (by another recipe than today's), "running", "interrupted" (goes
            on from its last finished epoch), "failed" (its notebook holds the traceback),
            "damaged" (its files cannot be read, though it may be finished) or "left".
        epoch: epochs that are finished.
        epochs: epochs of the recipe.
        epoch_seconds: mean of the last epochs, None if there are none.
        since: seconds since the last epoch was finished, 0 unless the run is running.
    """

    entry: Entry
    state: str
    epoch: int
    epochs: int
    epoch_seconds: float | None
    since: float = 0.0

    def seconds_left(self, usual: float | None) -> float | None:
        """Seconds of training left; None if neither this run nor a usual epoch tells."""
        if self.state == "done":
            return 0.0
        seconds = self.epoch_seconds or usual
        if seconds is None:
            return None
        return max((self.epochs - self.epoch) * seconds - self.since, 0.0)


def read(entry: Entry, root: Path, page: Path) -> Progress:
    """Reads how far a run is from its folder, its checkpoint, its lock and its notebook.

    Raises:
        RunError: one of the files is damaged.
    """
    epochs = recipes.get(entry.recipe).epochs
    target = runs.folder(root, entry.name, entry.seed)
    scratch = checkpoints.folder(root, entry.name, entry.seed)
    if outdated.is_outdated(entry, root):
        return Progress(entry, "outdated", 0, epochs, None)
    is_held, saved, checkpoint = locks.is_held(scratch), _saved(scratch), checkpoints.look(scratch)
    # Looked for last: a run that is finished meanwhile takes its checkpoint and its lock along.
    if runs.exists(target):
        run = runs.read(target)
        history, _ = run.history, run.metrics  # which are those of sound predictions, or an error
        return Progress(entry, "done", len(history), epochs, history["seconds"].tail().mean())
    _, history = checkpoint or ({}, [])
    recent = [row["seconds"] for row in history[-5:]]
    mean = sum(recent) / len(recent) if recent else None
    if is_held:
        since = max(time.time() - saved, 0.0) if history else 0.0
        return Progress(entry, "running", len(history), epochs, mean, since)
    state = "failed" if _failed(page) else "interrupted" if history else "left"
    return Progress(entry, state, len(history), epochs, mean)


def damaged(entry: Entry) -> Progress:
    """What is known of a run that :func:`read` cannot read."""
    return Progress(entry, "damaged", 0, recipes.get(entry.recipe).epochs, None)


def _saved(scratch: Path) -> float:
    """When the last finished epoch was saved, in seconds since the epoch; now if there is none."""
    try:
        return checkpoints.state_file(scratch).stat().st_mtime
    except (FileNotFoundError, NotADirectoryError):
        return time.time()


def report(found: Sequence[Progress], now: datetime) -> str:
    """A table with one line a run, then the sums and the expected end, as text."""
    usual = _usual_epochs(found)
    left = [one.seconds_left(usual(one.entry)) for one in found]
    rows = [
        {
            "run": one.entry.name,
            "seed": one.entry.seed,
            "state": one.state,
            "epoch": f"{one.epoch}/{one.epochs}",
            "left": "" if one.state == "done" else _hours(seconds),
        }
        for one, seconds in zip(found, left, strict=True)
    ]
    return f"{pd.DataFrame(rows).to_string(index=False)}\n\n{_summary(found, left, now)}"


def _usual_epochs(found: Sequence[Progress]) -> Callable[[Entry], float | None]:
    """What an epoch of an entry takes: as the same recipe's, else the model's, else not known."""
    timed = [one for one in found if one.epoch_seconds]
    by_recipe = {(one.entry.model, one.entry.recipe): one.epoch_seconds for one in timed}
    by_model = {one.entry.model: one.epoch_seconds for one in timed}
    return lambda entry: by_recipe.get((entry.model, entry.recipe), by_model.get(entry.model))


def _summary(found: Sequence[Progress], left: Iterable[float | None], now: datetime) -> str:
    """The sums in words: how many runs of each state, the time left, the expected end."""
    states = [one.state for one in found]
    counts = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    text = f"{len(found)} runs: {counts}"
    if set(states) == {"done"}:
        return text
    left = list(left)
    known = [seconds for seconds in left if seconds is not None]
    unknown = dict.fromkeys(
        one.entry.model for one, seconds in zip(found, left, strict=True) if seconds is None
    )
    untimed = f"{', '.join(unknown)}, no epoch of which is timed yet"
    if unknown and not any(known):
        return f"{text}; how long is not known: {untimed}"
    at_once = max(states.count("running"), 1)
    end = now + timedelta(seconds=max(sum(known) / at_once, max(known)))
    text = f"{text}; with {at_once} at a time the rest ends about {end:%Y-%m-%d %H:%M}"
    return f"{text}, without {untimed}" if unknown else text


def _hours(seconds: float | None) -> str:
    if seconds is None:
        return "?"
    return f"{int(seconds // 3600)}:{int(seconds % 3600 // 60):02d} h"


def _failed(page: Path) -> bool:
    """Whether an executed notebook ended with an error, as papermill notes it."""
    try:
        notes = json.loads(page.read_text(encoding="utf-8"))["metadata"]["papermill"]
        return bool(notes["exception"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
