"""Models that go beyond the original report: how far a small network from scratch can go."""

from collections.abc import Sequence
from functools import partial

from fer_lib.data.dataset import EMOTIONS, IMAGE_SHAPE


def compact(filters: Sequence[int] = (32, 64, 128, 256), name: str = "compact"):
    """Four stages of two 3 x 3 convolutions, each normalized before its ReLU, and a global average.

    Args:
        filters: the number of filters of both convolutions, stage by stage.
        name: the model's name.

    Returns:
        An uncompiled ``keras.Model`` from (N, 48, 48, 1), raw pixels 0-255, to (N, 7).
    """
    import keras
    from keras import layers

    from fer_lib.models.normalization import BatchNormalization

    x = inputs = keras.Input(IMAGE_SHAPE, name="image")
    # FER2013's pixels have a mean of 129 and a standard deviation of 65.
    x = layers.Rescaling(1 / 64, offset=-2.0, name="rescaling")(x)
    for stage, count in enumerate(filters, start=1):
        for half in "ab":
            end = f"stage{stage}{half}"
            x = layers.Conv2D(count, 3, padding="same", use_bias=False, name=f"{end}_conv")(x)
            x = BatchNormalization(momentum=0.9, name=f"{end}_bn")(x)
            x = layers.ReLU(name=f"{end}_relu")(x)
        if stage < len(filters):
            x = layers.MaxPooling2D(2, name=f"stage{stage}_pool")(x)
    x = layers.GlobalAveragePooling2D(name="average_pool")(x)
    x = layers.Dropout(0.3, name="dropout")(x)
    # The softmax stays in float32 when the rest computes in a shorter format.
    last = layers.Dense(len(EMOTIONS), activation="softmax", dtype="float32", name="probabilities")
    return keras.Model(inputs, last(x), name=name)


#: Their builders by name.
MODELS = {
    "compact": compact,
    "compact_half": partial(compact, (16, 32, 64, 128), "compact_half"),
}
