"""Trains the tiny model on the backend that KERAS_BACKEND names; test_backends judges what it left.

    KERAS_BACKEND=jax python tests/on_backend.py FOLDER

Leaves the pictures of an epoch in ``FOLDER/shown.npy``, and with JAX what the compiled loop and the
steps one by one compute in ``FOLDER/ways.json``.
"""

import dataclasses
import json
import shutil
import sys
from pathlib import Path

import keras
import numpy as np
import tiny

from fer_lib import models, recipes
from fer_lib.data import Dataset, Split
from fer_lib.recipes import Recipe
from fer_lib.training import augmentation, checkpoints, compiled_epoch, fitting, one_epoch


def resume(folder: Path) -> None:
    """Trains two epochs, and again from the state after the first, as an interruption leaves it."""
    whole, resumed, fit = folder / "whole", folder / "resumed", one_epoch.fit

    def copying(*arguments):
        # Keras imports it when the first run saves its model.
        assert resumed.exists() or "tensorflow" not in sys.modules, "it may take the GPU's memory"
        if arguments[-1] == 2 and not resumed.exists():
            shutil.copytree(whole / ".checkpoints", resumed / ".checkpoints")
        return fit(*arguments)

    one_epoch.fit = copying
    recipe = dataclasses.replace(tiny.FULL, epochs=2)
    one = tiny.train(whole, recipe)
    tiny.assert_same(tiny.train(resumed, recipe), one)
    one_epoch.fit = fit


def noise(seed: int) -> Dataset:
    """62 training images: the last batch of 16 has 14. Two of its classes are rarer."""
    whole = tiny.dataset(seed)
    few = np.array([number for number in range(70) if number % 7 or number < 14])
    train = Split(whole.train.images[few], whole.train.labels[few])
    return Dataset(train, whole.validation, whole.test, "", "", "")


def three_epochs() -> dict:
    """Two on a data set and one on another. SGD would show a wrong gradient, Adam hides it."""
    recipe = Recipe("one", batch_size=16, class_weights=True, flips=True, l2=1e-3, rotation=9)
    model = fitting.build(tiny.NAME, dataclasses.replace(recipe, gain=0.1), 0)
    loss = "sparse_categorical_crossentropy"
    model.compile(keras.optimizers.SGD(0.05), loss, metrics=["accuracy"])
    one, other = noise(0), noise(1)
    rows = [
        one_epoch.fit(model, recipe, dataset, 0, epoch) | {"seconds": 0}
        for epoch, dataset in enumerate((one, one, other), 1)
    ]
    weights = np.concatenate([np.ravel(weight) for weight in model.get_weights()]).tolist()
    steps = int(model.optimizer.iterations)
    return {"rows": rows, "weights": weights, "steps": steps}


if __name__ == "__main__":
    root = Path(sys.argv[1])
    models.MODELS[tiny.NAME], checkpoints.INTERVAL = tiny.model, 0
    resume(root)
    images = tiny.dataset().train.images
    order = augmentation.drawn(recipes.get("compact"), len(images), 0, 1)
    np.save(root / "shown.npy", augmentation.show(images, order))
    if keras.backend.backend() == "jax":
        ways = []
        for compiled in (False, True):  # the second as on an accelerator
            compiled_epoch.suits = lambda compiled=compiled: compiled
            ways.append(three_epochs())
        (root / "ways.json").write_text(json.dumps(ways))
