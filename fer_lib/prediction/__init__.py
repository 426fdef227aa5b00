"""Prediction: a trained network looks at a picture. :mod:`~.pictures` reads and crops it."""

from pathlib import Path

import numpy as np

from fer_lib import files, models, paths
from fer_lib.data.dataset import IMAGE_SHAPE
from fer_lib.errors import ParameterError
from fer_lib.prediction import network

#: The committed network, which the book's page "Try it" shows too.
COMMITTED = paths.RUNS / network.NAME
#: Side of the grey square that covers a place, and how far it moves, in pixels.
SQUARE, STEP = 12, 4
REMEDY = "give a run made here, a .keras file, or what `python -m fer_lib export RUN` wrote"


def load(source: str | Path = ""):
    """The Keras model of a run, of a file, or else the committed one.

    Args:
        source: a run folder, which keeps its network as ``model.keras``; or a file of Keras's
            format, or one that ``python -m fer_lib export`` wrote.

    Raises:
        ParameterError: there is no such file, or it holds no network from 48 x 48 grey pixels to
            seven probabilities.
    """
    path = paths.expand(source or COMMITTED)
    path = path / "model.keras" if path.is_dir() else path
    if not path.is_file():  # of which Keras would say more than a line
        raise ParameterError(f"{path}: no such file; {REMEDY}")
    with files.told(ParameterError, path, REMEDY, "holds no network"):
        if path.suffix == ".js":
            found = network.to_keras(network.read(path))
        else:
            import keras

            found = keras.models.load_model(path, compile=False)
    models.check_answer(str(path), found)
    return found


def predict(model, images: np.ndarray) -> np.ndarray:
    """Probabilities (N x 7, float32) of images (N x 48 x 48 x 1, grey values 0-255)."""
    return np.asarray(model.predict(np.asarray(images, np.float32), verbose=0), np.float32)


def occlusion(model, image: np.ndarray) -> np.ndarray:
    """How much each place matters: the probability that is lost when a grey square covers it.

    Zeiler & Fergus 2014, arXiv:1311.2901.

    Args:
        model: what :func:`load` returns.
        image: 48 x 48 x 1, grey values 0-255.

    Returns:
        48 x 48 (float64): the mean loss over all squares that cover a pixel, of the emotion that
        is the model's first guess for the whole image.
    """
    starts = range(0, IMAGE_SHAPE[0] - SQUARE + 1, STEP)
    places = [(y, x) for y in starts for x in starts]
    squares = np.zeros((len(places), *IMAGE_SHAPE))
    for square, (y, x) in zip(squares, places, strict=True):
        square[y : y + SQUARE, x : x + SQUARE] = 1
    found = predict(model, [*np.where(squares, image.mean(), image), image])
    losses = found[-1].max() - found[:-1, found[-1].argmax()]
    return (np.tensordot(losses, squares, 1) / squares.sum(axis=0))[..., 0]
