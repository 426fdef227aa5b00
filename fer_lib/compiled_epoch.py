"""A pass over a split in one call of an accelerator, with JAX.

A small CNN takes a GPU less time than the host needs to start a step. So the split is uploaded once
a pass, as uint8, and its steps are a compiled loop (``jax.lax.scan``) around Keras's own step; the
last batch, which may be smaller, follows by itself.
"""

import functools

import numpy as np

from fer_lib import distribution, machine


def suits() -> bool:
    """Whether to use it: JAX on one accelerator. A CPU runs the steps of a loop on one core."""
    return machine.backend() == "jax" and machine.device() != "CPU" and distribution.count() == 1


def run(
    model,
    images: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray | None,
    batch_size: int,
    training: bool,
) -> dict[str, float]:
    """Trains with all batches, or only looks at them.

    Args:
        model: compiled, on the JAX backend.
        images: uint8, N x 48 x 48 x 1, in the order of the steps.
        labels: integers, N.
        weights: of each image in the loss (float32, N), or None.
        batch_size: images a step.
        training: whether the model learns.

    Returns:
        The means of accuracy and loss over the images.
    """
    import jax

    model.test_on_batch(images[:1], labels[:1])  # builds the metrics' variables
    model.reset_metrics()
    groups = _variables(model, training)
    state = tuple([variable.value for variable in group] for group in groups)
    # Integers of 32 bits: Keras adds up in the labels' type when it counts hits.
    data = tuple(
        None if array is None else jax.device_put(array)
        for array in (images, labels.astype(np.int32), weights)
    )
    loop = _loop(model, model.optimizer, batch_size, training)
    for part in _parts(data, batch_size):
        logs, state = loop(state, part)
    for group, values in zip(groups, state, strict=True):
        for variable, value in zip(group, values, strict=True):
            variable.assign(value)
    return {key: float(logs[key]) for key in ("accuracy", "loss")}


def _variables(model, training: bool) -> tuple[list, ...]:
    """What a step of Keras reads and gives back, in its order."""
    optimizer = (model.optimizer.variables,) if training else ()
    return (
        model.trainable_variables,
        model.non_trainable_variables,
        *optimizer,
        model.metrics_variables,
    )


def _parts(data: tuple, batch_size: int) -> list[tuple]:
    """The whole batches (steps x batch x ...) and the rest as one step."""
    count = len(data[1])
    whole = count // batch_size * batch_size
    parts = []
    for first, last, size in ((0, whole, batch_size), (whole, count, count - whole)):
        if first < last:
            parts.append(
                tuple(
                    None if array is None else array[first:last].reshape(-1, size, *array.shape[1:])
                    for array in data
                )
            )
    return parts


@functools.lru_cache(maxsize=4)
def _loop(model, optimizer, batch_size: int, training: bool):
    """The compiled loop; another optimizer is another loop, as its step is traced into it."""
    import jax

    step = model.train_step if training else model.test_step

    def body(state, batch):
        logs, state = step(state, batch)
        return state, logs

    def loop(state, batches):
        state, logs = jax.lax.scan(body, state, batches)
        return {key: values[-1] for key, values in logs.items()}, state

    return jax.jit(loop)
