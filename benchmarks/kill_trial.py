"""Kills a training again and again, restarts it, and compares the result bit for bit.

    python benchmarks/kill_trial.py --kills 20

Trains a CNN of the study on drawn faces, once undisturbed and once under SIGKILL at random moments
(seeded): while the process starts, within an epoch or a checkpoint. Each attempt
is a process of its own that starts from what the last one left on the disk. The exit status is 0 if
the results are identical and every kill was delivered.
"""

import argparse
import contextlib
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from measuring import same

from fer_lib import faces, runs, training
from fer_lib.recipes import Recipe
from fer_lib.training import checkpoints


def main() -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=20, help="how many (default 20)")
    options = parser.parse_args()
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    # No attempt gets further than two epochs before it is killed.
    recipe = Recipe("kill-trial", epochs=2 * options.kills, batch_size=64)
    dataset = faces.dataset(train=140, validation=70, test=70)
    job, rng, killed = ("model6", recipe, 0, dataset), random.Random(0), 0
    with tempfile.TemporaryDirectory(prefix="kill-trial-") as folder:
        roots = whole, disturbed = Path(folder, "whole"), Path(folder, "disturbed")
        attempt(job, whole, 0)  # Starts what the attempts are forked from.
        start = time.perf_counter()
        attempt(job, whole)
        longest = time.perf_counter() - start
        run = runs.read(runs.folder(whole, f"model6-{recipe.name}", 0))
        longest -= run.history["seconds"][2:].sum()
        for _ in range(options.kills):
            killed += attempt(job, disturbed, rng.uniform(0, longest))
        attempt(job, disturbed)
        equal = same(*(runs.read(runs.folder(root, run.name, 0)) for root in roots))
    print(
        f"model6, {recipe.epochs} epochs, {run.info['backend']}: "
        f"killed {killed} times of {options.kills}, up to {longest:.1f} s after the start; "
        f"{'identical' if equal else 'NOT IDENTICAL'} to the uninterrupted run"
    )
    return int(not equal or killed < options.kills)


def attempt(job, root: Path, delay: float | None = None) -> bool:
    """Trains in a new process; returns whether it was killed.

    Args:
        job: the arguments of ``training.train`` before the runs folder.
        root: the runs folder.
        delay: seconds after which it is killed; None for never.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["keras", "fer_lib.training"])
    process = context.Process(target=work, args=(job, root))
    process.start()
    process.join(delay)
    process.kill()
    process.join()
    if process.exitcode not in (0, -signal.SIGKILL):
        sys.exit(f"an attempt failed with exit status {process.exitcode}")
    return process.exitcode != 0


def work(job, root: Path) -> None:
    """Trains, without its lines; saves every epoch, so that no attempt is without progress."""
    checkpoints.INTERVAL = 0
    with Path(os.devnull).open("w") as sink, contextlib.redirect_stdout(sink):
        training.train(*job, root)


if __name__ == "__main__":
    sys.exit(main())
