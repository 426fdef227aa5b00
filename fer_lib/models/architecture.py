"""What a model is made of: layers, parameters and multiply-adds, as the report tabulates them."""

import hashlib
import json
import math
from collections.abc import Iterator
from typing import Any

from fer_lib.errors import ParameterError

WITH_KERNEL = ("Conv2D", "Dense", "DepthwiseConv2D")
#: Of a layer, beside the shapes of its output and its weights.
SETTINGS = (
    "activation",
    "padding",
    "pool_size",
    "strides",
    "rate",
    "momentum",
    "epsilon",
    "scale",
    "offset",
    "max_value",
    "negative_slope",
)


def layers(model) -> list[dict[str, Any]]:
    """Describes a built ``keras.Model`` layer by layer, nested models opened.

    Returns:
        One dict a layer: ``name``, ``type``, ``output_shape`` (without the batch axis),
        ``parameters`` and ``multiply_adds`` (per image, forward, of the kernels alone).
    """
    return [
        {
            "name": layer.name,
            "type": type(layer).__name__,
            "output_shape": list(layer.output.shape[1:]),
            "parameters": layer.count_params(),
            "multiply_adds": _multiply_adds(layer),
        }
        for layer in opened(model)
    ]


def opened(model) -> Iterator:
    """The layers from input to output, those of a nested model in its place."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from opened(layer)
        else:
            yield layer


def _multiply_adds(layer) -> int:
    """Multiply-adds of one layer's kernel for one image; normalizations count nothing."""
    kind = type(layer).__name__
    if kind in WITH_KERNEL:
        # The kernel is applied once at each position of the output, whose last axis is channels.
        return math.prod(layer.output.shape[1:-1]) * math.prod(layer.kernel.shape)
    if layer.weights and not kind.endswith("Normalization"):
        raise ParameterError(
            f"layer {layer.name}: how many multiply-adds a {kind} makes is not known; add it to "
            "fer_lib/models/architecture.py"
        )
    return 0


def digest(model) -> str:
    """A name for what a model is: its layers in their order, with the settings that matter.

    How they are connected is left out, and so are the precision, the first weights and the
    penalties, which are the recipe's.
    """
    rows = [
        [type(layer).__name__, list(layer.output.shape[1:]), layer.count_params(), _settings(layer)]
        for layer in opened(model)
    ]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:12]


def _settings(layer) -> dict[str, str]:
    """A layer's settings by name. Its ``get_config`` would import TensorFlow on any backend."""
    found = {name: getattr(layer, name) for name in SETTINGS if hasattr(layer, name)}
    # Of functions and layers the name alone, as their text is another in every process.
    return {
        name: str(value)
        if isinstance(value, str | int | float | tuple | list | None)
        else getattr(value, "__name__", type(value).__name__)
        for name, value in found.items()
    }
