"""The models are the ones of the original report: shapes, layers, parameters, multiply-adds."""

import numpy as np
import pytest

from fer_lib import models
from fer_lib.errors import ParameterError
from fer_lib.models import architecture

# Counted by hand from section 3 of the report: (parameters, multiply-adds of one image).
EXPECTED = {
    "model1": (1_469_031, 86_779_648),
    "model2": (1_469_031, 86_779_648),
    "model3": (3_507_399, 343_426_816),
    "model4": (1_977_447, 238_954_240),
    "model5": (1_765_479, 118_040_320),
    "model6": (813_671, 63_508_224),
}


@pytest.fixture(scope="module")
def built():
    return {name: models.build(name) for name in models.CNNS}


def convolution(kernel, inputs, filters, side):
    """Parameters and multiply-adds of one convolution with "same" padding."""
    weights = kernel * kernel * inputs * filters
    return weights + filters, weights * side * side


def test_model1_counts_follow_from_its_description():
    parameters = multiply_adds = 0
    inputs, side = 1, 48
    for filters in (32, 64, 128):
        for source in (inputs, filters):
            counts = convolution(3, source, filters, side)
            parameters += counts[0]
            multiply_adds += counts[1]
        parameters += 4 * filters  # BatchNormalization: scale, shift, mean, variance
        inputs, side = filters, side // 2
    flat = side * side * inputs
    parameters += flat * 256 + 256 + 256 * 7 + 7
    multiply_adds += flat * 256 + 256 * 7
    assert EXPECTED["model1"] == (parameters, multiply_adds)


@pytest.mark.parametrize("name", EXPECTED)
def test_parameters_and_multiply_adds(built, name):
    layers = architecture.layers(built[name])
    parameters = sum(layer["parameters"] for layer in layers)
    multiply_adds = sum(layer["multiply_adds"] for layer in layers)
    assert (parameters, multiply_adds) == EXPECTED[name]
    assert parameters == built[name].count_params()


def test_multiply_adds_of_a_map_and_of_an_unknown_layer():
    import keras

    inputs = keras.Input((8, 8, 3))
    x = keras.layers.DepthwiseConv2D(3, name="depthwise")(inputs)
    x = keras.layers.Dense(5, name="dense")(x)
    found = architecture.layers(keras.Model(inputs, x))
    assert [row["multiply_adds"] for row in found] == [0, 36 * 9 * 3, 36 * 3 * 5]
    separable = keras.layers.SeparableConv2D(4, 3, name="odd")(inputs)
    with pytest.raises(ParameterError, match=r"layer odd: .* a SeparableConv2D makes"):
        architecture.layers(keras.Model(inputs, separable))


def test_the_digest_of_an_architecture_knows_the_settings():
    digests = [
        architecture.digest(models.build("model1", **change))
        for change in ({}, {"l2": 0.1}, {"pooling": ("average",) * 3}, {"second_padding": "valid"})
    ]
    assert digests[0] == digests[1] and len(set(digests)) == 3


@pytest.mark.parametrize("name", models.CNNS)
def test_takes_raw_pixels_and_gives_probabilities(built, name):
    images = np.random.default_rng(0).integers(0, 256, (3, 48, 48, 1), dtype=np.uint8)
    probabilities = built[name].predict(images, verbose=0)
    assert probabilities.shape == (3, 7)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    floats = built[name].predict(images.astype(np.float32), verbose=0)
    np.testing.assert_allclose(probabilities, floats, rtol=1e-5)


@pytest.mark.parametrize("name", models.CNNS)
def test_is_uncompiled_and_bears_its_name(built, name):
    assert not built[name].compiled
    assert built[name].name == name


def kinds(model):
    return [type(layer).__name__ for layer in model.layers]


def test_model1_has_the_layers_of_the_report(built):
    block = ["Conv2D", "BatchNormalization", "Conv2D", "MaxPooling2D", "Dropout"]
    head = ["Flatten", "Dense", "Dropout", "Dense"]
    assert kinds(built["model1"]) == ["InputLayer", "Rescaling", *block * 3, *head]
    rates = [layer.rate for layer in built["model1"].layers if hasattr(layer, "rate")]
    assert rates == [0.25, 0.25, 0.25, 0.5]


def test_each_model_changes_one_thing(built):
    def pooling(name):
        return [kind for kind in kinds(built[name]) if "Pooling" in kind]

    def convolutions(name):
        return [layer for layer in built[name].layers if type(layer).__name__ == "Conv2D"]

    assert pooling("model2") == ["MaxPooling2D", "AveragePooling2D", "AveragePooling2D"]
    assert [c.filters for c in convolutions("model3")] == [64, 64, 128, 128, 256, 256]
    assert {c.kernel_size for c in convolutions("model4")} == {(5, 5)}
    assert [c.filters for c in convolutions("model5")][-2:] == [256, 256]
    assert len(pooling("model5")) == 4
    assert [c.padding for c in convolutions("model6")] == ["same", "valid"] * 3
    assert {c.padding for c in convolutions("model1")} == {"same"}


def test_overrides():
    model = models.build("model2", l2=1e-3)
    penalised = [w for w in model.layers if getattr(w, "kernel_regularizer", None)]
    assert len(penalised) == 8
    assert len(model.losses) == 8


def test_unknown_model_names_the_choices():
    with pytest.raises(ParameterError, match=r"'model9'.*model1, model2"):
        models.build("model9")


def _model(shape=(48, 48, 1), units=7, activation="softmax"):
    import keras

    inputs = keras.Input(shape)
    x = keras.layers.Flatten()(inputs)
    return keras.Model(inputs, keras.layers.Dense(units, activation, name="end")(x))


def _unfinished():
    import keras

    return keras.Sequential([keras.layers.Dense(7, "softmax")])


@pytest.mark.parametrize(
    ("builder", "words"),
    [
        (lambda: None, r"model mine: its builder returns NoneType; let it return a keras\.Model"),
        (lambda: (_model(),), "its builder returns tuple"),
        (lambda: _model(shape=(48, 48, 3)), r"from \(None, 48, 48, 3\) to \(None, 7\); let its"),
        (lambda: _model(units=8), r"from \(None, 48, 48, 1\) to \(None, 8\); let its"),
        (_unfinished, "it goes from None to None"),
    ],
)
def test_a_builder_that_returns_no_such_model_is_refused(builder, words, monkeypatch):
    monkeypatch.setitem(models.MODELS, "mine", builder)
    with pytest.raises(ParameterError, match=words):
        models.build("mine")


def test_unknown_override_is_refused():
    with pytest.raises(ParameterError, match="modle"):
        models.build("model2", modle=3)


@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-5), ("mixed_bfloat16", 1e-2)])
def test_the_fused_normalization_does_what_keras_does(precision, tolerance):
    import keras

    from fer_lib.models.normalization import BatchNormalization

    inputs = np.random.default_rng(0).normal(3, 2, (5, 6, 7, 4)).astype(np.float32)
    found = []
    for kind in (keras.layers.BatchNormalization, BatchNormalization):
        layer = kind(dtype=precision)
        layer.build(inputs.shape)
        layer.gamma.assign([1, 2, 3, 0.5])
        layer.beta.assign([0, 1, -1, 2])
        trained = keras.ops.convert_to_numpy(layer(inputs, training=True)).astype(np.float32)
        predicted = keras.ops.convert_to_numpy(layer(inputs)).astype(np.float32)
        found.append([trained, predicted, *layer.get_weights()])
    for keras_has, fused_has in zip(*found, strict=True):
        np.testing.assert_allclose(fused_has, keras_has, rtol=tolerance, atol=tolerance)
