"""Ways to train a model with Keras, each measured by throughput.py in a process of its own.

A way is given a job (``model``, a name; ``dataset``; ``folder`` to write to; ``seconds`` that a
turn shall take, about; ``phases`` of so many batches and epochs) and its turns; an epoch is a turn.
"""

import contextlib
import time
from pathlib import Path

import keras
import numpy as np
from measuring import BATCH, Turns, sized
from PIL import Image

from fer_lib import data, training
from fer_lib.data import Split
from fer_lib.recipes import Recipe
from fer_lib.training import checkpoints, fitting, machine


def ours(job: dict, turns: Turns) -> None:
    """This package's way: ``training.train``, whose epochs end with validation and checkpoint."""
    if machine.device() == "CPU":
        # There a whole epoch takes longer than this, so that each is saved; those here do not.
        checkpoints.INTERVAL = 0
    for batches, epochs in job["phases"]:
        recipe, root = Recipe("throughput", epochs=epochs), Path(job["folder"], f"runs-{batches}")
        with contextlib.redirect_stdout(Epochs(turns, batches * BATCH)):
            training.train(job["model"], recipe, 0, sized(job["dataset"], batches), root)


class Epochs:
    """A standard output on which every epoch's line, printed when it is finished, ends a turn."""

    def __init__(self, turns: Turns, images: int):
        self.turns, self.images = turns, images

    def write(self, text: str) -> None:
        if text.startswith("epoch"):
            self.turns.done(self.images)

    def flush(self) -> None:
        """Nothing is kept back."""


def notebook(job: dict, turns: Turns) -> None:
    """What most notebooks do: ``image_dataset_from_directory``, then ``model.fit``."""
    model = in_plain_keras(network(job))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    for batches, epochs in job["phases"]:
        dataset = sized(job["dataset"], batches)
        train, validation = (
            keras.utils.image_dataset_from_directory(
                write_images(Path(job["folder"], f"png-{batches}-{name}"), dataset.splits[name]),
                batch_size=BATCH,
                color_mode="grayscale",
                image_size=(48, 48),
            )
            for name in ("train", "validation")
        )
        for _ in range(epochs):
            clock = Clock()
            model.fit(train, validation_data=validation, callbacks=[clock], verbose=0)
            turns.done(batches * BATCH, seconds=clock.seconds())


def in_plain_keras(model):
    """The same model of Keras's own layers, without those of this package."""

    def own(layer):
        return getattr(keras.layers, type(layer).__name__).from_config(layer.get_config())

    return keras.models.clone_model(model, clone_function=own)


class Clock(keras.callbacks.Callback):
    """Counts an epoch's seconds from the first to the last batch of each split.

    Between and after them TensorFlow's pipeline that has ended may be waited for, for up to a
    minute that does not depend on the epoch's length and must not be scaled to a longer one.
    Without it, this way looks faster than it is.
    """

    def begin(self, batch, logs=None):
        if batch == 0:  # Before its images are fetched.
            self.spans = [*getattr(self, "spans", []), [time.perf_counter(), 0.0]]

    def end(self, batch, logs=None):
        self.spans[-1][1] = time.perf_counter()

    on_train_batch_begin = on_test_batch_begin = begin
    on_train_batch_end = on_test_batch_end = end

    def seconds(self) -> float:
        return sum(end - begin for begin, end in self.spans)


def write_images(folder: Path, split: Split) -> Path:
    """Writes a split as one folder of PNG files a class."""
    for emotion in data.EMOTIONS:
        (folder / emotion).mkdir(parents=True)
    for number, (image, label) in enumerate(zip(split.images, split.labels, strict=True)):
        Image.fromarray(image[..., 0]).save(folder / data.EMOTIONS[label] / f"{number}.png")
    return folder


def bare(job: dict, turns: Turns) -> None:
    """The backend's own compiled training step on one batch in memory, again and again."""
    model, batch = network(job), sized(job["dataset"], 1).train
    loss = keras.losses.SparseCategoricalCrossentropy()
    model.compile(keras.optimizers.Adam(), loss)
    model.optimizer.build(model.trainable_variables)
    compiled = {"tensorflow": tensorflow_step, "jax": jax_step}[machine.backend()]
    step = compiled(model, loss, batch.images, batch.labels.astype(np.int32))
    run(step, 2)
    count = max(2, round(2 * job["seconds"] / run(step, 2)))
    facts = {"backend": machine.backend(), "device": machine.device()}
    layers = [(type(layer).__name__, layer.get_config()) for layer in model.layers]
    turns.done(count * BATCH, layers=layers, parameters=model.count_params(), facts=facts)
    while True:
        run(step, count)
        turns.done(count * BATCH)


def run(step, count: int) -> float:
    """Takes steps, waits for the last one to be done, and returns the seconds of all."""
    start = time.perf_counter()
    for _ in range(count):
        loss = step()
    float(loss)
    return time.perf_counter() - start


def tensorflow_step(model, loss, x, y):
    """A training step of TensorFlow, compiled as Keras would."""
    import tensorflow as tf

    x, y = tf.constant(x), tf.constant(y)

    @tf.function(jit_compile=model.jit_compile)
    def step():
        with tf.GradientTape() as tape:
            value = loss(y, model(x, training=True))
        weights = model.trainable_variables
        model.optimizer.apply(tape.gradient(value, weights), weights)
        return value

    return step


def jax_step(model, loss, x, y):
    """A training step of JAX, whose state stays on the device."""
    import jax

    x, y = jax.numpy.asarray(x), jax.numpy.asarray(y)

    def loss_of(weights, others):
        probabilities, others = model.stateless_call(weights, others, x, training=True)
        return loss(y, probabilities), others

    def update(weights, others, optimizer):
        gradient = jax.value_and_grad(loss_of, has_aux=True)
        (value, others), gradients = gradient(weights, others)
        weights, optimizer = model.optimizer.stateless_apply(optimizer, gradients, weights)
        return value, (weights, others, optimizer)

    update = jax.jit(update, donate_argnums=(0, 1, 2))
    groups = (model.trainable_variables, model.non_trainable_variables, model.optimizer.variables)
    state = tuple([jax.numpy.array(variable.value) for variable in group] for group in groups)

    def step():
        nonlocal state
        value, state = update(*state)
        return value

    return step


def network(job: dict):
    """The job's model, uncompiled, in float32 as the original trained it."""
    return fitting.build(job["model"], Recipe("throughput"), 0)
