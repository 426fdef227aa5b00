"""One model on eight devices computes what it computes on one; JAX alone, on virtual devices."""

import json
import os
import subprocess
import sys

import pytest

from fer_lib.errors import ParameterError
from fer_lib.training import distribution

#: Largest difference of a loss or a weight: sums are added up in another order.
TOLERANCE = 1e-5

# SGD shows a gradient of another size, Adam would hide it, and turn rounding into whole steps.
# 14 images in batches of 8: the last batch has 6, which eight devices cannot share equally.
SCRIPT = """
import json
import keras, numpy as np
from keras import layers
from fer_lib import distribution, one_epoch
from fer_lib.data import Dataset, Split
from fer_lib.recipes import Recipe

LOSS = "sparse_categorical_crossentropy"

def train(devices):
    distribution.use(devices)
    keras.utils.set_random_seed(0)
    model = keras.Sequential([
        keras.Input((48, 48, 1)), layers.Rescaling(1 / 255), layers.AveragePooling2D(8),
        layers.Flatten(), layers.Dense(8, activation="relu"), layers.BatchNormalization(),
        layers.Dropout(0.25), layers.Dense(7, activation="softmax"),
    ])
    model.compile(keras.optimizers.SGD(0.1), LOSS, metrics=["accuracy"])
    images = np.random.default_rng(0).integers(0, 256, (14, 48, 48, 1)).astype(np.uint8)
    labels = (np.arange(14) % 7).astype(np.uint8)
    held_out = Split(images[:6], labels[:6])
    dataset = Dataset(Split(images, labels), held_out, held_out, "", "", "")
    rows = [one_epoch.fit(model, Recipe("two", batch_size=8), dataset, 0, epoch)
            for epoch in (1, 2)]
    return {"rows": [{k: v for k, v in row.items() if k != "seconds"} for row in rows],
            "steps": int(model.optimizer.iterations),
            "weights": np.concatenate([weight.ravel() for weight in model.get_weights()]).tolist(),
            "places": len(model.trainable_variables[0].value.sharding.device_set),
            "count": distribution.count()}

print(json.dumps([train(1), train(8)]))
"""


def test_eight_devices_give_what_one_gives():
    pytest.importorskip("jax")
    flags = {"KERAS_BACKEND": "jax", "XLA_FLAGS": "--xla_force_host_platform_device_count=8"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=os.environ | flags, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    one, eight = json.loads(done.stdout.splitlines()[-1])
    assert (one["places"], eight["places"]) == (one["count"], eight["count"]) == (1, 8)
    assert one["steps"] == eight["steps"] == 4
    for row, other in zip(one["rows"], eight["rows"], strict=True):
        assert other == pytest.approx(row, abs=TOLERANCE)
    assert eight["weights"] == pytest.approx(one["weights"], abs=TOLERANCE)


@pytest.mark.parametrize("devices", [0, -1])
def test_impossible_numbers(devices):
    with pytest.raises(ParameterError, match="from 1 on"):
        distribution.use(devices)


def test_other_backends_train_on_one_device():
    import keras

    distribution.use(1)
    assert distribution.count() == 1
    if keras.backend.backend() == "jax":
        pytest.skip("this is the backend that can")
    with pytest.raises(ParameterError, match="KERAS_BACKEND=jax"):
        distribution.use(2)
