"""The compiled loop computes what the steps one by one compute; JAX alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tiny

#: Largest difference of a loss or a weight: sums are added up in another order.
TOLERANCE = 1e-5

# 62 images in batches of 16: the last one has 14. SGD would show a wrong gradient, Adam hides it.
SCRIPT = """
import json, sys
import keras, numpy as np
import tiny
from fer_lib import compiled_epoch, fitting, models, one_epoch
from fer_lib.recipes import Recipe

models.MODELS[tiny.NAME] = tiny.model
recipe = Recipe("one", batch_size=16, class_weights=True, l2=1e-3)
few = np.array([number for number in range(70) if number % 7 or number < 14])
whole = tiny.dataset()
train = type(whole.train)(whole.train.images[few], whole.train.labels[few])
dataset = type(whole)(train, whole.validation, whole.test, "", "", "")

def trained(compiled):
    compiled_epoch.suits = lambda: compiled
    model = fitting.build(tiny.NAME, recipe, 0)
    loss = "sparse_categorical_crossentropy"
    model.compile(keras.optimizers.SGD(0.05), loss, metrics=["accuracy"])
    rows = [one_epoch.fit(model, recipe, dataset, 0, epoch) for epoch in (1, 2)]
    weights = np.concatenate([np.ravel(weight) for weight in model.get_weights()])
    return {"rows": [{k: v for k, v in row.items() if k != "seconds"} for row in rows],
            "steps": int(model.optimizer.iterations), "weights": weights.tolist()}

print(json.dumps([trained(False), trained(True)]))
"""


def test_the_loop_gives_what_the_steps_give():
    pytest.importorskip("jax")
    environment = {"KERAS_BACKEND": "jax", "PYTHONPATH": str(Path(tiny.__file__).parent)}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=os.environ | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    steps, loop = json.loads(done.stdout.splitlines()[-1])
    assert steps["steps"] == loop["steps"] == 2 * 4
    for one, other in zip(steps["rows"], loop["rows"], strict=True):
        assert other == pytest.approx(one, abs=TOLERANCE)
    np.testing.assert_allclose(loop["weights"], steps["weights"], atol=TOLERANCE)
