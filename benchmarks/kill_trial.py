"""Kills a training again and again, restarts it, and compares the result bit for bit.

    python benchmarks/kill_trial.py --kills 20

Trains a CNN of the study on the drawn demo faces, once undisturbed and once under SIGKILL: at
random moments (seeded) and at chosen ones within a checkpoint and within the final write. Each
attempt is a process of its own that starts from what the last one left on the disk. Prints one
table; the exit status is 0 if the results are identical and every kill was delivered.
"""

import argparse
import collections
import contextlib
import itertools
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from fer_lib import faces, models, runs, training
from fer_lib.recipes import Recipe
from fer_lib.training import checkpoints, one_epoch

SEED = 0
#: Moments at which a process can kill itself: on entering a function for the so manieth time since
#: it began to train; where the function writes arrays, with half of them written.
CHOSEN = {
    "checkpoint: half written": (np, "savez", 2),
    "checkpoint: written, not renamed": (os, "replace", 1),
    "checkpoint: best epoch saved, state not": (checkpoints, "save", 1),
}
FINAL = {
    "final write: predictions half written": (np, "savez_compressed", 1),
    "final write: written, not renamed": (os, "rename", 1),
    "final write: checkpoints not removed": (checkpoints, "remove", 1),
    "final write: checkpoints half removed": (os, "unlink", 2),
}
RANDOM = "random moment"


def main() -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=20, help="at least 7 (default: 20)")
    parser.add_argument("--model", choices=list(models.CNNS), default="model6")
    parser.add_argument("--images", type=int, default=140, help="of the training split")
    parser.add_argument("--seed", type=int, default=0, help="of the random moments")
    options = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if options.kills < len(CHOSEN) + len(FINAL):
        parser.error(
            f"--kills: from {len(CHOSEN) + len(FINAL)} on, so that each moment has its own"
        )
    if options.images < 7:
        parser.error("--images: from 7 on, one of each class")
    recipe = Recipe("kill-trial", epochs=2 * options.kills, batch_size=64)
    dataset = faces.dataset(train=options.images, validation=70, test=70)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="kill-trial-") as folder:
        job = (options.model, recipe, SEED, dataset)
        whole, disturbed = Path(folder, "whole"), Path(folder, "disturbed")
        attempt(job, whole)
        run = runs.read(finished(job, whole))
        fell, attempts = disturb(
            job, disturbed, options, two_epochs(run.history.to_dict("records"))
        )
        same = identical(run, runs.read(finished(job, disturbed)))
    report(options, run.info, fell, attempts, same, time.perf_counter() - start)
    return 0 if same and sum(fell.values()) == options.kills else 1


def disturb(job, root: Path, options, longest: float) -> tuple[dict[str, int], int]:
    """Trains under kills until the run is finished; returns where they fell, and the attempts."""
    rng = random.Random(options.seed)
    plan = [*CHOSEN, *[RANDOM] * (options.kills - len(CHOSEN) - len(FINAL))]
    rng.shuffle(plan)
    fell, attempts = collections.Counter(), 0
    for moment in [*plan, *FINAL]:
        attempts += 1
        state = checkpoints.load(checkpoints.folder(root, f"{job[0]}-{job[1].name}", SEED))
        if state and len(state.history) > 1:
            longest = two_epochs(state.history)  # As busy as the machine is now.
        delay = rng.uniform(0, longest) if moment == RANDOM else None
        before = half_written(job, root)
        if attempt(job, root, moment, delay):
            within = half_written(job, root) - before
            place = "random: within a checkpoint" if within else "random: within an epoch"
            fell[place if moment == RANDOM else moment] += 1
    attempt(job, root)
    return fell, attempts + 1


def two_epochs(history) -> float:
    """Seconds of the last two epochs: a kill within them falls into the first or the second."""
    return sum(row["seconds"] for row in history[-2:])


def attempt(job, root: Path, moment: str = "", delay: float | None = None) -> bool:
    """Trains in a new process; returns whether it was killed.

    Args:
        job: the arguments of ``training.train`` before the runs folder.
        root: the runs folder.
        moment: where the process kills itself, a key of ``CHOSEN`` or ``FINAL``.
        delay: after so many seconds of training it is killed from outside.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["keras", "fer_lib.training", "sklearn.metrics"])
    ready = context.Event()
    process = context.Process(target=work, args=(job, root, moment, ready))
    process.start()
    ready.wait()
    process.join(delay)
    process.kill()
    process.join()
    if process.exitcode not in (0, -signal.SIGKILL):
        sys.exit(f"an attempt failed with exit status {process.exitcode}")
    return process.exitcode != 0


def work(job, root: Path, moment: str, ready) -> None:
    """What an attempt's process does; ``ready`` is set when it begins to train.

    A kill at a random moment that has not come in two epochs comes at the beginning of the third,
    so that however fast the machine is the run is not finished before all kills are delivered.
    """
    fit_epoch, begun = one_epoch.fit, itertools.count(1)

    def announcing(*arguments):
        ready.set()
        if next(begun) == 3 and moment == RANDOM:
            os.kill(os.getpid(), signal.SIGKILL)
        return fit_epoch(*arguments)

    one_epoch.fit = announcing
    if moment in CHOSEN or moment in FINAL:
        arm(*{**CHOSEN, **FINAL}[moment])
        ready.set()
    try:
        with Path(os.devnull).open("w") as sink, contextlib.redirect_stdout(sink):
            training.train(*job, root)
    finally:
        ready.set()


def arm(module, name: str, call: int) -> None:
    """Lets this process kill itself in a call of a function, counted from 1."""
    function, calls = getattr(module, name), 0

    def deadly(*arguments, **keywords):
        nonlocal calls
        calls += 1
        if calls == call:
            write_half(function, arguments, keywords)
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **keywords)

    setattr(module, name, deadly)


def write_half(function, arguments, keywords) -> None:
    """Where the call writes arrays, writes them and cuts the file in the middle."""
    if function.__name__.startswith("savez"):
        function(*arguments, **keywords)
        target = arguments[0]
        file = target if isinstance(target, Path) else Path(target.name)
        os.truncate(file, file.stat().st_size // 2)


def finished(job, root: Path) -> Path:
    """The folder of the finished run."""
    return runs.folder(root, f"{job[0]}-{job[1].name}", SEED)


def half_written(job, root: Path) -> set[Path]:
    """The files that a killed process has left unfinished among the checkpoints."""
    return set(checkpoints.folder(root, f"{job[0]}-{job[1].name}", SEED).glob("*.part"))


def identical(run, other) -> bool:
    """Bit for bit: history (but for the seconds), predictions, metrics."""
    columns = [column for column in runs.HISTORY_COLUMNS if column != "seconds"]
    return (
        run.history[columns].equals(other.history[columns])
        and all(
            values.tobytes() == other.predictions[name].tobytes()
            for name, values in run.predictions.items()
        )
        and run.info["metrics"] == other.info["metrics"]
    )


def report(options, info, fell, attempts, same, seconds) -> None:
    """Prints the table; ``info`` is the uninterrupted run's."""
    print(
        f"{info['model']}, {options.images} drawn faces, {info['recipe']['epochs']} epochs, "
        f"random moments by seed {options.seed}, {seconds:.0f} s in all\n"
        f"{info['backend']}, Keras {info['versions']['keras']}, "
        f"Python {info['versions']['python']}, "
        f"{info['machine']['processor']}, {info['machine']['cores']} cores"
    )
    for place, count in sorted(fell.items()):
        print(f"{place:50s} {count:4d}")
    print(f"{'kills, of ' + str(options.kills) + ' planned':50s} {sum(fell.values()):4d}")
    print(f"{'attempts until finished':50s} {attempts:4d}")
    print(f"{'identical to the uninterrupted run, bit for bit':50s} {'yes' if same else 'NO':>4s}")


if __name__ == "__main__":
    sys.exit(main())
