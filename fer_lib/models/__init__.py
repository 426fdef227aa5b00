"""The models of the study: plain functions that return an uncompiled ``keras.Model``.

Every model takes the raw 48 x 48 grey image (uint8 or float, 0-255) and gives seven softmax
probabilities in the order of :data:`fer_lib.data.EMOTIONS`. To add one, enter a variation in
``cnns.MODELS``, or write a builder, enter it in ``further.MODELS`` and name it in
``runs/study.toml``: it is then trained, tabulated and shown.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from fer_lib.data.dataset import EMOTIONS, IMAGE_SHAPE
from fer_lib.errors import ParameterError
from fer_lib.models import cnns, further, pretrained
from fer_lib.recipes import Recipe

Builder = Callable[..., Any]

#: The models that the original report trains from scratch. Their builders take ``l2``.
CNNS: dict[str, Builder] = {name: partial(cnns.build, name) for name in cnns.MODELS}

#: Models that start from ImageNet weights. Their builders take ``weights`` and ``input_size``, and
#: name the body that recipes may freeze ``pretrained.BACKBONE``.
PRETRAINED: dict[str, Builder] = {
    "efficientnetb0": pretrained.efficientnetb0,
    "efficientnet_lite0": pretrained.efficientnet_lite0,
}

#: Models that go beyond the original report.
FURTHER: dict[str, Builder] = further.MODELS

#: Every model by its name.
MODELS: dict[str, Builder] = {**CNNS, **PRETRAINED, **FURTHER}


def check_name(name: str) -> None:
    """Raises ParameterError if no model has this name."""
    if name not in MODELS:
        raise ParameterError(f"model {name!r} is unknown; choose one of {', '.join(MODELS)}")


def check_recipe(name: str, recipe: Recipe) -> None:
    """Raises ParameterError if a recipe asks for what the builder of that model does not have."""
    scaled = recipe.frozen_epochs or recipe.input_size != IMAGE_SHAPE[0]
    fitting = PRETRAINED if scaled else CNNS if recipe.l2 else MODELS
    if name not in fitting:
        raise ParameterError(f"recipe {recipe.name} is for {', '.join(fitting)}, not for {name}")


def build(name: str, **overrides):
    """Builds a model by its name.

    Args:
        name: a key of :data:`MODELS`.
        **overrides: arguments of its builder, such as ``l2=1e-4`` or ``kernel=7``.

    Returns:
        An uncompiled ``keras.Model`` from (N, 48, 48, 1), raw pixels 0-255, to (N, 7) softmax
        probabilities.

    Raises:
        ParameterError: the name is unknown.
    """
    check_name(name)
    return MODELS[name](**overrides)


def check_answer(where: str, model) -> None:
    """Raises ParameterError if a model does not answer a black image with seven probabilities."""
    shapes, total = [getattr(model, f"{end}_shape", None) for end in ("input", "output")], np.nan
    if shapes == [(None, *IMAGE_SHAPE), (None, len(EMOTIONS))]:
        total = float(np.sum(model.predict_on_batch(np.zeros((1, *IMAGE_SHAPE), np.uint8))))
    if not abs(total - 1) <= 0.02:  # bfloat16 has eight binary digits; nan fails too
        raise ParameterError(
            f"{where}: goes from {shapes[0]} to {shapes[1]}, and its answer to a black image sums "
            f"to {total:.3g}; it must go from {IMAGE_SHAPE} to a softmax of {len(EMOTIONS)}"
        )
