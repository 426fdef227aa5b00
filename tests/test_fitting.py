"""Fitting: every field of a recipe has its effect on what the model learns."""

import dataclasses
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tiny

from fer_lib import models, recipes
from fer_lib.data import Split
from fer_lib.errors import ParameterError
from fer_lib.recipes import Recipe
from fer_lib.training import augmentation, fitting, one_epoch


def first_epoch(dataset, **changes):
    recipe = Recipe("one", epochs=1, batch_size=16, **changes)
    model = fitting.build(tiny.NAME, recipe, 0)
    fitting.prepare(model, recipe, 1, len(dataset.train))
    return model, one_epoch.fit(model, recipe, dataset, 0, 1)


def test_l2_raises_the_loss(tiny_model, tiny_dataset):
    _, plain = first_epoch(tiny_dataset)
    model, penalised = first_epoch(tiny_dataset, l2=0.1)
    kernels = [w for w in model.trainable_variables if w.path.endswith("kernel")]
    penalty = sum(0.1 * float(np.sum(np.square(w.numpy()))) for w in kernels)
    assert penalised["val_loss"] > plain["val_loss"] + penalty / 2
    assert len(model.losses) == len(kernels)


@pytest.fixture
def uneven(tiny_dataset):
    """Two classes have all their images, the others one each."""
    few = np.r_[np.flatnonzero(tiny_dataset.train.labels < 2), 2:7]
    train = Split(tiny_dataset.train.images[few], tiny_dataset.train.labels[few])
    return dataclasses.replace(tiny_dataset, train=train)


def test_class_weights_reach_the_loss(tiny_model, uneven, monkeypatch):
    seen = {}

    def step(self, images, labels, sample_weight=None, **keywords):
        seen.update(labels=labels, weights=sample_weight)
        raise InterruptedError

    monkeypatch.setattr(keras.Model, "train_on_batch", step)
    with pytest.raises(InterruptedError):
        first_epoch(uneven, class_weights=True)
    counts = np.bincount(uneven.train.labels, minlength=7)
    assert len(set(counts)) > 1
    balanced = len(uneven.train) / (7 * counts)
    np.testing.assert_allclose(seen["weights"], balanced[np.asarray(seen["labels"])], rtol=1e-6)
    with pytest.raises(InterruptedError):
        first_epoch(uneven)
    assert seen["weights"] is None


def test_class_weights_change_what_is_learned(tiny_model, uneven):
    _, plain = first_epoch(uneven)
    _, weighted = first_epoch(uneven, class_weights=True)
    assert weighted["loss"] != plain["loss"]


def test_order_of_the_images_depends_on_seed_and_epoch(tiny_model, tiny_dataset, monkeypatch):
    seen = []

    def step(self, images, labels, **keywords):
        seen.append(labels.tolist())
        raise InterruptedError

    recipe = recipes.Recipe("one", epochs=2, batch_size=16)
    model = fitting.build(tiny.NAME, recipe, 0)
    fitting.prepare(model, recipe, 1, len(tiny_dataset.train))
    monkeypatch.setattr(keras.Model, "train_on_batch", step)
    for seed, epoch in [(0, 1), (0, 1), (0, 2), (1, 1)]:
        with pytest.raises(InterruptedError):
            one_epoch.fit(model, recipe, tiny_dataset, seed, epoch)
    assert seen[0] == seen[1]
    assert seen[2] != seen[0] != seen[3]


def rates(recipe, images=70):
    """The learning rate of every step."""
    schedule = fitting._schedule(recipe, recipe.learning_rate, images)
    steps = recipe.epochs * -(-images // recipe.batch_size)
    return np.array([float(schedule(step)) for step in range(steps)])


def test_usual_rate_decays_by_the_steps():
    found = rates(Recipe("one", epochs=3, batch_size=16, decay_steps=5, decay_rate=0.5))
    np.testing.assert_allclose(found, 1e-3 * 0.5 ** (np.arange(15) / 5), rtol=1e-5)


def test_one_cycle_rises_for_a_tenth_and_falls_to_zero():
    found = rates(Recipe("one", epochs=4, batch_size=16, learning_rate=2e-3, one_cycle=True))
    assert found[0] == 0
    assert found.argmax() == 2
    assert found.max() == pytest.approx(2e-3)
    assert (np.diff(found[:3]) > 0).all()
    assert (np.diff(found[2:]) < 0).all()
    assert found[-1] < 1e-4


def test_two_epochs_show_every_image_once_mirrored():
    images = np.random.default_rng(0).integers(0, 256, (50, 4, 6, 1), dtype=np.uint8)
    mirrored = []
    for epoch in (1, 2, 3):
        order = augmentation.shuffled(50, 0, epoch, flips=True)
        shown = np.empty_like(images)
        shown[order.numbers] = augmentation.show(images, order)
        as_it_is = (shown == images).all(axis=(1, 2, 3))
        assert ((shown == images[:, :, ::-1]).all(axis=(1, 2, 3)) != as_it_is).all()
        mirrored.append(~as_it_is)
    assert 15 < mirrored[0].sum() < 35
    assert (mirrored[1] == ~mirrored[0]).all()
    assert (mirrored[2] == mirrored[0]).all()


def test_order_and_mirrored_half_stay_what_they_were():
    """Else a run that was interrupted would not go on as it began."""
    order = augmentation.shuffled(10, 3, 2, flips=True)
    assert order.numbers.tolist() == [7, 4, 1, 8, 6, 0, 2, 9, 3, 5]
    assert np.flatnonzero(order.mirrored).tolist() == [3, 6, 8]
    assert not augmentation.shuffled(10, 3, 2, flips=False).mirrored.any()


def test_flips_leave_the_data_set_alone(tiny_model, tiny_dataset):
    before = np.array(tiny_dataset.train.images)
    _, plain = first_epoch(tiny_dataset)
    _, flipped = first_epoch(tiny_dataset, flips=True)
    np.testing.assert_array_equal(tiny_dataset.train.images, before)
    assert flipped["loss"] != plain["loss"]


def test_precision_is_of_the_arithmetic_not_of_the_weights(tiny_model):
    short = Recipe("one", precision="mixed_bfloat16")
    model = fitting.build(tiny.NAME, short, 0)
    assert {layer.compute_dtype for layer in model.layers if layer.weights} == {
        "bfloat16",
        "float32",
    }
    assert model.layers[-1].compute_dtype == "float32"
    assert {weight.dtype for weight in model.weights} == {"float32"}
    assert keras.config.dtype_policy().name == "float32"


def test_an_epoch_is_what_keras_fits(tiny_model, tiny_dataset):
    """Batch by batch as in ``model.fit``, the last one smaller, and with the same means."""
    model, row = first_epoch(tiny_dataset, l2=1e-3)
    recipe = Recipe("one", epochs=1, batch_size=16, l2=1e-3)
    other = fitting.build(tiny.NAME, recipe, 0)
    fitting.prepare(other, recipe, 1, len(tiny_dataset.train))
    order = np.random.default_rng([0, 1]).permutation(len(tiny_dataset.train))
    logs = other.fit(
        tiny_dataset.train.images[order],
        tiny_dataset.train.labels[order],
        batch_size=16,
        shuffle=False,
        validation_data=(tiny_dataset.validation.images, tiny_dataset.validation.labels),
        verbose=0,
    ).history
    for key, (value,) in logs.items():
        assert row[key] == pytest.approx(value, rel=1e-5)
    for ours, theirs in zip(model.weights, other.weights, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_a_recipe_scales_the_dropout():
    recipe = dataclasses.replace(recipes.get("original"), dropout_factor=0.5)
    rates = [x.rate for x in fitting.build("model2", recipe, 0).layers if hasattr(x, "rate")]
    assert rates == [0.125, 0.125, 0.125, 0.25]


@pytest.mark.parametrize("precision", recipes.PRECISIONS)
@pytest.mark.parametrize("dtype", [None, "float32"])
def test_a_softmax_of_any_precision_gives_probabilities(monkeypatch, precision, dtype):
    monkeypatch.setitem(models.MODELS, tiny.NAME, lambda: one_layer("softmax", dtype))
    fitting.build(tiny.NAME, Recipe("one", precision=precision), 0)


@pytest.mark.parametrize("activation", ["linear", "sigmoid", "relu", "log_softmax"])
def test_a_model_without_a_softmax_is_refused_before_it_is_trained(monkeypatch, activation):
    monkeypatch.setitem(models.MODELS, tiny.NAME, lambda: one_layer(activation))
    with pytest.raises(ParameterError, match=r"model tiny: .* are no probabilities; end it with a"):
        fitting.build(tiny.NAME, Recipe("one"), 0)


def test_a_model_that_predicts_no_numbers_is_refused(monkeypatch):
    def broken():
        model = one_layer("softmax")
        model.layers[-1].bias.assign([np.nan] * 7)
        return model

    monkeypatch.setitem(models.MODELS, tiny.NAME, broken)
    with pytest.raises(ParameterError, match=r"model tiny: .* nan"):
        fitting.build(tiny.NAME, Recipe("one"), 0)


def one_layer(activation, dtype=None):
    inputs = keras.Input((48, 48, 1))
    x = keras.layers.Flatten()(inputs)
    return keras.Model(inputs, keras.layers.Dense(7, activation, dtype=dtype)(x))


def test_the_look_at_the_probabilities_changes_no_result(tiny_model, tiny_dataset, monkeypatch):
    looked, row = first_epoch(tiny_dataset)
    after = random.random(), np.random.random()
    monkeypatch.setattr(models, "check_probabilities", lambda name, model: None)
    plain, other = first_epoch(tiny_dataset)
    assert after == (random.random(), np.random.random())
    assert {**row, "seconds": 0} == {**other, "seconds": 0}
    for ours, theirs in zip(looked.variables, plain.variables, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    images = tiny_dataset.test.images
    np.testing.assert_array_equal(*(one_epoch.predict(x, images, 16) for x in (looked, plain)))


SETTINGS = """
import keras, tiny
from fer_lib import fitting, models
models.MODELS[tiny.NAME] = tiny.model
model = fitting.build(tiny.NAME, tiny.RECIPE, 0)
fitting.prepare(model, tiny.RECIPE, 1, 70)
print({x.dtype for x in (*model.variables, *model.optimizer.variables)} - {"uint32"})
print(model.layers[2].output.shape, model.compute_dtype, keras.config.dtype_policy().name)
print(keras.config.floatx(), keras.config.image_data_format(), keras.config.epsilon())
"""


def test_a_file_of_settings_changes_no_run(tmp_path):
    settings = {"floatx": "float64", "image_data_format": "channels_first", "epsilon": 1e-3}
    (tmp_path / "keras.json").write_text(json.dumps({"backend": "tensorflow", **settings}))
    folders = {"KERAS_HOME": str(tmp_path), "PYTHONPATH": str(Path(tiny.__file__).parent)}
    done = subprocess.run(
        [sys.executable, "-c", SETTINGS],
        env={**os.environ, **folders},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    variables, layer, now = done.stdout.splitlines()
    assert "float64" not in variables
    assert layer == "(None, 48, 48, 2) float32 float32"
    assert now == "float32 channels_last 1e-07"
