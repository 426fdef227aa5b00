"""A pass over a split in one call of an accelerator, with JAX.

A small CNN takes a GPU less time than the host needs to start a step. So a split is uploaded once,
as uint8, and stays; a pass sends the order of its images alone. Its steps are a compiled loop
(``jax.lax.scan``) around Keras's own step, each of which picks and distorts its images on the
device; the last batch, which may be smaller, follows by itself.
"""

import functools

import numpy as np

from fer_lib.data import Split
from fer_lib.training import augmentation, machine
from fer_lib.training.augmentation import Order


def suits() -> bool:
    """Whether to use it: JAX on an accelerator. A CPU runs the steps of a loop on one core."""
    return machine.backend() == "jax" and machine.device() != "CPU"


def run(model, split: Split, order: Order, class_weights, batch_size: int, training: bool) -> dict:
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
    import jax

    if not all(getattr(metric, "built", True) for metric in model.metrics):
        model.test_on_batch(split.images[:1], split.labels[:1])  # makes the metrics' variables
    model.reset_metrics()
    # What a step of Keras reads and gives back, in its order.
    groups = [model.trainable_variables, model.non_trainable_variables, model.metrics_variables]
    if training:
        groups.insert(2, model.optimizer.variables)
    state = tuple([variable.value for variable in group] for group in groups)
    images, labels = _uploaded(split)
    loop = _loop(model, model.optimizer, training)
    whole = len(split) // batch_size * batch_size
    for first, last in ((0, whole), (whole, len(split))):
        if first < last:
            size = min(batch_size, last - first)  # the order becomes steps x batch
            part = order.part(first, last)
            steps = jax.tree.map(lambda one, n=size: one.reshape(-1, n, *one.shape[1:]), part)
            logs, state = loop(state, steps, images, labels, class_weights)
    for group, values in zip(groups, state, strict=True):
        for variable, value in zip(group, values, strict=True):
            variable.assign(value)
    return {key: logs[key] for key in ("accuracy", "loss")}


@functools.lru_cache(maxsize=2)  # a data set's training and validation split
def _uploaded(split: Split) -> tuple:
    """Its images (uint8) and labels (int32) on the device, until two other splits take over."""
    import jax

    # Integers of 32 bits: Keras adds up in the labels' type when it counts hits.
    return jax.device_put(split.images), jax.device_put(split.labels.astype(np.int32))


@functools.lru_cache(maxsize=4)
def _loop(model, optimizer, training: bool):
    """The compiled loop; another optimizer is another loop, as its step is traced into it."""
    import jax

    step = model.train_step if training else model.test_step

    def loop(state, steps, images, labels, class_weights):
        def body(state, order):
            wanted = labels[order.numbers]
            weights = None if class_weights is None else class_weights[wanted]
            shown = augmentation.show(images, order, jax.numpy.where)
            logs, state = step(state, (shown, wanted, weights))
            return state, logs

        state, logs = jax.lax.scan(body, state, steps)
        return {key: values[-1] for key, values in logs.items()}, state

    return jax.jit(loop)
