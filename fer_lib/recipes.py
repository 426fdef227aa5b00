"""Recipes: how a model is trained, declared once and never changed while it runs.

To add one, enter it in :data:`RECIPES` under a name of its own.
"""

import dataclasses
import math
import re
from dataclasses import dataclass

from fer_lib.errors import ParameterError


@dataclass(frozen=True)
class Recipe:
    """The hyperparameters of a training run.

    Attributes:
        name: the key in :data:`RECIPES`.
        epochs: passes over the training split.
        batch_size: images a step; the last batch of an epoch may be smaller.
        learning_rate: Adam's at the first step.
        decay_rate: the learning rate is multiplied by this ...
        decay_steps: ... every so many steps, continuously (keras ExponentialDecay).
        one_cycle: instead of that decay, the rate rises to ``learning_rate`` over the first tenth
            of all steps and falls to zero along a cosine (Smith 2018, arXiv 1803.09820).
        class_weights: whether the loss weighs classes inversely to their frequency.
        l2: weight of the L2 penalty on every kernel.
        dropout_factor: of the model's dropout rates; a short training needs less of it.
        flips: whether every other epoch shows an image mirrored (``training.augmentation``).
        precision: format of the arithmetic, one of :data:`PRECISIONS`. Weights are float32.
        counts_as: the recipe that this one is in another precision; a run by it fills the place
            of the missing run by the other.
        input_size: side in pixels to which a pretrained model scales its images up.
        frozen_epochs: so many epochs only the new head of a pretrained model learns.
        fine_tuning_rate: Adam's learning rate at the first step after them.
    """

    name: str
    epochs: int = 50
    batch_size: int = 128
    learning_rate: float = 1e-3
    decay_rate: float = 0.98
    decay_steps: int = 1000
    one_cycle: bool = False
    class_weights: bool = False
    l2: float = 0.0
    dropout_factor: float = 1.0
    flips: bool = False
    precision: str = "float32"
    counts_as: str = ""
    input_size: int = 48
    frozen_epochs: int = 0
    fine_tuning_rate: float = 1e-4


#: The keras dtype policies with float32 weights, which checkpoints can hold.
PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")

#: The bounds of a field's values, in words and as a test.
COUNT = ("1 or more", lambda value: value >= 1)
POSITIVE = ("above 0", lambda value: 0 < value < math.inf)
NOT_NEGATIVE = ("0 or more", lambda value: 0 <= value < math.inf)
BOUNDS = {
    "epochs": COUNT,
    "batch_size": COUNT,
    "learning_rate": POSITIVE,
    "decay_rate": POSITIVE,
    "decay_steps": COUNT,
    "l2": NOT_NEGATIVE,
    # The highest rate of the models' dropout layers is a half.
    "dropout_factor": ("from 0 to below 2", lambda value: 0 <= value < 2),
    "input_size": COUNT,
    "frozen_epochs": NOT_NEGATIVE,
    "fine_tuning_rate": POSITIVE,
}


def _check_values(recipe: Recipe) -> None:
    """Raises ValueError if a field has another type than declared, or a value out of bounds."""
    for field in dataclasses.fields(Recipe):
        value = getattr(recipe, field.name)
        words, is_within = BOUNDS.get(field.name, ("", lambda value: True))
        kinds = (float, int) if field.type is float else (field.type,)
        if type(value) not in kinds:
            words = f"of type {field.type.__name__}"
        elif is_within(value):
            continue
        raise ValueError(f"recipe {recipe.name!r}: {field.name} must be {words}, not {value!r}")


def _by_name(*declared: Recipe) -> dict[str, Recipe]:
    """Recipes by their names; ValueError if one cannot be what it says."""
    found: dict[str, Recipe] = {}
    for recipe in declared:
        _check_values(recipe)
        if recipe.name in found:
            raise ValueError(f"recipe {recipe.name!r} is declared twice; give one another name")
        if not re.fullmatch(r"[\w.-]+", recipe.name):
            raise ValueError(f"recipe {recipe.name!r}: the name must do for a folder")
        if recipe.precision not in PRECISIONS:
            raise ValueError(f"recipe {recipe.name!r}: precision is none of {PRECISIONS}")
        if recipe.one_cycle and recipe.frozen_epochs:
            raise ValueError(f"recipe {recipe.name!r}: one_cycle has no frozen epochs")
        found[recipe.name] = recipe
    for recipe in declared:
        if recipe.counts_as and recipe.counts_as not in found:
            raise ValueError(f"recipe {recipe.name!r} counts as {recipe.counts_as!r}: unknown")
    return found


#: Every recipe by its name.
RECIPES: dict[str, Recipe] = _by_name(
    # Section 2 of the original report.
    Recipe("original"),
    # The same in a shorter format, for machines on which 50 epochs take hours.
    Recipe("original-bfloat16", precision="mixed_bfloat16", counts_as="original"),
    # Section 1: "class weights have been calculated but they are not used".
    Recipe("class-weights", class_weights=True, precision="mixed_bfloat16"),
    # Section 4: "L2 regularization was tried", without numbers: small, middle, too high. At
    # "l2-high" learning still went on, and at "l2-extreme" all but stopped, so the last two were
    # added after these runs.
    Recipe("l2-small", l2=1e-5, precision="mixed_bfloat16"),
    Recipe("l2-middle", l2=1e-4, precision="mixed_bfloat16"),
    Recipe("l2-high", l2=1e-2, precision="mixed_bfloat16"),
    Recipe("l2-extreme", l2=1e-1, precision="mixed_bfloat16"),
    Recipe("l2-utmost", l2=1.0, precision="mixed_bfloat16"),
    # Section 6: the pretrained model was trained for 10 epochs.
    Recipe("original-pretrained", epochs=10),
    # The pretrained model as one would do it: head first, small rate, input scaled up.
    Recipe("fine-tuning", epochs=10, input_size=96, frozen_epochs=2, fine_tuning_rate=3e-4),
    # On the way to the original's accuracy in a fraction of its time: see the page on speed.
    Recipe(
        "fast",
        epochs=16,
        batch_size=64,
        learning_rate=1.5e-3,
        one_cycle=True,
        dropout_factor=0.5,
        flips=True,
        precision="mixed_bfloat16",
    ),
    # The drawn faces are few: small batches, so that the moving averages of
    # BatchNormalization, which take some 500 steps, settle within four epochs.
    Recipe("demo", epochs=4, batch_size=16),
)


def get(name: str, epochs: int | None = None) -> Recipe:
    """The recipe of that name, or with another number of epochs.

    That number becomes part of the name (``original-2epochs``), so that a short trial never stands
    in the folder of the real run.

    Raises:
        ParameterError: the name is unknown, or the number of epochs is not one from 1 on.
    """
    if name not in RECIPES:
        raise ParameterError(f"recipe {name!r} is unknown; choose one of {', '.join(RECIPES)}")
    recipe = RECIPES[name]
    if epochs is None:
        return recipe
    if type(epochs) is not int or epochs < 1:
        raise ParameterError(f"epochs must be a whole number from 1 on, not {epochs!r}")
    if epochs == recipe.epochs:
        return recipe
    return dataclasses.replace(
        recipe,
        name=f"{name}-{epochs}epochs",
        epochs=epochs,
        counts_as="",
        # A trial of a recipe with two phases is one of both, if it has an epoch for each.
        frozen_epochs=min(recipe.frozen_epochs, max(epochs - 1, 1)),
    )
