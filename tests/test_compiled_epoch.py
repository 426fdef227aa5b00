"""The compiled loop computes what the steps one by one compute; JAX alone."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import tiny

#: Largest difference of a loss or a weight: sums are added up in another order.
TOLERANCE = 1e-5

# 62 images in batches of 16: the last one has 14. SGD would show a wrong gradient, Adam hides it.
SCRIPT = """
import json
import jax, keras, numpy as np
import tiny
from fer_lib import models
from fer_lib.recipes import Recipe
from fer_lib.training import compiled_epoch, fitting, one_epoch

models.MODELS[tiny.NAME] = tiny.model
recipe = Recipe("one", batch_size=16, class_weights=True, flips=True, l2=1e-3, rotation=9, gain=0.1)
few = np.array([number for number in range(70) if number % 7 or number < 14])

def dataset(seed):
    whole = tiny.dataset(seed)
    train = type(whole.train)(whole.train.images[few], whole.train.labels[few])
    return type(whole)(train, whole.validation, whole.test, "", "", "")

def on_the_device():
    splits = [array for array in jax.live_arrays() if array.dtype == np.uint8]
    return sorted({(array.shape, array.unsafe_buffer_pointer()) for array in splits})

def trained(compiled, datasets):
    compiled_epoch.suits = lambda: compiled
    model = fitting.build(tiny.NAME, recipe, 0)
    loss = "sparse_categorical_crossentropy"
    model.compile(keras.optimizers.SGD(0.05), loss, metrics=["accuracy"])
    rows, splits = [], []
    for epoch, dataset in enumerate(datasets, 1):
        rows.append(one_epoch.fit(model, recipe, dataset, 0, epoch))
        splits.append(on_the_device())
    weights = np.concatenate([np.ravel(weight) for weight in model.get_weights()])
    return {"rows": [{k: v for k, v in row.items() if k != "seconds"} for row in rows],
            "steps": int(model.optimizer.iterations), "weights": weights.tolist(),
            "splits": splits}

one, other = dataset(0), dataset(1)
print(json.dumps([trained(False, [one, one, other]), trained(True, [one, one, other])]))
"""


def test_the_loop_gives_what_the_steps_give():
    """Two epochs on a data set, which stays on the device, and one on another."""
    pytest.importorskip("jax")
    environment = {"KERAS_BACKEND": "jax", "PYTHONPATH": tiny.FOLDERS}
    command = [sys.executable, "-c", SCRIPT]
    output = subprocess.check_output(command, env=os.environ | environment, text=True)
    steps, loop = json.loads(output.splitlines()[-1])
    assert steps["steps"] == loop["steps"] == 3 * 4
    for one, other in zip(steps["rows"], loop["rows"], strict=True):
        assert other == pytest.approx(one, abs=TOLERANCE)
    np.testing.assert_allclose(loop["weights"], steps["weights"], atol=TOLERANCE)
    first, second, third = loop["splits"]
    assert [shape[0] for shape, _ in first] == [21, 62]
    assert second == first
    assert [shape for shape, _ in third] == [shape for shape, _ in first]
    assert third != first
