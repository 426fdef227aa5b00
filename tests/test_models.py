"""The models are the ones of the original report: shapes, layers, parameters, multiply-adds."""

import keras
import numpy as np
import pytest

from fer_lib import models, recipes
from fer_lib.errors import ParameterError
from fer_lib.models import architecture
from fer_lib.models.normalization import BatchNormalization

# Counted by hand from section 3 of the report: (parameters, multiply-adds of one image).
EXPECTED = {
    "model1": (1_469_031, 86_779_648),
    "model2": (1_469_031, 86_779_648),
    "model3": (3_507_399, 343_426_816),
    "model4": (1_977_447, 238_954_240),
    "model5": (1_765_479, 118_040_320),
    "model6": (813_671, 63_508_224),
    "compact": (1_176_359, 117_450_496),
}


@pytest.fixture(scope="module")
def built():
    return {name: models.build(name) for name in EXPECTED}


def kinds(model):
    return [type(layer).__name__ for layer in model.layers]


@pytest.mark.parametrize("name", EXPECTED)
def test_raw_pixels_become_probabilities_by_the_reports_parameters(built, name):
    model = built[name]
    assert model.name == name and not model.compiled
    layers = architecture.layers(model)
    found = [sum(layer[key] for layer in layers) for key in ("parameters", "multiply_adds")]
    assert (*found,) == EXPECTED[name]
    assert model.count_params() == found[0]
    images = np.random.default_rng(0).integers(0, 256, (3, 48, 48, 1), dtype=np.uint8)
    probabilities = np.asarray(model(images))
    assert probabilities.shape == (3, 7) and probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


def test_multiply_adds_of_a_map_and_of_an_unknown_layer():
    inputs = keras.Input((8, 8, 3))
    x = keras.layers.DepthwiseConv2D(3, name="depthwise")(inputs)
    x = keras.layers.Dense(5, name="dense")(x)
    found = architecture.layers(keras.Model(inputs, x))
    assert [row["multiply_adds"] for row in found] == [0, 36 * 9 * 3, 36 * 3 * 5]
    separable = keras.layers.SeparableConv2D(4, 3, name="odd")(inputs)
    with pytest.raises(ParameterError, match=r"layer odd: .* a SeparableConv2D makes"):
        architecture.layers(keras.Model(inputs, separable))


def test_the_same_seed_gives_the_same_first_weights():
    """Sums of all weights' sizes, as when the committed runs were made."""
    for name, total in (("model2", 29820.75569), ("compact", 27358.46683)):
        keras.utils.set_random_seed(3)
        weights = models.build(name).get_weights()
        assert sum(float(np.abs(w).sum()) for w in weights) == pytest.approx(total, rel=1e-6)


def test_the_models_have_the_layers_of_the_report(built):
    block = ["Conv2D", "BatchNormalization", "Conv2D", "MaxPooling2D", "Dropout"]
    head = ["Flatten", "Dense", "Dropout", "Dense"]
    assert kinds(built["model1"]) == ["InputLayer", "Rescaling", *block * 3, *head]
    rates = [layer.rate for layer in built["model1"].layers if hasattr(layer, "rate")]
    assert rates == [0.25, 0.25, 0.25, 0.5]

    pooling = [kind for kind in kinds(built["model2"]) if "Pooling" in kind]
    assert pooling == ["MaxPooling2D", "AveragePooling2D", "AveragePooling2D"]


def test_overrides_and_what_recipes_may_ask():
    model = models.build("model2", l2=1e-3)
    assert len(model.losses) == 8
    for name, recipe in (("model2", "l2-small"), ("efficientnetb0", "fine-tuning")):
        models.check_recipe(name, recipes.get(recipe))
    for name, recipe in (("compact", "l2-small"), ("compact", "fine-tuning")):
        with pytest.raises(ParameterError, match=f"recipe {recipe} is for .*, not for compact"):
            models.check_recipe(name, recipes.get(recipe))


@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-5), ("mixed_bfloat16", 1e-2)])
def test_the_fused_normalization_does_what_keras_does(precision, tolerance):
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
