"""Runs by another recipe than today's of that name: finds them, sets them aside, deletes nothing.

A run folder records the recipe that made it. When ``fer_lib/recipes.py`` says something else now,
the run no longer is what its name says. It is moved to ``<runs>/.replaced/``, never overwritten.
"""

import dataclasses
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import filelock

from fer_lib import recipes, runs
from fer_lib.errors import RunError
from fer_lib.recipes import Recipe
from fer_lib.runs.study import Entry
from fer_lib.training import checkpoints, locks
from fer_lib.training.identity import FOR_THE_REPORT


def is_outdated(entry: Entry, root: Path) -> bool:
    """Whether another recipe than today's made the entry's run, finished or unfinished.

    A run that cannot be read is not: whoever needs it says what is wrong with it.
    """
    try:
        recorded = _recorded_recipe(entry, root)
    except RunError:
        return False
    if recorded is None:
        return False
    today = dataclasses.asdict(recipes.get(entry.recipe))
    # A field that the recipes got later had its default before.
    defaults = {field.name: field.default for field in dataclasses.fields(Recipe)}
    held = defaults | recorded
    return any(
        held.get(field) != today.get(field)
        for field in held.keys() | today.keys()
        if field != FOR_THE_REPORT
    )


def destination(entry: Entry, root: Path) -> Path:
    """Where an outdated run is set aside; the time in the name is that of its last file."""
    scratch = checkpoints.folder(root, entry.name, entry.seed)
    files = (_run_folder(entry, root) / "run.json", checkpoints.state_file(scratch))
    written = max(file.stat().st_mtime for file in files if file.exists())
    stamp = datetime.fromtimestamp(written, UTC).strftime("%Y%m%dT%H%M%SZ")
    return Path(root) / ".replaced" / f"{entry.name}-seed{entry.seed}-{stamp}"


def set_aside(entry: Entry, root: Path) -> Path:
    """Moves an outdated run, and the checkpoints of an unfinished one, out of the way.

    Returns:
        The folder that holds ``run`` or ``checkpoints`` now.

    Raises:
        RunError: the run is not outdated, or is being trained, or cannot be moved.
    """
    scratch = checkpoints.folder(root, entry.name, entry.seed)
    if not is_outdated(entry, root):
        raise RunError(f"{entry.name}, seed {entry.seed}: is not outdated, it stays where it is")
    target = destination(entry, root)
    try:
        scratch.parent.mkdir(exist_ok=True)
        with locks.lock(scratch).acquire(timeout=0):
            target.mkdir(parents=True, exist_ok=True)
            for old, name in ((_run_folder(entry, root), "run"), (scratch, "checkpoints")):
                if old.exists():
                    old.rename(target / name)
    except filelock.Timeout:
        raise RunError(f"{scratch.name}: is being trained; stop that process first") from None
    except OSError as error:
        raise RunError(f"{target}: cannot be made ({error.strerror}); move it by hand") from None
    return target


def _recorded_recipe(entry: Entry, root: Path) -> dict[str, Any] | None:
    if runs.exists(_run_folder(entry, root)):
        return runs.read(_run_folder(entry, root)).recipe
    found = checkpoints.look(checkpoints.folder(root, entry.name, entry.seed))
    return None if found is None else found[0]["recipe"]


def _run_folder(entry: Entry, root: Path) -> Path:
    return runs.folder(root, entry.name, entry.seed)
