"""Fitting: an epoch after the other, by the recipe, from the last finished one on.

The order of the images depends on the seed and the epoch alone, and all random state of the model
is part of the checkpoint. So an interrupted run gives what an uninterrupted one would have given.
"""

import contextlib
import functools
import math
import random
from pathlib import Path
from typing import Any

import numpy as np

from fer_lib import models
from fer_lib.data import Dataset
from fer_lib.data.dataset import IMAGE_SHAPE
from fer_lib.errors import RunError
from fer_lib.models import pretrained
from fer_lib.recipes import Recipe
from fer_lib.training import checkpoints, compiled_epoch, machine, one_epoch
from fer_lib.training.identity import differences
from fer_lib.training.saving import Saver


def build(model_name: str, recipe: Recipe, seed: int, weights: str | None = ""):
    """The model with its first weights, uncompiled.

    Args:
        model_name: a key of ``models.MODELS``.
        recipe: says what the builder must know: L2, size of the input, precision.
        seed: of everything random from here on.
        weights: a file of weights for a pretrained model; "" for those of ImageNet, None for none.

    Raises:
        ParameterError: the model is unknown, or it gives no probabilities.
    """
    # Before the usual policy is read, which follows these settings.
    models.settle_keras()
    _seed(seed)
    overrides = {"l2": recipe.l2} if recipe.l2 else {}
    if recipe.input_size != IMAGE_SHAPE[0]:
        overrides["input_size"] = recipe.input_size
    if weights != "":
        overrides["weights"] = weights
    with _policy(recipe.precision):
        model = models.build(model_name, **overrides)
    _scale_dropout(model, recipe.dropout_factor)
    models.check_probabilities(model_name, model)
    return model


def _scale_dropout(model, factor: float) -> None:
    """Multiplies the rates of the dropout layers of the model itself, not of a pretrained body."""
    import keras

    for layer in model.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.rate *= factor


@contextlib.contextmanager
def _policy(precision: str):
    """Layers made within compute in this precision."""
    import keras

    usual = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(usual)


def _seed(seed: int) -> None:
    """Seeds what the seeds of weights and dropout are drawn from."""
    import keras

    if machine.backend() == "tensorflow":
        keras.utils.set_random_seed(seed)
    else:
        # Keras's function imports TensorFlow on any backend, which may then take the GPU's memory.
        random.seed(seed)
        np.random.seed(seed)


def _seed_torch(seed: int, epoch: int) -> None:
    """Has dropout with torch, which draws from torch's own state, depend on seed and epoch alone.

    With the other backends that state is one of the model's variables, which checkpoints hold.
    """
    if machine.backend() == "torch":
        import torch

        torch.manual_seed(int(np.random.SeedSequence([seed, epoch]).generate_state(1)[0]))


def prepare(model, recipe: Recipe, epoch: int, images: int) -> None:
    """Compiles the model for the phase of the recipe that an epoch belongs to.

    A new phase begins with a fresh optimizer.

    Args:
        model: what :func:`build` returns.
        recipe: how to train.
        epoch: from 1 on.
        images: the number of training images.
    """
    import keras

    rate = recipe.learning_rate
    if recipe.frozen_epochs:
        frozen = epoch <= recipe.frozen_epochs
        (pretrained.freeze if frozen else pretrained.unfreeze)(model)
        rate = recipe.learning_rate if frozen else recipe.fine_tuning_rate
    model.compile(
        optimizer=keras.optimizers.Adam(_schedule(recipe, rate, images)),
        loss=keras.losses.SparseCategoricalCrossentropy(),
        metrics=["accuracy"],
    )
    model.optimizer.build(model.trainable_variables)


def _schedule(recipe: Recipe, rate: float, images: int):
    """The learning rate of every step, which is at most the given one."""
    from keras.optimizers import schedules

    if not recipe.one_cycle:
        return schedules.ExponentialDecay(rate, recipe.decay_steps, recipe.decay_rate)
    steps = recipe.epochs * math.ceil(images / recipe.batch_size)
    rising = steps // 10
    return schedules.CosineDecay(0.0, steps - rising, warmup_target=rate, warmup_steps=rising)


def fit(model, recipe: Recipe, dataset: Dataset, identity: dict[str, Any], scratch: Path):
    """Fits a model from its last finished epoch to the recipe's last.

    Prints one line an epoch, once it is saved, with the time that is left.

    Args:
        model: what :func:`build` returns.
        recipe: how to train.
        dataset: the training and the validation split are used.
        identity: what :func:`fer_lib.training.identity.identify` returns.
        scratch: the run's folder of checkpoints.

    Returns:
        The history, one dict an epoch with the keys ``runs.HISTORY_COLUMNS``, and what it was
        trained on, one :func:`fer_lib.training.machine.session` for each process that trained.
    """
    images = len(dataset.train)
    history, sessions = _restore(model, recipe, identity, scratch, images)
    if len(history) < recipe.epochs:
        sessions = [*sessions, machine.session(len(history) + 1)]
    with Saver(scratch, identity, sessions, functools.partial(_announce, recipe)) as saver:
        for epoch in range(len(history) + 1, recipe.epochs + 1):
            if epoch in (1, recipe.frozen_epochs + 1):
                saver.wait()
                prepare(model, recipe, epoch, images)
            _seed_torch(identity["seed"], epoch)
            history.append(one_epoch.fit(model, recipe, dataset, identity["seed"], epoch))
            is_best = checkpoints.best_epoch(history) == epoch
            best = _values(model.variables) if is_best else None
            saver.save(history, best, _values(_state(model)))
    return history, sessions


def _announce(recipe: Recipe, history: list[dict[str, float]]) -> None:
    """Prints the line of an epoch that is saved."""
    line = one_epoch.line(history[-1], recipe.epochs)
    print(line, _time_left(history, recipe.epochs), flush=True)


def _time_left(history: list[dict[str, float]], epochs: int) -> str:
    """How long the epochs that are left take, if they take as long as the last ones."""
    recent = [row["seconds"] for row in history[-5:]]
    left = (epochs - len(history)) * sum(recent) / len(recent)
    return f"left {int(left // 3600)}:{int(left % 3600 // 60):02d} h"


def _restore(
    model, recipe: Recipe, identity: dict[str, Any], scratch: Path, images: int
) -> tuple[list[dict[str, float]], list[dict[str, Any]]]:
    """Puts the model into the state of the last finished epoch; history and sessions so far."""
    checkpoint = checkpoints.load(scratch)
    if checkpoint is None:
        return [], []
    # These came later than the other fields.
    later = {key: identity[key] for key in ("image_order", "architecture") if key in identity}
    held = {**later, **checkpoint.identity}
    changed = differences(scratch, held, identity)
    if changed:
        raise RunError(
            f"{scratch}: holds an unfinished run with other parameters ({changed}); "
            "repeat its command to finish it, choose another runs folder, or delete this one"
        )
    # Better to learn now than after the last epoch that the best one's values are gone.
    checkpoints.load_best(scratch, checkpoints.best_epoch(checkpoint.history))
    prepare(model, recipe, len(checkpoint.history), images)
    assign(_state(model), checkpoint.values, scratch)
    print(f"resuming after epoch {len(checkpoint.history)}", flush=True)
    return checkpoint.history, checkpoint.sessions


def _state(model) -> list:
    """All variables that the next step depends on: weights, statistics, random state, optimizer."""
    return [*model.variables, *model.optimizer.variables]


def _values(variables) -> list:
    """The variables' values as arrays, which stay as they are when the variables change.

    After a compiled epoch they are left on the device: the thread that writes them fetches them
    while the next epoch is trained. That changes no array, but the step of Keras's own with which
    a new phase begins gives up their memory: before one, :meth:`Saver.wait`.
    """
    import keras

    if compiled_epoch.suits():
        return [variable.value for variable in variables]
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]


def assign(variables, saved, scratch: Path) -> None:
    """Gives the variables their saved values; RunError if these do not fit."""
    shapes = [tuple(variable.shape) for variable in variables]
    if shapes != [value.shape for value in saved] or any(v.dtype.kind not in "fiu" for v in saved):
        raise RunError(
            f"{scratch}: its values do not fit the model, which has been changed since; "
            "choose another runs folder, or delete this one"
        )
    for variable, value in zip(variables, saved, strict=True):
        variable.assign(value)
