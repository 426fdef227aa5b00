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
import jax, keras, numpy as np
import tiny
from fer_lib import compiled_epoch, fitting, models, one_epoch
from fer_lib.recipes import Recipe

models.MODELS[tiny.NAME] = tiny.model
recipe = Recipe("one", batch_size=16, class_weights=True, flips=True, l2=1e-3)
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


# The second epoch is written only after the third is trained; what is saved must still be its own.
# The first one ends a phase and is written before the next begins, however long it takes.
SAVED_LATE = """
import json, sys, threading, time
from pathlib import Path
import numpy as np
import tiny
from fer_lib import checkpoints, compiled_epoch, fitting, models, one_epoch
from fer_lib.training.identity import identify
from fer_lib.recipes import Recipe

def in_two_phases():
    import keras

    inner = tiny.model()
    body = keras.Model(inner.inputs, inner.layers[-2].output, name="backbone")
    image = keras.Input(body.input_shape[1:])
    return keras.Model(image, keras.layers.Dense(7, activation="softmax")(body(image)))

models.MODELS[tiny.NAME] = in_two_phases
compiled_epoch.suits = lambda: True
recipe = Recipe("one", epochs=3, batch_size=16, frozen_epochs=1)
dataset, scratch = tiny.dataset(0), Path(sys.argv[1])
model = fitting.build(tiny.NAME, recipe, 0)
trained, saved, third_is_trained = [], [], threading.Event()
train, write = one_epoch.fit, checkpoints.save

def copies(variables):
    return [np.array(variable.value).tolist() for variable in variables]

def trains(model, recipe, dataset, seed, epoch):
    row = train(model, recipe, dataset, seed, epoch)
    trained.append(copies([*model.variables, *model.optimizer.variables]))
    if epoch == 3:
        third_is_trained.set()
    return row

def writes_late(folder, checkpoint):
    epoch = len(checkpoint.history)
    if epoch == 1:
        time.sleep(3)
    elif epoch == 2:
        assert third_is_trained.wait(60)
    write(folder, checkpoint)
    saved.append([value.tolist() for value in checkpoints.load(folder).values])

one_epoch.fit, checkpoints.save = trains, writes_late
fitting.fit(model, recipe, dataset, identify(tiny.NAME, recipe, 0, dataset), scratch)
print(json.dumps([trained, saved]))
"""


def with_jax(script: str, *arguments: str):
    """What a script prints as its last line, as JSON."""
    pytest.importorskip("jax")
    environment = {"KERAS_BACKEND": "jax", "PYTHONPATH": str(Path(tiny.__file__).parent)}
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def both():
    """What the steps and what the loop give: two epochs on a data set, one on another."""
    return with_jax(SCRIPT)


def test_what_is_saved_is_its_epochs_though_the_next_one_is_trained_meanwhile(tmp_path):
    trained, saved = with_jax(SAVED_LATE, str(tmp_path))
    assert saved == trained
    assert trained[1] != trained[2]


def test_the_loop_gives_what_the_steps_give(both):
    steps, loop = both
    assert steps["steps"] == loop["steps"] == 3 * 4
    for one, other in zip(steps["rows"], loop["rows"], strict=True):
        assert other == pytest.approx(one, abs=TOLERANCE)
    np.testing.assert_allclose(loop["weights"], steps["weights"], atol=TOLERANCE)


def test_the_splits_stay_on_the_device_until_others_come(both):
    first, second, third = both[1]["splits"]
    assert [shape[0] for shape, _ in first] == [21, 62]
    assert second == first
    assert [shape for shape, _ in third] == [shape for shape, _ in first]
    assert third != first
