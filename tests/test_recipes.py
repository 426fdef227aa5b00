"""The original's recipe has the report's numbers; changed recipes get names of their own."""

import dataclasses

import pytest

from fer_lib import recipes
from fer_lib.errors import ParameterError
from fer_lib.recipes import Recipe


def test_original_is_section_2_of_the_report():
    recipe = recipes.get("original")
    assert (recipe.epochs, recipe.batch_size, recipe.learning_rate) == (50, 128, 1e-3)
    assert (recipe.decay_rate, recipe.decay_steps) == (0.98, 1000)
    assert not recipe.class_weights
    assert recipe.l2 == 0


def test_names_are_the_keys():
    assert all(name == recipe.name for name, recipe in recipes.RECIPES.items())


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ([Recipe("a"), Recipe("a", epochs=2)], "'a' is declared twice"),
        ([Recipe("a/b")], "'a/b': the name must do for a folder"),
        ([Recipe("a", precision="bfloat16")], "precision is none of .*mixed_bfloat16"),
        ([Recipe("a", one_cycle=True, frozen_epochs=1)], "one_cycle has no frozen epochs"),
        ([Recipe("a", counts_as="b")], "counts as 'b': unknown"),
        ([Recipe(7)], "recipe 7: name must be of type str, not 7"),
        ([Recipe("a", epochs=2.0)], "recipe 'a': epochs must be of type int, not 2.0"),
        ([Recipe("a", epochs=True)], "epochs must be of type int, not True"),
        ([Recipe("a", l2="1e-4")], "l2 must be of type float, not '1e-4'"),
        ([Recipe("a", l2=True)], "l2 must be of type float, not True"),
        ([Recipe("a", flips=1)], "flips must be of type bool, not 1"),
        ([Recipe("a", epochs=0)], "epochs must be 1 or more, not 0"),
        ([Recipe("a", batch_size=0)], "batch_size must be 1 or more"),
        ([Recipe("a", decay_steps=0)], "decay_steps must be 1 or more"),
        ([Recipe("a", input_size=0)], "input_size must be 1 or more"),
        ([Recipe("a", learning_rate=0.0)], "learning_rate must be above 0"),
        ([Recipe("a", learning_rate=float("nan"))], "learning_rate must be above 0, not nan"),
        ([Recipe("a", decay_rate=-0.9)], "decay_rate must be above 0"),
        ([Recipe("a", fine_tuning_rate=0)], "fine_tuning_rate must be above 0"),
        ([Recipe("a", l2=-1e-4)], "l2 must be 0 or more"),
        ([Recipe("a", frozen_epochs=-1)], "frozen_epochs must be 0 or more"),
        ([Recipe("a", dropout_factor=2)], "dropout_factor must be from 0 to below 2, not 2"),
        ([Recipe("a", dropout_factor=-0.1)], "dropout_factor must be from 0"),
    ],
)
def test_a_recipe_that_cannot_be_is_refused_where_it_is_declared(declared, words):
    with pytest.raises(ValueError, match=words):
        recipes._by_name(*declared)


def test_a_whole_number_does_for_a_fraction():
    assert recipes._by_name(Recipe("a", l2=1, learning_rate=1))["a"].l2 == 1


def test_a_short_trial_has_both_phases():
    assert recipes.get("fine-tuning", epochs=2).frozen_epochs == 1
    assert recipes.get("fine-tuning", epochs=1).frozen_epochs == 1
    assert recipes.get("original", epochs=1).frozen_epochs == 0


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
