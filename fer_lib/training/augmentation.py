"""Augmentation: which images a pass shows, in which order, and how each of them is distorted.

All that is random in an epoch NumPy draws beforehand from the run's seed and the epoch, so that
every backend shows the same pictures and a run that was interrupted goes on with them.
"""

from typing import Any, NamedTuple

import numpy as np
from keras import ops

from fer_lib.data.dataset import IMAGE_SHAPE
from fer_lib.recipes import Recipe

#: The fields of a recipe that distort an image; 0 is off.
STRENGTHS = ("rotation", "scale", "shift", "gain", "brightness", "cutout")
SIDE = IMAGE_SHAPE[0]
#: The grey of a cut-out: about the mean of FER2013's pixels, which is 129.
GREY = 128.0


class Order(NamedTuple):
    """The images of a pass, or of some of its steps, one after the other.

    Attributes:
        numbers: int32, N: where each of them lies in its split.
        mirrored: bool, N: whether it is shown mirrored left to right.
        maps: float32, N x 8: for each place of the picture the place in the image that is shown
            there, as ``keras.ops.image.affine_transform`` takes it; None for no distortion.
        greys: float32, N x 2: factor and summand of the grey values.
        holes: float32, N x 4: first row, end row, first column and end column that are cut out.
    """

    numbers: Any
    mirrored: Any
    maps: Any = None
    greys: Any = None
    holes: Any = None

    def part(self, first: int, last: int) -> "Order":
        """The images from one place in the order to before another."""
        return Order(*(None if values is None else values[first:last] for values in self))


def drawn(recipe: Recipe, count: int, seed: int, epoch: int) -> Order:
    """All training images in an epoch's order, distorted as the recipe says.

    Of the mirrored half the next epoch shows the others: two epochs show every image once as it is
    and once mirrored (the "alternating flip" of Jordan 2024, arXiv 2404.00498). What one strength
    of a recipe draws does not depend on the others.

    Args:
        recipe: says how images are distorted, and how far.
        count: of the training images.
        seed: of the run.
        epoch: from 1 on.
    """
    numbers = np.random.default_rng([seed, epoch]).permutation(count).astype(np.int32)
    begins = np.random.default_rng(seed).random(count) < 0.5
    mirrored = (begins == (epoch % 2 == 1))[numbers] & recipe.flips
    if not any(getattr(recipe, strength) for strength in STRENGTHS):
        return Order(numbers, mirrored)
    random = np.random.default_rng([seed, epoch, 1])
    turn, zoom, right, down, gain, light = random.uniform(-1, 1, (6, count))
    angle, size = np.deg2rad(recipe.rotation) * turn, np.exp(recipe.scale * zoom)
    cosine, sine, centre = np.cos(angle) / size, np.sin(angle) / size, (SIDE - 1) / 2
    column = centre * (1 - cosine + sine) + recipe.shift * right
    row = centre * (1 - cosine - sine) + recipe.shift * down
    none = np.zeros(count)
    maps = [cosine, -sine, column, sine, cosine, row, none, none]
    greys = [np.exp(recipe.gain * gain), recipe.brightness * light]
    top, left = random.integers(0, SIDE, (2, count)) - recipe.cutout // 2
    side = recipe.cutout * (random.random(count) < 0.5)
    drawn = (maps, greys, [top, top + side, left, left + side])
    return Order(numbers, mirrored, *(np.stack(one, axis=1).astype(np.float32) for one in drawn))


def show(images, order: Order, where=np.where):
    """Takes images (uint8, N x 48 x 48 x 1) out of a split's in this order.

    Args:
        images: of the whole split, an array of NumPy or of JAX.
        order: of those to show.
        where: the ``where`` of the array's library.

    Returns:
        uint8 where nothing is distorted, else float32 of the backend; both 0-255.
    """
    shown = images[order.numbers]
    shown = where(order.mirrored[:, None, None, None], shown[:, :, ::-1], shown)
    return shown if order.maps is None else _distorted(shown, order)


def views(images: np.ndarray):
    """Ten views of images (N x 48 x 48 x 1): in place and 2 pixels off, each also mirrored."""
    padded = np.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0)), "edge")
    for row, column in ((2, 2), (0, 2), (4, 2), (2, 0), (2, 4)):
        moved = padded[:, row : row + SIDE, column : column + SIDE]
        yield from (moved, moved[:, :, ::-1])


def _distorted(shown, order: Order):
    """Moves the pixels, changes their grey and cuts out squares, on any backend of Keras."""
    shown = ops.cast(shown, "float32")
    shown = ops.image.affine_transform(shown, order.maps, "bilinear", fill_mode="nearest")
    factor, summand = order.greys.T[:, :, None, None, None]
    shown = ops.clip(shown * factor + summand, 0, 255)
    top, bottom, left, right = order.holes.T[:, :, None, None, None]
    rows, columns = np.arange(SIDE)[:, None, None], np.arange(SIDE)[:, None]
    hole = (rows >= top) & (rows < bottom) & (columns >= left) & (columns < right)
    return ops.where(hole, GREY, shown)
