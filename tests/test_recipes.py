"""The original's recipe has the report's numbers; every declared recipe can be what it says."""

import dataclasses
import re

import keras
import pytest

from fer_lib import recipes
from fer_lib.errors import ParameterError


def test_original_is_section_2_of_the_report():
    recipe = recipes.get("original")
    assert (recipe.epochs, recipe.batch_size, recipe.learning_rate) == (50, 128, 1e-3)
    assert (recipe.decay_rate, recipe.decay_steps) == (0.98, 1000)
    assert (recipe.class_weights, recipe.l2, recipe.flips) == (False, 0, False)


@pytest.mark.parametrize("recipe", recipes._DECLARED, ids=lambda recipe: recipe.name)
def test_a_declared_recipe_can_be(recipe):
    assert recipes.RECIPES[recipe.name] is recipe, "declared twice"
    assert re.fullmatch(r"[\w.-]+", recipe.name), "the name must do for a folder"
    for field in dataclasses.fields(recipe):
        value = getattr(recipe, field.name)
        assert type(value) in ((int, float) if field.type is float else (field.type,)), field.name
        if field.type in (int, float):
            assert 0 <= value < 10_000, field.name
    positive = "epochs batch_size learning_rate decay_rate decay_steps input_size fine_tuning_rate"
    assert all(getattr(recipe, name) > 0 for name in positive.split())
    assert recipe.dropout_factor < 2, "the highest rate of the models' dropout layers is a half"
    assert recipe.warmup < 1 and recipe.label_smoothing < 1
    assert recipe.precision in ("float32", "mixed_bfloat16", "mixed_float16")
    assert keras.dtype_policies.get(recipe.precision).variable_dtype == "float32"
    assert not (recipe.one_cycle and recipe.frozen_epochs), "a cycle has no phases"


def test_other_epochs_become_part_of_the_name():
    assert recipes.get("original", epochs=2).name == "original-2epochs"
    assert recipes.get("original", epochs=50).name == "original"
    assert recipes.get("compact", epochs=2).rotation == recipes.get("compact").rotation


def test_unknown_recipe_names_the_choices():
    with pytest.raises(ParameterError, match=r"'orignal'.*original, original-bfloat16"):
        recipes.get("orignal")
