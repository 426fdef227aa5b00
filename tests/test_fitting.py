"""Fitting: every field of a recipe has its effect on what the model learns."""

import dataclasses
import math

import keras
import numpy as np
import pytest
import tiny
from sklearn.utils.class_weight import compute_class_weight

from fer_lib import models, recipes
from fer_lib.data import Split
from fer_lib.errors import ParameterError
from fer_lib.recipes import Recipe
from fer_lib.training import fitting, one_epoch

DATA = tiny.dataset()


def prepared(dataset=DATA, **changes):
    recipe = Recipe("one", epochs=1, batch_size=16, **changes)
    model = fitting.build(tiny.NAME, recipe, 0)
    fitting.prepare(model, recipe, 1, len(dataset.train))
    return model, recipe


def first_epoch(dataset=DATA, **changes):
    model, recipe = prepared(dataset, **changes)
    return model, one_epoch.fit(model, recipe, dataset, 0, 1)


def test_an_epoch_is_what_keras_fits(tiny_model):
    """Batch by batch as in ``model.fit``, the last one smaller, classes weighed, penalised."""
    few = np.r_[np.flatnonzero(DATA.train.labels < 2), 2:7]  # one image of each other class
    train = Split(DATA.train.images[few], DATA.train.labels[few])
    uneven = dataclasses.replace(DATA, train=train)
    (model, row), (other, _) = (
        make(l2=1e-3, class_weights=True, dataset=uneven) for make in (first_epoch, prepared)
    )
    assert len(model.losses) == sum(len(w.shape) > 1 for w in model.trainable_variables)
    balanced = compute_class_weight("balanced", classes=np.arange(7), y=train.labels)
    order = np.random.default_rng([0, 1]).permutation(len(few))
    logs = other.fit(
        train.images[order],
        train.labels[order],
        batch_size=16,
        shuffle=False,
        class_weight=dict(enumerate(balanced)),
        validation_data=(DATA.validation.images, DATA.validation.labels),
        verbose=0,
    ).history
    for key, (value,) in logs.items():
        assert row[key] == pytest.approx(value, rel=1e-5)
    for ours, theirs in zip(model.weights, other.weights, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_weight_decay_takes_off_kernels_alone(tiny_model):
    model, _ = prepared(weight_decay=0.5)
    before = [np.array(variable) for variable in model.trainable_variables]
    gradients = [np.zeros(variable.shape, np.float32) for variable in model.trainable_variables]
    model.optimizer.apply(gradients, model.trainable_variables)
    for old, new in zip(before, model.trainable_variables, strict=True):
        share = 0.5 * 1e-3 if old.ndim > 1 else 0
        np.testing.assert_allclose(new, old * (1 - share), rtol=1e-6)


def test_label_smoothing_is_cross_entropy_with_smooth_labels(tiny_model):
    model, _ = prepared(label_smoothing=0.1)
    images, labels = DATA.validation.images, DATA.validation.labels
    wanted = 0.9 * np.eye(7)[labels] + 0.1 / 7
    expected = -(wanted * np.log(one_epoch.predict(model, images, 16))).sum(axis=1).mean()
    loss, accuracy = model.test_on_batch(images, labels)
    assert loss == pytest.approx(expected, rel=1e-5)
    assert accuracy == pytest.approx(np.mean(model.predict_on_batch(images).argmax(1) == labels))


def rates(**changes):
    """The learning rate of every step."""
    recipe = Recipe("one", batch_size=16, **changes)
    schedule = fitting.schedule(recipe, recipe.learning_rate, 70)
    return np.array([float(schedule(step)) for step in range(recipe.epochs * 5)])


def test_usual_rate_decays_by_the_steps():
    found = rates(epochs=3, decay_steps=5, decay_rate=0.5)
    np.testing.assert_allclose(found, 1e-3 * 0.5 ** (np.arange(15) / 5), rtol=1e-5)


@pytest.mark.parametrize(("warmup", "rising"), [(0.1, 2), (0.25, 5)])
def test_one_cycle_rises_for_a_share_and_falls_to_zero(warmup, rising):
    found = rates(epochs=4, learning_rate=2e-3, one_cycle=True, warmup=warmup)
    assert (found[0], found.argmax()) == (0, rising)
    assert found.max() == pytest.approx(2e-3)
    assert (np.diff(found[: rising + 1]) > 0).all()
    assert (np.diff(found[rising:]) < 0).all()
    assert found[-1] < 1e-4


def test_precision_is_of_the_arithmetic_not_of_the_weights(tiny_model):
    model = fitting.build(tiny.NAME, Recipe("one", precision="mixed_bfloat16"), 0)
    kinds = {layer.compute_dtype for layer in model.layers if layer.weights}
    assert kinds == {"bfloat16", "float32"}
    assert model.layers[-1].compute_dtype == "float32"
    assert {weight.dtype for weight in model.weights} == {"float32"}
    assert keras.config.dtype_policy().name == "float32"


def test_a_recipe_scales_the_dropout():
    recipe = dataclasses.replace(recipes.get("original"), dropout_factor=0.5)
    rates = [x.rate for x in fitting.build("model2", recipe, 0).layers if hasattr(x, "rate")]
    assert rates == [0.125, 0.125, 0.125, 0.25]


def answering(shape=(48, 48, 1), units=7, activation="softmax"):
    inputs = keras.Input(shape)
    x = keras.layers.Flatten()(inputs)
    return keras.Model(inputs, keras.layers.Dense(units, activation)(x))


@pytest.mark.parametrize(
    ("builder", "words"),
    [
        (lambda: None, "from None to None"),
        (lambda: answering(shape=(48, 48, 3)), r"from \(None, 48, 48, 3\) to \(None, 7\)"),
        (lambda: answering(units=8), r"to \(None, 8\)"),
        (lambda: answering(activation="linear"), "sums to 0"),
        (lambda: answering(activation="log_softmax"), "sums to -"),
    ],
)
def test_what_gives_no_probabilities_is_refused_before_it_is_trained(monkeypatch, builder, words):
    monkeypatch.setitem(models.MODELS, tiny.NAME, builder)
    with pytest.raises(ParameterError, match=f"model tiny: goes .*{words}.* a softmax of 7"):
        fitting.build(tiny.NAME, Recipe("one"), 0)


def test_another_seed_is_another_model(tiny_model):
    one, same, other = (fitting.build(tiny.NAME, tiny.RECIPE, seed) for seed in (0, 0, 1))
    kernels = [model.get_weights()[0] for model in (one, same, other)]
    np.testing.assert_array_equal(kernels[0], kernels[1])
    assert not math.isclose(kernels[0].sum(), kernels[2].sum())
