"""What a model is made of: layers, parameters and multiply-adds, as the report tabulates them."""

import math
from collections.abc import Iterator
from typing import Any


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
        for layer in _opened(model)
    ]


def _opened(model) -> Iterator:
    """The layers from input to output, those of a nested model in its place."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from _opened(layer)
        else:
            yield layer


def _multiply_adds(layer) -> int:
    """Multiply-adds of one layer's kernel for one image; layers without a kernel count nothing."""
    kernel = getattr(layer, "kernel", None)
    if kernel is None:
        return 0
    if len(kernel.shape) == 2:
        return math.prod(kernel.shape)
    positions = math.prod(layer.output.shape[1:3])
    return positions * math.prod(kernel.shape)
