"""What the benchmarks share: fresh processes, that work in turns or once, and results files."""

import dataclasses
import datetime
import importlib
import json
import multiprocessing
import os
import shlex
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

from fer_lib import paths, runs
from fer_lib.data import Dataset, Split

RESULTS = paths.ROOT / "benchmarks" / "results"
BATCH = 128
#: Validation images for each batch of training images: FER2013 has an eighth as many.
VALIDATION_SHARE = 16
FRESH = multiprocessing.get_context("spawn")


class Worker:
    """A process that measures while the others wait, one answer a turn.

    Competing libraries in one process would fight over the processors' threads, and measured one
    after the other a slow drift of the machine would hit them unequally.

    Args:
        name: what the process works on, as "ways.bare": a module beside this one and its function,
            which is called with the job and its :class:`Turns`.
        job: the function's first argument.
    """

    def __init__(self, name: str, job: dict):
        self.name = name
        self._pipe, far_end = FRESH.Pipe()
        self._process = FRESH.Process(target=_work, args=(name, job, far_end))
        self._process.start()
        far_end.close()

    def turn(self) -> dict:
        """Lets the process work; returns its answer, which has ``seconds`` and ``images``."""
        try:
            self._pipe.send("go")
            return self._pipe.recv()
        except (EOFError, OSError):
            sys.exit(f"{self.name} ended before its turn; its error stands above")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.join()


class Turns:
    """The worker's end. Its first turn begins with the process: that is the preparation."""

    def __init__(self, pipe):
        self._pipe = pipe
        self._wait()

    def done(self, images: int, **facts) -> None:
        """Ends a turn in which so many training images were worked on; waits for the next.

        A fact ``seconds`` replaces the time that the whole turn took.
        """
        seconds = time.perf_counter() - self._start
        self._pipe.send({"seconds": seconds, "images": images, **facts})
        self._wait()

    def _wait(self) -> None:
        self._pipe.recv()
        self._start = time.perf_counter()


def _work(name: str, job: dict, pipe) -> None:
    module, _, function = name.partition(".")
    getattr(importlib.import_module(module), function)(job, Turns(pipe))


def sized(dataset: Dataset, batches: int) -> Dataset:
    """So many batches of training images, and of validation images in FER2013's proportion."""
    sizes = {"train": batches * BATCH, "validation": batches * VALIDATION_SHARE}
    splits = {}
    for name, size in sizes.items():
        split, numbers = dataset.splits[name], np.arange(size) % len(dataset.splits[name])
        splits[name] = Split(split.images[numbers], split.labels[numbers])
    return dataclasses.replace(dataset, **splits)


def once(function, *arguments) -> float:
    """Calls a function in a fresh process; its seconds."""
    with ProcessPoolExecutor(1, mp_context=FRESH) as pool:
        return pool.submit(_timed, function, *arguments).result()


def _timed(function, *arguments) -> float:
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def same(run: runs.Run, other: runs.Run) -> bool:
    """Whether two runs are equal bit for bit: history but for the time, metrics, predictions."""
    histories = [one.history.drop(columns="seconds") for one in (run, other)]
    found, expected = run.predictions, other.predictions
    equal = all(np.array_equal(found[name], expected[name]) for name in found)
    return equal and histories[0].equals(histories[1]) and run.metrics == other.metrics


def conditions() -> dict:
    """What a result says besides its figures; to be called before anything is measured."""
    from fer_lib.training import machine  # which imports Keras

    return {
        "command": shlex.join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *sys.argv[1:]]),
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "machine": machine.describe(),
        "versions": machine.versions(),
        "load": round(os.getloadavg()[0], 2),
    }


def show(result: dict, write_as: str = "") -> None:
    """Prints a result and writes it, if it is given a name, to ``benchmarks/results``.

    Args:
        result: the conditions, and ``rows``: dicts of what was measured, its ``unit`` and
            ``values``, one a round.
        write_as: the file's name without its suffix.
    """
    table = pd.DataFrame(result["rows"])
    values = table.pop("values")
    for name, function in (("median", np.median), ("lowest", min), ("highest", max)):
        table[name] = [f"{function(found):,.4g}" for found in values]
    print({key: value for key, value in result.items() if key != "rows"})
    print(table.to_string(index=False))
    if write_as:
        file = RESULTS / f"{write_as}.json"
        file.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        print(f"written: {file}")
