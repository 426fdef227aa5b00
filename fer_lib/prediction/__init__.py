"""Prediction: a trained network looks at a picture. :mod:`~.pictures` reads and crops it."""

from pathlib import Path

import numpy as np

from fer_lib import files, paths
from fer_lib.data.dataset import EMOTIONS, IMAGE_SHAPE
from fer_lib.errors import ParameterError
from fer_lib.prediction import network

#: The committed network, which the book's page "Try it" shows too.
COMMITTED = paths.RUNS / network.NAME


def load(run: str | Path = "", model: str | Path = ""):
    """The Keras model of a run, of a file, or else the committed one.

    Args:
        run: a run folder, which keeps its network as ``model.keras``.
        model: a file of Keras's format, or one that ``python -m fer_lib export`` wrote.

    Raises:
        ParameterError: there is no such file, or it holds no network from 48 x 48 grey pixels to
            seven probabilities.
    """
    path = paths.expand(model or (run and Path(run) / "model.keras") or COMMITTED)
    if not path.is_file():
        raise ParameterError(f"{path}: no such file; {_remedy(run, model)}")
    with files.told(ParameterError, path, _remedy(run, model), "holds no network"):
        if path.suffix == ".js":
            found = network.to_keras(network.read(path))
        else:
            import keras

            found = keras.models.load_model(path, compile=False)
    shapes = (found.input_shape[1:], found.output_shape[1:])
    if shapes != (IMAGE_SHAPE, (len(EMOTIONS),)):
        raise ParameterError(
            f"{path}: goes from {shapes[0]} to {shapes[1]}, not from {IMAGE_SHAPE} to 7 emotions"
        )
    return found


def _remedy(run, model) -> str:
    if model:
        return "give a .keras file, or a network.js that `python -m fer_lib export` wrote"
    if run:
        return "the run was made elsewhere, or before runs kept their model: train it again"
    return "make it by `python -m fer_lib export RUN`, or choose --run or --model"


def predict(model, images: np.ndarray) -> np.ndarray:
    """Probabilities (N x 7, float32) of images (N x 48 x 48 x 1, grey values 0-255)."""
    return np.asarray(model.predict(np.asarray(images, np.float32), verbose=0), np.float32)


def occlusion(model, image: np.ndarray, side: int = 12, step: int = 4) -> np.ndarray:
    """How much each place matters: the probability that is lost when a grey square covers it.

    Zeiler & Fergus 2014, arXiv:1311.2901.

    Args:
        model: what :func:`load` returns.
        image: 48 x 48 x 1, grey values 0-255.
        side, step: of the square, pixels, and how far it moves.

    Returns:
        48 x 48 (float64): the mean loss over all squares that cover a pixel, of the emotion that
        is the model's first guess for the whole image.
    """
    size = IMAGE_SHAPE[0]
    places = [
        (y, x) for y in range(0, size - side + 1, step) for x in range(0, size - side + 1, step)
    ]
    covered = np.repeat(image[np.newaxis], len(places) + 1, axis=0).astype(np.float32)
    for one, (y, x) in zip(covered, places, strict=False):
        one[y : y + side, x : x + side] = image.mean()
    found = predict(model, covered)
    guess = found[-1].argmax()
    total, count = np.zeros((2, size, size))
    for (y, x), probabilities in zip(places, found, strict=False):
        total[y : y + side, x : x + side] += found[-1, guess] - probabilities[guess]
        count[y : y + side, x : x + side] += 1
    return total / count
