"""Augmentation: what an epoch changes in the training images."""

import numpy as np


def flip(images: np.ndarray, seed: int, epoch: int) -> None:
    """Mirrors half of the images left to right, in place: in the next epoch it is the other half.

    So two epochs show every image once as it is and once mirrored, where drawing anew would show
    every other image twice alike (the "alternating flip" of Jordan 2024, arXiv:2404.00498).

    Args:
        images: (N, height, width, 1), always in the same order.
        seed: of the run; which half begins depends on it.
        epoch: from 1 on.
    """
    begins = np.random.default_rng(seed).random(len(images)) < 0.5
    mirrored = begins == (epoch % 2 == 1)
    images[mirrored] = images[mirrored, :, ::-1]
