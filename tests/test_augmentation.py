"""What an epoch shows depends on recipe, seed and epoch alone."""

import dataclasses

import numpy as np
import tiny

from fer_lib.recipes import Recipe
from fer_lib.training import augmentation

OFF = Recipe("off")
IMAGES = tiny.dataset().train.images


def shown(epoch=1, **strengths):
    """The images as an epoch shows them, in the order of the split."""
    order = augmentation.drawn(dataclasses.replace(OFF, **strengths), len(IMAGES), 0, epoch)
    pictures = np.empty(IMAGES.shape, np.float32)
    pictures[order.numbers] = np.asarray(augmentation.show(IMAGES, order))
    return pictures


def test_nothing_is_changed_unless_a_recipe_says_so():
    order = augmentation.drawn(OFF, 50, 0, 1)
    assert [order.maps, order.greys, order.holes] == [None] * 3
    np.testing.assert_array_equal(shown(), IMAGES)


def test_order_and_mirrored_half_stay_what_they_were():
    """Else a run that was interrupted would not go on as it began."""
    order = augmentation.drawn(Recipe("flips", flips=True), 10, 3, 2)
    assert order.numbers.tolist() == [7, 4, 1, 8, 6, 0, 2, 9, 3, 5]
    assert np.flatnonzero(order.mirrored).tolist() == [3, 6, 8]
    assert not augmentation.drawn(OFF, 10, 3, 2).mirrored.any()


def test_two_epochs_show_every_image_once_mirrored():
    mirrored = []
    for epoch in (1, 2, 3):
        found = shown(epoch, flips=True)
        as_it_is = (found == IMAGES).all(axis=(1, 2, 3))
        assert ((found == IMAGES[:, :, ::-1]).all(axis=(1, 2, 3)) != as_it_is).all()
        mirrored.append(~as_it_is)
    assert 20 < mirrored[0].sum() < 50
    assert (mirrored[1] == ~mirrored[0]).all()
    assert (mirrored[2] == mirrored[0]).all()


def test_epochs_and_seeds_draw_anew():
    turned = Recipe("turned", rotation=10)
    maps = [
        augmentation.drawn(turned, 50, *which).maps for which in [(0, 1), (0, 1), (0, 2), (1, 1)]
    ]
    np.testing.assert_array_equal(maps[0], maps[1])
    assert not np.array_equal(maps[0], maps[2])
    assert not np.array_equal(maps[0], maps[3])


def test_what_one_strength_draws_does_not_depend_on_the_others():
    one, other = (
        augmentation.drawn(Recipe("one", brightness=25, cutout=12, rotation=turn), 50, 0, 1)
        for turn in (0, 10)
    )
    np.testing.assert_array_equal(one.greys, other.greys)
    np.testing.assert_array_equal(one.holes, other.holes)
    assert not np.array_equal(one.maps, other.maps)


def test_ten_views_are_moved_and_mirrored():
    found = np.stack(list(augmentation.views(IMAGES)))
    assert found.shape == (10, *IMAGES.shape)
    np.testing.assert_array_equal(found[0], IMAGES)
    np.testing.assert_array_equal(found[1::2], found[::2, :, :, ::-1])
    inner = IMAGES[:, 2:-2, 2:-2]
    for view, (row, column) in zip(found[2::2], ((4, 2), (0, 2), (2, 4), (2, 0)), strict=True):
        np.testing.assert_array_equal(view[:, row:, column:][:, :44, :44], inner)


def test_strengths_are_bounds():
    order = augmentation.drawn(
        Recipe("one", rotation=10, scale=0.1, shift=4, gain=0.25, brightness=25), 10_000, 0, 1
    )
    cosine, sine = order.maps[:, 0], order.maps[:, 3]
    sizes, angles = 1 / np.hypot(cosine, sine), np.rad2deg(np.arctan2(sine, cosine))
    factors, summands = order.greys.T
    centre = order.maps[:, :6].reshape(-1, 2, 3) @ [23.5, 23.5, 1] - 23.5
    for values, bound in [(angles, 10), (np.log(sizes), 0.1), (centre, 4)]:
        assert 0.99 * bound < np.abs(values).max() < 1.001 * bound
    for values, bound in [(np.log(factors), 0.25), (summands, 25)]:
        assert 0.99 * bound < np.abs(values).max() < 1.001 * bound


def test_a_square_is_cut_out_of_half_the_images():
    found = shown(2, cutout=12)
    changed = (found != IMAGES).any(axis=(1, 2, 3))
    assert 20 < changed.sum() < 50
    assert (found[found != IMAGES] == augmentation.GREY).all()
    assert (found != IMAGES).sum(axis=(1, 2, 3)).max() <= 144
