"""The six CNNs of the original report's section 3."""

from collections.abc import Sequence

from fer_lib.data.dataset import EMOTIONS, IMAGE_SHAPE


def cnn(
    name: str,
    *,
    filters: Sequence[int] = (32, 64, 128),
    kernel: int = 3,
    pooling: Sequence[str] = ("max", "average", "average"),
    second_padding: str = "same",
    l2: float = 0.0,
):
    """Builds a CNN of blocks, a dense layer of 256 and a softmax.

    A block is convolution, BatchNormalization, convolution, pooling by two, dropout of 25 %.

    Args:
        name: the model's name.
        filters: the number of filters of both convolutions, block by block.
        kernel: side of the square kernels, in pixels.
        pooling: "max" or "average", block by block.
        second_padding: padding of each block's second convolution; the first has "same".
        l2: weight of the L2 penalty on every kernel, 0 for none.

    Returns:
        An uncompiled ``keras.Model`` from (N, 48, 48, 1), raw pixels 0-255, to (N, 7).
    """
    import keras
    from keras import layers

    from fer_lib.models.normalization import BatchNormalization

    pools = {"max": layers.MaxPooling2D, "average": layers.AveragePooling2D}
    usual = {"activation": "relu", "kernel_regularizer": keras.regularizers.L2(l2) if l2 else None}
    x = inputs = keras.Input(IMAGE_SHAPE, name="image")
    x = layers.Rescaling(1 / 255, name="rescaling")(x)
    for number, (count, kind) in enumerate(zip(filters, pooling, strict=True), start=1):
        block = f"block{number}"
        x = layers.Conv2D(count, kernel, padding="same", name=f"{block}_conv1", **usual)(x)
        x = BatchNormalization(name=f"{block}_bn")(x)
        x = layers.Conv2D(count, kernel, padding=second_padding, name=f"{block}_conv2", **usual)(x)
        x = pools[kind](2, name=f"{block}_{kind}_pool")(x)
        x = layers.Dropout(0.25, name=f"{block}_dropout")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(256, name="dense", **usual)(x)
    x = layers.Dropout(0.5, name="dense_dropout")(x)
    # The softmax stays in float32 when the rest computes in a shorter format.
    last = {**usual, "activation": "softmax", "dtype": "float32"}
    outputs = layers.Dense(len(EMOTIONS), name="probabilities", **last)(x)
    return keras.Model(inputs, outputs, name=name)


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
