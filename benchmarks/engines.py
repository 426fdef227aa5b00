"""Ways to train a model with Keras, each to be measured in a process of its own.

Started by throughput.py with the engine's name and a job (JSON): ``model``; ``folder`` with the
images as ``.npy``; ``seconds`` that a turn shall take; ``phases``, each with its numbers of
``train`` and ``validation`` images and of ``epochs``. Every epoch is a turn.
"""

import contextlib
import json
import sys
import time
from pathlib import Path

if __name__ == "__main__":  # Before the libraries, whose import takes seconds.
    try:
        _, name, job = sys.argv
        job = json.loads(job)
        if name not in ("ours", "notebook", "bare", "peak"):
            raise ValueError(name)
    except ValueError:
        print("engines.py: throughput.py starts it with a job; run that", file=sys.stderr)
        sys.exit(2)

import keras
import numpy as np
from PIL import Image
from turns import Turns

from fer_lib import data, recipes
from fer_lib.data import Dataset, Split
from fer_lib.models import architecture
from fer_lib.recipes import Recipe
from fer_lib.training import fitting, machine
from fer_lib.training.identity import identify

#: What a layer's copy in another library must know.
LAYER_KEYS = (
    *("filters", "kernel_size", "padding", "activation", "epsilon", "momentum"),
    *("pool_size", "rate", "units"),
)


def ours(job: dict, turns: Turns) -> None:
    """This package's way: epochs by ``fitting.fit``, each with its validation and checkpoint."""
    for phase in job["phases"]:
        dataset, recipe = images(job, phase), Recipe("throughput", epochs=phase["epochs"])
        scratch = Path(job["folder"], f"checkpoints-{job['model']}-{phase['train']}")
        scratch.mkdir()
        model = fitting.build(job["model"], recipe, seed=0)
        identity = identify(job["model"], recipe, 0, dataset)
        with contextlib.redirect_stdout(Lines(turns, phase["train"])):
            fitting.fit(model, recipe, dataset, identity, scratch)


class Lines:
    """A standard output whose every line ends a turn.

    ``fitting.fit`` prints a line when an epoch is finished and saved.
    """

    def __init__(self, turns: Turns, images: int):
        self.turns, self.images = turns, images

    def write(self, text: str) -> None:
        if text.endswith("\n"):
            self.turns.done(self.images)

    def flush(self) -> None:
        """Nothing is kept back."""


def notebook(job: dict, turns: Turns) -> None:
    """What most notebooks do: ``image_dataset_from_directory``, then ``model.fit``."""
    model = in_plain_keras(fitting.build(job["model"], recipes.get("original"), seed=0))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    for phase in job["phases"]:
        dataset = images(job, phase)
        folder = Path(job["folder"], f"png-{job['model']}-{phase['train']}")
        train, validation = (
            keras.utils.image_dataset_from_directory(
                write_images(folder / name, getattr(dataset, name)),
                batch_size=128,
                color_mode="grayscale",
                image_size=(48, 48),
            )
            for name in ("train", "validation")
        )
        for _ in range(phase["epochs"]):
            clock = Clock()
            model.fit(train, validation_data=validation, callbacks=[clock], verbose=0)
            turns.done(phase["train"], seconds=clock.seconds)


def in_plain_keras(model):
    """The same model of Keras's own layers, without those of this package."""

    def own(layer):
        return getattr(keras.layers, type(layer).__name__).from_config(layer.get_config())

    return keras.models.clone_model(model, clone_function=own)


class Clock(keras.callbacks.Callback):
    """Counts an epoch's seconds from the first to the last batch of each split.

    Between and after them a pipeline of TensorFlow that has ended may be waited for
    (``one_epoch.py`` says why), for up to a minute that depends on when the epoch ends:
    scaled to another epoch's length it would be wrong. Without it, this way looks faster than it
    is.
    """

    def __init__(self):
        super().__init__()
        self.seconds = 0.0

    def on_train_batch_begin(self, batch, logs=None):
        if batch == 0:  # Before its images are fetched.
            self._start = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        self._train_end = time.perf_counter()

    def on_test_batch_begin(self, batch, logs=None):
        if batch == 0:
            self.seconds += self._train_end - self._start
            self._start = time.perf_counter()

    def on_test_batch_end(self, batch, logs=None):
        self._test_end = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds += self._test_end - self._start


def write_images(folder: Path, split: Split) -> Path:
    """Writes a split as one folder of PNG files a class."""
    for emotion in data.EMOTIONS:
        (folder / emotion).mkdir(parents=True)
    for number, (image, label) in enumerate(zip(split.images, split.labels, strict=True)):
        Image.fromarray(image[..., 0]).save(folder / data.EMOTIONS[label] / f"{number}.png")
    return folder


def bare(job: dict, turns: Turns) -> None:
    """The backend's own compiled training step on one batch in memory, again and again."""
    recipe = recipes.get("original")
    batch = images(job, {"train": recipe.batch_size, "validation": 1}).train
    model = fitting.build(job["model"], recipe, seed=0)
    fitting.prepare(model, recipe, 1, len(batch))
    step = STEPS[machine.backend()](model, batch.images, batch.labels.astype(np.int32))
    steps(step, 2)
    count = max(2, round(2 * job["seconds"] / steps(step, 2)))
    facts = describe(model)
    while True:
        turns.done(count * len(batch), **facts)
        steps(step, count)


def steps(step, count: int) -> float:
    """Takes steps, waits for the last one to be done, and returns the seconds of all."""
    start = time.perf_counter()
    for _ in range(count):
        result = step()
    float(result)
    return time.perf_counter() - start


def tensorflow_step(model, x, y):
    """A training step of TensorFlow, compiled as Keras would."""
    import tensorflow as tf

    x, y = tf.constant(x), tf.constant(y)

    @tf.function(jit_compile=model.jit_compile)
    def step():
        with tf.GradientTape() as tape:
            loss = model.loss(y, model(x, training=True))
        weights = model.trainable_variables
        model.optimizer.apply(tape.gradient(loss, weights), weights)
        return loss

    return step


def jax_step(model, x, y):
    """A training step of JAX, whose state stays on the device."""
    import jax

    x, y = jax.numpy.asarray(x), jax.numpy.asarray(y)

    def loss_of(weights, others):
        probabilities, others = model.stateless_call(weights, others, x, training=True)
        return model.loss(y, probabilities), others

    def update(weights, others, optimizer):
        gradient = jax.value_and_grad(loss_of, has_aux=True)
        (loss, others), gradients = gradient(weights, others)
        weights, optimizer = model.optimizer.stateless_apply(optimizer, gradients, weights)
        return loss, (weights, others, optimizer)

    update = jax.jit(update, donate_argnums=(0, 1, 2))
    groups = (model.trainable_variables, model.non_trainable_variables, model.optimizer.variables)
    state = tuple([jax.numpy.array(variable.value) for variable in group] for group in groups)

    def step():
        nonlocal state
        loss, state = update(*state)
        return loss

    return step


STEPS = {"tensorflow": tensorflow_step, "jax": jax_step}


def peak(job: dict, turns: Turns) -> None:
    """Products of large square float32 matrices, as fast as the backend multiplies them."""
    side = 2048 if machine.device() == "CPU" else 8192
    random = np.random.default_rng(0).normal(0, side**-0.5, (side, side)).astype(np.float32)
    matrix = keras.ops.convert_to_tensor(random)

    def step():
        return keras.ops.matmul(matrix, matrix)[0, 0]

    steps(step, 2)
    count = max(2, round(2 * job["seconds"] / steps(step, 2)))
    while True:
        steps(step, count)
        turns.done(0, flop=2 * side**3 * count)


def images(job: dict, sizes: dict[str, int]) -> Dataset:
    """So many training and validation images; where there are too few, they come again."""
    splits = {
        name: Split(
            *(
                np.resize(array, (sizes[name], *array.shape[1:]))
                for kind in ("images", "labels")
                for array in [np.load(f"{job['folder']}/{name}_{kind}.npy")]
            )
        )
        for name in ("train", "validation")
    }
    return Dataset(**splits, test=splits["validation"], name="", source="", fingerprint="")


def describe(model) -> dict:
    """What throughput.py must know of the model and of what computes it."""
    layers = [
        {"type": type(layer).__name__, **{key: config[key] for key in LAYER_KEYS if key in config}}
        for layer in model.layers
        for config in [layer.get_config()]
    ]
    return {
        "layers": layers,
        "parameters": model.count_params(),
        "multiply_adds": sum(layer["multiply_adds"] for layer in architecture.layers(model)),
        "backend": machine.backend(),
        "device": machine.device(),
    }


ENGINES = {engine.__name__: engine for engine in (ours, notebook, bare, peak)}

if __name__ == "__main__":
    ENGINES[name](job, Turns())
