"""The six CNNs of the original report's section 3."""

from dataclasses import dataclass, replace

from fer_lib.data.dataset import EMOTIONS, IMAGE_SHAPE


@dataclass(frozen=True)
class Cnn:
    """What a CNN of blocks is made of.

    Attributes:
        varies: the model that it is a variation of, if any.
        words: what it varies.
        filters: the number of filters of both convolutions, block by block.
        kernel: side of the square kernels, in pixels.
        pooling: "max" or "average", block by block.
        second_padding: padding of each block's second convolution; the first has "same".
    """

    varies: str
    words: str
    filters: tuple[int, ...] = (32, 64, 128)
    kernel: int = 3
    pooling: tuple[str, ...] = ("max", "average", "average")
    second_padding: str = "same"


#: The study's six by their names.
MODELS = {
    "model1": Cnn("", "the base", pooling=("max",) * 3),
    "model2": Cnn("model1", "average pooling in blocks 2 and 3"),
    "model3": Cnn("model2", "twice the filters", filters=(64, 128, 256)),
    "model4": Cnn("model2", "larger kernels", kernel=5),
    "model5": Cnn("model2", "a fourth block", (32, 64, 128, 256), 3, ("max",) + ("average",) * 3),
    "model6": Cnn("model2", "no padding in second convolutions", second_padding="valid"),
}


def build(name: str, l2: float = 0.0, **overrides):
    """Builds one of the six: its blocks, a dense layer of 256 and a softmax.

    A block is convolution, BatchNormalization, convolution, pooling by two, dropout of 25 %.

    Args:
        name: a key of :data:`MODELS`.
        l2: weight of the L2 penalty on every kernel, 0 for none.
        **overrides: fields of :class:`Cnn` to change.

    Returns:
        An uncompiled ``keras.Model`` from (N, 48, 48, 1), raw pixels 0-255, to (N, 7).
    """
    import keras
    from keras import layers

    from fer_lib.models.normalization import BatchNormalization

    cnn = replace(MODELS[name], **overrides)
    pools = {"max": layers.MaxPooling2D, "average": layers.AveragePooling2D}
    usual = {"activation": "relu", "kernel_regularizer": keras.regularizers.L2(l2) if l2 else None}
    second = {**usual, "padding": cnn.second_padding}
    x = inputs = keras.Input(IMAGE_SHAPE, name="image")
    x = layers.Rescaling(1 / 255, name="rescaling")(x)
    for number, (count, kind) in enumerate(zip(cnn.filters, cnn.pooling, strict=True), start=1):
        block = f"block{number}"
        x = layers.Conv2D(count, cnn.kernel, padding="same", name=f"{block}_conv1", **usual)(x)
        x = BatchNormalization(name=f"{block}_bn")(x)
        x = layers.Conv2D(count, cnn.kernel, name=f"{block}_conv2", **second)(x)
        x = pools[kind](2, name=f"{block}_{kind}_pool")(x)
        x = layers.Dropout(0.25, name=f"{block}_dropout")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(256, name="dense", **usual)(x)
    x = layers.Dropout(0.5, name="dense_dropout")(x)
    # The softmax stays in float32 when the rest computes in a shorter format.
    last = {**usual, "activation": "softmax", "dtype": "float32"}
    outputs = layers.Dense(len(EMOTIONS), name="probabilities", **last)(x)
    return keras.Model(inputs, outputs, name=name)
