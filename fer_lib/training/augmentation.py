"""Augmentation: in which order a pass shows the images of a split, and which of them mirrored."""

from typing import NamedTuple

import numpy as np


class Order(NamedTuple):
    """The images of a pass, or of some of its steps, one after the other.

    Attributes:
        numbers: int32, N: where each of them lies in its split.
        mirrored: bool, N: whether it is shown mirrored left to right.
    """

    numbers: np.ndarray
    mirrored: np.ndarray

    def part(self, first: int, last: int) -> "Order":
        """The images from one place in the order to before another."""
        return Order(self.numbers[first:last], self.mirrored[first:last])


def plain(count: int) -> Order:
    """All images of a split as they lie in it."""
    return Order(np.arange(count, dtype=np.int32), np.zeros(count, bool))


def shuffled(count: int, seed: int, epoch: int, flips: bool) -> Order:
    """All training images in an epoch's order.

    Args:
        count: of the training images.
        seed: of the run.
        epoch: from 1 on.
        flips: whether the epoch mirrors half of them, as :func:`mirrored` chooses.
    """
    numbers = np.random.default_rng([seed, epoch]).permutation(count).astype(np.int32)
    chosen = mirrored(count, seed, epoch) if flips else np.zeros(count, bool)
    return Order(numbers, chosen[numbers])


def mirrored(count: int, seed: int, epoch: int) -> np.ndarray:
    """Half of the images, which an epoch mirrors: in the next epoch it is the other half.

    So two epochs show every image once as it is and once mirrored, where drawing anew would show
    every other image twice alike (the "alternating flip" of Jordan 2024, arXiv:2404.00498).

    Args:
        count: of the training images.
        seed: of the run; which half begins depends on it.
        epoch: from 1 on.

    Returns:
        bool, count: for each image of the split, as it lies there.
    """
    begins = np.random.default_rng(seed).random(count) < 0.5
    return begins == (epoch % 2 == 1)


def show(images: np.ndarray, order: Order) -> np.ndarray:
    """Takes images (N x height x width x 1) out of a split's in this order, as a copy."""
    shown = images[order.numbers]
    shown[order.mirrored] = shown[order.mirrored, :, ::-1]
    return shown
