"""Prediction: pictures good and bad, the same answer everywhere, and networks in one file."""

import json
import re
import sys

import keras
import numpy as np
import papermill
import pytest
import trained
from PIL import Image

from fer_lib import __main__, faces, paths, prediction
from fer_lib.data import EMOTIONS
from fer_lib.errors import ParameterError
from fer_lib.prediction import network, pictures

FACE = faces.face(np.random.default_rng(7), 3)[..., 0]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return trained.write(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def exported(run):
    file = run.parent.parent / network.NAME
    assert __main__.main(["export", str(run), "--output", str(file)]) == 0
    return file


@pytest.fixture
def picture(tmp_path):
    """The drawn face, three times as large, within a larger picture in colour."""
    whole = Image.new("RGB", (400, 300), (20, 120, 40))
    whole.paste(Image.fromarray(FACE).resize((144, 144), Image.Resampling.NEAREST), (101, 37))
    whole.save(tmp_path / "large.png")
    return tmp_path / "large.png"


def test_a_face_in_a_large_picture_is_seen_as_the_crop_itself(picture):
    crop = pictures.Crop(101, 37, 144, "face")
    found = pictures.prepare(pictures.read(picture), crop)
    np.testing.assert_allclose(found[..., 0], FACE, atol=1e-4)
    alone = pictures.prepare(Image.fromarray(FACE), pictures.Crop(0, 0, 48, "face"))
    np.testing.assert_array_equal(alone[..., 0], FACE)


@pytest.mark.parametrize("side", [20, 49, 95, 331])
def test_cells_are_means_whatever_the_size(side):
    ramp = np.broadcast_to(np.linspace(0, 255, side), (side, side)).astype(np.uint8)
    found = pictures.prepare(Image.fromarray(ramp), pictures.Crop(0, 0, side, ""))
    assert found.mean() == pytest.approx(ramp.mean(), abs=1e-3)
    assert (np.diff(found[0, :, 0]) >= 0).all() and np.ptp(found[:, 5]) < 1e-3


def test_grey_of_16_bits_and_a_turned_photo_are_read(tmp_path):
    Image.fromarray(FACE.astype(np.uint16) * 257).save(tmp_path / "deep.png")
    np.testing.assert_array_equal(np.asarray(pictures.read(tmp_path / "deep.png"))[..., 1], FACE)
    turned = Image.Exif()
    turned[0x0112] = 6  # a quarter to the right
    Image.new("RGB", (40, 30)).save(tmp_path / "turned.jpg", exif=turned)
    assert pictures.read(tmp_path / "turned.jpg").size == (30, 40)


def test_faces_are_found_or_it_is_said_that_none_were(monkeypatch):
    cv2 = pytest.importorskip("cv2")
    photo = Image.new("RGB", (300, 200))
    assert pictures.crops(photo) == [
        pictures.Crop(50, 0, 200, "its centre square, as no face was found")
    ]
    two = np.array([[150, 20, 60, 60], [10, 30, 50, 50]])
    monkeypatch.setattr(cv2.CascadeClassifier, "detectMultiScale", lambda *_, **__: two)
    assert [crop.left for crop in pictures.crops(photo)] == [10, 150]
    assert pictures.crops(photo, whole=True)[0].why == "its centre square"
    monkeypatch.setitem(sys.modules, "cv2", None)
    assert "pip install" in pictures.crops(photo)[0].why


def test_the_command_answers(run, picture, tmp_path, capsys):
    command = ["predict", str(picture), "--run", str(run), "--whole"]
    assert __main__.main([*command, "--output", str(tmp_path / "answer.png")]) == 0
    table = capsys.readouterr().out
    assert "large.png: its centre square (50 + 0, 300 pixels wide)" in table
    assert table.count("%") == 7
    assert Image.open(tmp_path / "answer.png").size == (400, 300)
    assert __main__.main([*command, "--json"]) == 0
    (answer,) = json.loads(capsys.readouterr().out)
    image = pictures.prepare(pictures.read(picture), pictures.Crop(50, 0, 300, ""))
    expected = keras.models.load_model(run / "model.keras").predict(image[np.newaxis], verbose=0)
    np.testing.assert_allclose([answer[name] for name in EMOTIONS], expected[0], atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no.png"], "no.png: cannot be read .*No such file.*; give a JPEG"),
        ([__file__], "cannot identify image file .*; give a JPEG"),
        (["FACE", "--run", "runs/none"], "runs/none: no such file; give a run made here"),
        (["FACE", "--run", "no.keras"], r"no\.keras: no such file; give a run"),
        (["FACE", "--run", __file__], "holds no network .*; give a run"),
        (["FACE", "FACE", "--output", "x.png"], "--output takes one picture"),
    ],
)
def test_bad_input_is_one_line(arguments, words, picture, capsys):
    named = [str(picture) if one == "FACE" else one for one in arguments]
    assert __main__.main(["predict", *named]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and error.startswith("python -m fer_lib: ")
    assert re.search(words, error)


def test_the_exported_network_is_the_runs(run, exported):
    found = network.read(exported)
    assert (found["run"], found["epoch"]) == ("model2-fast-seed1", 16)
    assert len(found["digest"]) == 12 and 0.6 < found["accuracy"]["test"] < 0.7
    images = trained.FACES
    again = prediction.predict(prediction.load(exported), images)
    np.testing.assert_allclose(again, trained.rounded(run).predict(images, verbose=0), atol=1e-5)
    exact = prediction.predict(prediction.load(run), images)
    np.testing.assert_allclose(again, exact, atol=3e-3)
    assert np.ptp(exact, axis=0).min() > 0.1


def test_a_branch_is_followed_and_what_is_unknown_refused():
    from keras import layers

    inputs = keras.Input((48, 48, 1))
    x = layers.Conv2D(4, 3, strides=2, padding="same", use_bias=False)(inputs)
    y = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Add()([x, layers.AveragePooling2D(3, 1, "same")(y)])
    x = layers.Dense(7, "softmax")(layers.GlobalAveragePooling2D()(x))
    model = keras.Model(inputs, x)
    ops, blob = network.operations(model)
    weights = network.base64.b64encode(blob).decode()
    again = network.to_keras({"ops": ops, "weights": weights, "model": "mine"})
    image = FACE[np.newaxis, ..., np.newaxis] / np.float32(255)
    np.testing.assert_allclose(again.predict(image), model.predict(image), atol=1e-3)
    for layer, words in (
        (layers.UpSampling2D(name="odd"), "layer odd: UpSampling2D is not known"),
        (layers.Dense(7, "tanh", name="odd"), "layer odd: tanh is not known"),
        (layers.Conv2D(2, 3, dilation_rate=2), "model odd: has a setting .* not known"),
        (layers.MaxPooling2D((2, 1)), "model odd: has a setting .* not known"),
        (layers.ReLU(6), "model odd: has a setting .* not known"),
    ):
        with pytest.raises(ParameterError, match=words):
            network.operations(keras.Model(inputs, layer(inputs), name="odd"))


def test_of_several_runs_the_best_that_fits_is_exported(run, tmp_path, capsys):
    large = trained.write(tmp_path, "model3")
    assert __main__.main(["export", str(large)]) == 1
    assert "7.0 MB of weights in float16" in capsys.readouterr().err
    output = ["--output", str(tmp_path / "best.js")]
    assert __main__.main(["export", str(large), str(run), *output]) == 0
    assert (tmp_path / "best.js").stat().st_size < 3e6


def test_occlusion_finds_the_place_that_the_answer_rests_on():
    inputs = keras.Input((48, 48, 1))
    x = keras.layers.Flatten()(inputs)
    model = keras.Model(inputs, keras.layers.Dense(7, "softmax")(x))
    kernel = np.zeros((48, 48, 7), np.float32)
    kernel[20:28, 30:38, 4] = 1e-4
    model.set_weights([kernel.reshape(-1, 7), np.zeros(7)])
    image = np.zeros((48, 48, 1), np.float32)
    image[20:28, 30:38] = 255
    losses = prediction.occlusion(model, image)
    assert losses[24, 34] > 0.1 and losses[5, 5] == pytest.approx(0, abs=1e-6)


@pytest.mark.slow
def test_the_notebook_shows_picture_answer_and_what_it_rests_on(exported, tmp_path):
    Image.fromarray(FACE).save(tmp_path / "face.png")
    given = {"picture": str(tmp_path / "face.png"), "run": str(exported)}
    notebook = paths.ROOT / "notebooks" / "predict.ipynb"
    papermill.execute_notebook(notebook, tmp_path / "out.ipynb", given, progress_bar=False)
    shown = (tmp_path / "out.ipynb").read_text()
    assert shown.count("image/png") == 3 and "whole picture" in shown
