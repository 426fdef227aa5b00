"""One model on several devices of a machine: each computes its share of every batch.

The batch of the recipe is the batch of all devices together, and one step is one step: gradients
and the statistics of batch normalization are those of the whole batch. So the learning rate and
the number of steps stay what they are, and the result is that of one device but for rounding.
"""

from fer_lib.errors import ParameterError


def use(devices: int) -> None:
    """Spreads the models that are built from here on over the first devices of the machine.

    Args:
        devices: how many; 1 for no distribution.

    Raises:
        ParameterError: the backend cannot do it, or the machine has fewer devices.
    """
    import keras

    if devices < 1:
        raise ParameterError(f"parameter devices must be a whole number from 1 on, not {devices}")
    if devices == 1:
        keras.distribution.set_distribution(None)
        return
    if keras.backend.backend() != "jax":
        raise ParameterError(
            f"parameter devices is {devices}, but the {keras.backend.backend()} backend trains on "
            "one; set KERAS_BACKEND=jax, or leave it at 1"
        )
    found = keras.distribution.list_devices()
    if devices > len(found):
        raise ParameterError(f"parameter devices is {devices}, but there are {len(found)}")
    keras.distribution.set_distribution(_split_batches(found[:devices]))


def count() -> int:
    """Devices that a model built now would be spread over."""
    import keras

    distribution = keras.distribution.distribution()
    return 1 if distribution is None else distribution.num_model_replicas


def _split_batches(devices: list[str]):
    """A ``DataParallel`` that takes batches of any size, as the last one of an epoch."""
    from keras.distribution import DataParallel, TensorLayout

    class SplitBatches(DataParallel):
        """Keras splits the arrays of a batch before the step, in equal parts or not at all.

        Here every device gets the small raw images of the whole batch, and the outputs of the
        layers are split, within the compiled step, where the compiler pads an uneven part.
        """

        def get_data_layout(self, data_shape):
            return TensorLayout([None] * len(data_shape), self.device_mesh)

        def get_tensor_layout(self, path):
            return TensorLayout([self.batch_dim_name], self.device_mesh)

    return SplitBatches(devices=devices)
