"""A model and a data set so small that a test trains them in a second.

Run as a script it trains them too, in a process that a test can kill, and saves every epoch:

    python tests/tiny.py <runs folder> <epochs>
"""

import dataclasses
import functools
import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from fer_lib import data, models, paths, training
from fer_lib.data import Dataset, Split
from fer_lib.recipes import Recipe
from fer_lib.training import checkpoints

NAME = "tiny"
RECIPE = Recipe("quick", epochs=4, batch_size=16)
#: With everything that a recipe has.
FULL = dataclasses.replace(
    RECIPE, name="full", flips=True, rotation=10, shift=4, gain=0.2, cutout=12
)
FULL = dataclasses.replace(FULL, weight_decay=0.02, label_smoothing=0.1, all_answers=True)
FULL = dataclasses.replace(FULL, one_cycle=True, warmup=0.2)
#: For PYTHONPATH: where a test's own process finds fer_lib and this module.
FOLDERS = os.pathsep.join([str(paths.ROOT), str(Path(__file__).parent)])
SIZES = (70, 21, 28)


def model(**overrides):
    """A CNN of the study with one block of two filters; it has all kinds of state."""
    return models.build("model1", **{"filters": (2,), "pooling": ("max",), **overrides})


@functools.cache
def dataset(seed: int = 0) -> Dataset:
    """Random images, every class equally often, a little brighter from class to class."""
    random = np.random.default_rng(seed)
    splits = [_split(random, size) for size in SIZES]
    return Dataset(*splits, name="noise", source="tests", fingerprint=data.fingerprint(*splits))


def _split(random: np.random.Generator, size: int) -> Split:
    labels = (np.arange(size) % 7).astype(np.uint8)
    noise = random.integers(0, 100, (size, 48, 48, 1))
    return Split((noise + 20 * labels[:, None, None, None]).astype(np.uint8), labels)


def train(root, recipe=RECIPE, seed=0, data_seed=0):
    """Trains the tiny model, once it is one of the study's."""
    return training.train(NAME, recipe, seed, dataset(data_seed), Path(root))


def assert_same(run, other):
    """Bit for bit, but for the time that it took."""
    history, expected = (one.history.drop(columns="seconds") for one in (run, other))
    pd.testing.assert_frame_equal(history, expected, check_exact=True)
    for name, values in run.predictions.items():
        np.testing.assert_array_equal(values, other.predictions[name], err_msg=name)
    assert run.info["metrics"] == other.info["metrics"]
    assert run.info["best_epoch"] == other.info["best_epoch"]


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    models.MODELS[NAME], checkpoints.INTERVAL = model, 0
    train(sys.argv[1], dataclasses.replace(RECIPE, epochs=int(sys.argv[2])))
