"""The original's recipe has the report's numbers; every declared recipe can be what it says."""

import re

import keras

from fer_lib import recipes


def test_original_is_section_2_of_the_report():
    recipe = recipes.get("original")
    assert (recipe.epochs, recipe.batch_size, recipe.learning_rate) == (50, 128, 1e-3)
    assert (recipe.decay_rate, recipe.decay_steps) == (0.98, 1000)
    assert (recipe.class_weights, recipe.l2, recipe.flips) == (False, 0, False)


def test_every_recipe_has_a_name_of_its_own_that_does_for_a_folder():
    assert len(recipes.RECIPES) == len(recipes.DECLARED)
    for recipe in recipes.RECIPES.values():
        assert re.fullmatch(r"[\w.-]+", recipe.name)
        assert keras.dtype_policies.get(recipe.precision).variable_dtype == "float32"
        assert not (recipe.one_cycle and recipe.frozen_epochs), "a cycle has no phases"


def test_other_epochs_become_part_of_the_name():
    assert recipes.get("original", epochs=2).name == "original-2epochs"
    assert recipes.get("original", epochs=50).name == "original"
    assert recipes.get("compact", epochs=2).rotation == recipes.get("compact").rotation
