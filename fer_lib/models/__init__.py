"""The models of the study: plain functions that return an uncompiled ``keras.Model``.

Every model takes the raw 48 x 48 grey image (uint8 or float, 0-255) and gives seven softmax
probabilities in the order of :data:`fer_lib.data.EMOTIONS`. To add one, write a builder and enter
it in :data:`CNNS` (or :data:`PRETRAINED`): it is then trained, tabulated and shown everywhere.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fer_lib.data.dataset import EMOTIONS, IMAGE_SHAPE
from fer_lib.errors import ParameterError
from fer_lib.evaluation import KERAS_CLIPS_AT
from fer_lib.models import pretrained
from fer_lib.recipes import Recipe

#: How far the sum of a model's probabilities may be from one: bfloat16 has eight binary digits.
MAX_ROUNDING = 0.02


def cnn(
    name: str,
    *,
    filters: Sequence[int] = (32, 64, 128),
    kernel: int = 3,
    pooling: Sequence[str] = ("max", "average", "average"),
    second_padding: str = "same",
    l2: float = 0.0,
):
    """Builds a CNN of the original report's section 3.

    Args:
        name: the model's name.
        filters: the number of filters of both convolutions, block by block.
        kernel: side of the square kernels, in pixels.
        pooling: "max" or "average", block by block.
        second_padding: padding of each block's second convolution; the first has "same".
        l2: weight of the L2 penalty on every kernel, 0 for none.

    Returns:
        An uncompiled ``keras.Model`` from (N, 48, 48, 1) to (N, 7).
    """
    import keras
    from keras import layers

    penalty = keras.regularizers.L2(l2) if l2 else None
    inputs = keras.Input(IMAGE_SHAPE, name="image")
    x = layers.Rescaling(1 / 255, name="rescaling")(inputs)
    for number, (count, kind) in enumerate(zip(filters, pooling, strict=True), start=1):
        x = _block(x, count, kernel, kind, second_padding, penalty, name=f"block{number}")
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(256, activation="relu", kernel_regularizer=penalty, name="dense")(x)
    x = layers.Dropout(0.5, name="dense_dropout")(x)
    # The softmax stays in float32 when the rest computes in a shorter format.
    outputs = layers.Dense(
        len(EMOTIONS),
        activation="softmax",
        kernel_regularizer=penalty,
        dtype="float32",
        name="probabilities",
    )(x)
    return keras.Model(inputs, outputs, name=name)


def _block(x, filters, kernel, pooling, second_padding, penalty, name):
    """Conv relu, BatchNormalization, Conv relu, pooling by two, Dropout 25 %."""
    from keras import layers

    from fer_lib.models.normalization import BatchNormalization

    def convolution(padding, suffix):
        return layers.Conv2D(
            filters,
            kernel,
            padding=padding,
            activation="relu",
            kernel_regularizer=penalty,
            name=f"{name}_{suffix}",
        )

    pool = {"max": layers.MaxPooling2D, "average": layers.AveragePooling2D}[pooling]
    x = convolution("same", "conv1")(x)
    x = BatchNormalization(name=f"{name}_bn")(x)
    x = convolution(second_padding, "conv2")(x)
    x = pool(2, name=f"{name}_{pooling}_pool")(x)
    return layers.Dropout(0.25, name=f"{name}_dropout")(x)


def model1(**overrides):
    """The base model: three blocks of 32, 64 and 128 filters, max pooling."""
    return cnn("model1", **{"pooling": ("max",) * 3, **overrides})


def model2(**overrides):
    """Model 1 with average pooling in the second and third block."""
    return cnn("model2", **overrides)


def model3(**overrides):
    """Model 2 with twice the filters in every convolution."""
    return cnn("model3", **{"filters": (64, 128, 256), **overrides})


def model4(**overrides):
    """Model 2 with 5 x 5 kernels."""
    return cnn("model4", **{"kernel": 5, **overrides})


def model5(**overrides):
    """Model 2 with a fourth block of 256 filters."""
    larger = {"filters": (32, 64, 128, 256), "pooling": ("max",) + ("average",) * 3}
    return cnn("model5", **{**larger, **overrides})


def model6(**overrides):
    """Model 2 with "valid" padding in the second convolution of each block."""
    return cnn("model6", **{"second_padding": "valid", **overrides})


#: The models that the study trains from scratch. Their builders take ``l2``.
CNNS: dict[str, Callable[..., Any]] = {
    "model1": model1,
    "model2": model2,
    "model3": model3,
    "model4": model4,
    "model5": model5,
    "model6": model6,
}

#: Models that start from ImageNet weights. Their builders take ``weights`` and ``input_size``, and
#: name the body that recipes may freeze ``pretrained.BACKBONE``.
PRETRAINED: dict[str, Callable[..., Any]] = {
    "efficientnetb0": pretrained.efficientnetb0,
    "efficientnet_lite0": pretrained.efficientnet_lite0,
}

#: Every model by its name.
MODELS: dict[str, Callable[..., Any]] = {**CNNS, **PRETRAINED}


def check_name(name: str) -> None:
    """Raises ParameterError if no model has this name."""
    if name not in MODELS:
        raise ParameterError(f"model {name!r} is unknown; choose one of {', '.join(MODELS)}")


def check_recipe(name: str, recipe: Recipe) -> None:
    """Raises ParameterError if a recipe asks for what the builder of that model does not have."""
    is_pretrained = name in PRETRAINED
    if not is_pretrained and (recipe.frozen_epochs or recipe.input_size != IMAGE_SHAPE[0]):
        raise ParameterError(
            f"recipe {recipe.name} is for {' and '.join(PRETRAINED)}: it scales pictures up or "
            f"freezes a pretrained body, which {name} has not"
        )
    if is_pretrained and recipe.l2:
        raise ParameterError(
            f"recipe {recipe.name} has an L2 penalty, which {name} does not take; it is for "
            f"{', '.join(CNNS)}"
        )


def build(name: str, **overrides):
    """Builds a model by its name.

    Args:
        name: a key of :data:`MODELS`.
        **overrides: arguments of its builder, such as ``l2=1e-4`` or ``kernel=7``.

    Returns:
        An uncompiled ``keras.Model`` from (N, 48, 48, 1), raw pixels 0-255, to (N, 7) softmax
        probabilities.

    Raises:
        ParameterError: the name or an override is unknown, or the builder returns something else.
    """
    check_name(name)
    settle_keras()
    try:
        model = MODELS[name](**overrides)
    except TypeError as error:
        raise ParameterError(f"model {name}: {error}") from error
    _check_shapes(name, model)
    return model


def settle_keras() -> None:
    """Sets what ``~/.keras/keras.json`` may say otherwise to Keras's own defaults."""
    import keras

    keras.config.set_floatx("float32")
    keras.config.set_image_data_format("channels_last")
    keras.config.set_epsilon(KERAS_CLIPS_AT)


def _check_shapes(name: str, model) -> None:
    """Raises ParameterError if that is no model from an image to the probabilities."""
    import keras

    wanted = f"return a keras.Model from {IMAGE_SHAPE} to ({len(EMOTIONS)},)"
    if not isinstance(model, keras.Model):
        raise ParameterError(
            f"model {name}: its builder returns {type(model).__name__}; let it {wanted}"
        )
    shapes = [getattr(model, f"{end}_shape", None) for end in ("input", "output")]
    if shapes != [(None, *IMAGE_SHAPE), (None, len(EMOTIONS))]:
        raise ParameterError(
            f"model {name}: it goes from {shapes[0]} to {shapes[1]}; let its builder {wanted}"
        )


def check_probabilities(name: str, model) -> None:
    """Raises ParameterError if what a model predicts for a black image are no probabilities."""
    found = np.asarray(model.predict_on_batch(np.zeros((1, *IMAGE_SHAPE), np.uint8)))
    found = found[0].astype(np.float64)
    # Not a number is not within either.
    if found.min() >= 0 and found.max() <= 1 and abs(found.sum() - 1) <= MAX_ROUNDING:
        return
    raise ParameterError(
        f"model {name}: for a black image it predicts {found.min():.3g} to {found.max():.3g} with "
        f"the sum {found.sum():.3g}, which are no probabilities; end it with a softmax"
    )
