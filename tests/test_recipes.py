"""The original's recipe has the report's numbers; changed recipes get names of their own."""

import dataclasses

import pytest

from fer_lib import recipes
from fer_lib.errors import ParameterError


def test_original_is_section_2_of_the_report():
    recipe = recipes.get("original")
    assert (recipe.epochs, recipe.batch_size, recipe.learning_rate) == (50, 128, 1e-3)
    assert (recipe.decay_rate, recipe.decay_steps) == (0.98, 1000)
    assert not recipe.class_weights
    assert recipe.l2 == 0


def test_names_are_the_keys():
    assert all(name == recipe.name for name, recipe in recipes.RECIPES.items())


def test_a_recipe_cannot_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        recipes.get("original").epochs = 3


def test_other_epochs_become_part_of_the_name():
    assert recipes.get("original", epochs=2).name == "original-2epochs"
    assert recipes.get("original", epochs=50).name == "original"


def test_a_trial_of_fewer_epochs_fills_no_place_of_the_study():
    assert recipes.get("original-bfloat16").counts_as == "original"
    assert recipes.get("original-bfloat16", epochs=2).counts_as == ""


def test_unknown_recipe_names_the_choices():
    with pytest.raises(ParameterError, match=r"'orignal'.*original, original-bfloat16"):
        recipes.get("orignal")


@pytest.mark.parametrize("epochs", [0, -1, 1.5, "2", True])
def test_impossible_epochs(epochs):
    with pytest.raises(ParameterError, match="epochs must be"):
        recipes.get("original", epochs=epochs)
