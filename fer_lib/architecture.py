"""What a model is made of: layers, parameters and multiply-adds, as the report tabulates them."""

import math
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
        for layer in model._flatten_layers(include_self=False)
        if not hasattr(layer, "layers")
    ]


def _multiply_adds(layer) -> int:
    """Multiply-adds of one layer's kernel for one image; layers without a kernel count nothing."""
    kernel = getattr(layer, "kernel", None)
    if kernel is None:
        return 0
    if len(kernel.shape) == 2:
        return math.prod(kernel.shape)
    positions = math.prod(layer.output.shape[1:3])
    return positions * math.prod(kernel.shape)
