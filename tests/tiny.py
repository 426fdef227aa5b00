"""A model and a data set so small that a test trains them in a second.

Run as a script it trains them too, in a process that a test can kill:

    python tests/tiny.py <runs folder> [<epochs>]
"""

import os
import sys
from pathlib import Path

import numpy as np

from fer_lib import data, models, training
from fer_lib.data import Dataset, Split
from fer_lib.recipes import Recipe

NAME = "tiny"
RECIPE = Recipe("quick", epochs=4, batch_size=16)
SIZES = (70, 21, 28)


def model(**overrides):
    """A CNN of the study with one block of two filters; it has all kinds of state."""
    return models.cnns.cnn(NAME, **{"filters": (2,), "pooling": ("max",), **overrides})


def dataset(seed: int = 0) -> Dataset:
    """Random images, every class equally often, a little brighter from class to class."""
    random = np.random.default_rng(seed)
    splits = [_split(random, size) for size in SIZES]
    return Dataset(*splits, name="noise", source="tests", fingerprint=data.fingerprint(*splits))


def _split(random: np.random.Generator, size: int) -> Split:
    labels = (np.arange(size) % 7).astype(np.uint8)
    noise = random.integers(0, 100, (size, 48, 48, 1))
    return Split((noise + 20 * labels[:, None, None, None]).astype(np.uint8), labels)


def main(root: str, epochs: str = "4") -> None:
    """Trains in this process."""
    models.MODELS[NAME] = model
    recipe = Recipe("quick", epochs=int(epochs), batch_size=16)
    training.train(NAME, recipe, 0, dataset(), Path(root))


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main(*sys.argv[1:])
