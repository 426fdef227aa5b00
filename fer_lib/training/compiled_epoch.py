"""A pass over a split in one call of an accelerator, with JAX.

A small CNN takes a GPU less time than the host needs to start a step. So a split is uploaded once,
as uint8, and stays; a pass sends the order of its images alone. Its steps are a compiled loop
(``jax.lax.scan``) around Keras's own step, each of which picks and mirrors its images on the
device; the last batch, which may be smaller, follows by itself.
"""

import functools

import numpy as np

from fer_lib.data import Split
from fer_lib.training import distribution, machine
from fer_lib.training.augmentation import Order


def suits() -> bool:
    """Whether to use it: JAX on one accelerator. A CPU runs the steps of a loop on one core."""
    return machine.backend() == "jax" and machine.device() != "CPU" and distribution.count() == 1


def run(
    model,
    split: Split,
    order: Order,
    class_weights: np.ndarray | None,
    batch_size: int,
    training: bool,
) -> dict:
    """Has the device train with all batches, or only look at them, and does not wait for it.

    Args:
        model: compiled, on the JAX backend.
        split: its arrays must stay as they are, as they are uploaded once.
        order: of all its images in the steps.
        class_weights: of an image of each class in the loss (float32, 7), or None.
        batch_size: images a step.
        training: whether the model learns.

    Returns:
        The means of accuracy and loss over the images, as scalars of JAX.
    """
    _build_metrics(model, split)
    model.reset_metrics()
    groups = _variables(model, training)
    state = tuple([variable.value for variable in group] for group in groups)
    images, labels = _uploaded(split)
    loop = _loop(model, model.optimizer, training)
    for steps in _steps(order, batch_size):
        logs, state = loop(state, steps, images, labels, class_weights)
    for group, values in zip(groups, state, strict=True):
        for variable, value in zip(group, values, strict=True):
            variable.assign(value)
    return {key: logs[key] for key in ("accuracy", "loss")}


def _build_metrics(model, split: Split) -> None:
    """Makes the metrics' variables, as the first batch does that a compiled model sees."""
    if not all(getattr(metric, "built", True) for metric in model.metrics):
        model.test_on_batch(split.images[:1], split.labels[:1])


def _variables(model, training: bool) -> tuple[list, ...]:
    """What a step of Keras reads and gives back, in its order."""
    optimizer = (model.optimizer.variables,) if training else ()
    return (
        model.trainable_variables,
        model.non_trainable_variables,
        *optimizer,
        model.metrics_variables,
    )


@functools.lru_cache(maxsize=2)  # a data set's training and validation split
def _uploaded(split: Split) -> tuple:
    """Its images (uint8) and labels (int32) on the device, until two other splits take over."""
    import jax

    # Integers of 32 bits: Keras adds up in the labels' type when it counts hits.
    return jax.device_put(split.images), jax.device_put(split.labels.astype(np.int32))


def _steps(order: Order, batch_size: int) -> list[Order]:
    """The whole batches (steps x batch) and the rest as one step."""
    count = len(order.numbers)
    whole = count // batch_size * batch_size
    return [
        Order(*(array.reshape(-1, size) for array in order.part(first, last)))
        for first, last, size in ((0, whole, batch_size), (whole, count, count - whole))
        if first < last
    ]


@functools.lru_cache(maxsize=4)
def _loop(model, optimizer, training: bool):
    """The compiled loop; another optimizer is another loop, as its step is traced into it."""
    import jax

    step = model.train_step if training else model.test_step

    def loop(state, steps, images, labels, class_weights):
        def body(state, order):
            logs, state = step(state, _batch(images, labels, class_weights, order))
            return state, logs

        state, logs = jax.lax.scan(body, state, steps)
        return {key: values[-1] for key, values in logs.items()}, state

    return jax.jit(loop)


def _batch(images, labels, class_weights, order: Order) -> tuple:
    """What a step of Keras reads, as ``augmentation.show`` makes it on the host."""
    import jax.numpy as jnp

    shown, labels = images[order.numbers], labels[order.numbers]
    shown = jnp.where(order.mirrored[:, None, None, None], shown[:, :, ::-1], shown)
    return shown, labels, None if class_weights is None else class_weights[labels]
