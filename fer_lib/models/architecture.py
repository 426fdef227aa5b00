"""What a model is made of: layers, parameters and multiply-adds, as the report tabulates them."""

import math
from typing import Any

from fer_lib.errors import ParameterError

WITH_KERNEL = ("Conv2D", "Dense", "DepthwiseConv2D")


def layers(model) -> list[dict[str, Any]]:
    """Describes a built ``keras.Model`` layer by layer, nested models opened.

    Returns:
        One dict a layer: ``name``, ``type``, ``output_shape`` (without the batch axis),
        ``parameters`` and ``multiply_adds`` (per image, forward, of the kernels alone).
    """
    found = []
    for layer in model.layers:
        if hasattr(layer, "layers"):
            found += layers(layer)
        else:
            found.append(
                {
                    "name": layer.name,
                    "type": type(layer).__name__,
                    "output_shape": list(layer.output.shape[1:]),
                    "parameters": layer.count_params(),
                    "multiply_adds": _multiply_adds(layer),
                }
            )
    return found


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
