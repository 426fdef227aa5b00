"""Fitting: an epoch after the other, by the recipe, from the last saved one on.

What is random in an epoch depends on the seed and the epoch alone, and all random state of the
model is part of the checkpoint. So an interrupted run gives what an uninterrupted one would have.
"""

import dataclasses
import math
import random
import time
from pathlib import Path

import keras
import numpy as np
from keras.optimizers import schedules

from fer_lib import files, models, runs
from fer_lib.data import Dataset
from fer_lib.data.dataset import IMAGE_SHAPE
from fer_lib.errors import RunError
from fer_lib.models import pretrained
from fer_lib.recipes import Recipe
from fer_lib.training import checkpoints, machine, one_epoch
from fer_lib.training.checkpoints import Checkpoint


def build(model_name: str, recipe: Recipe, seed: int, weights: str = ""):
    """The model with its first weights, uncompiled.

    Args:
        model_name: a key of ``models.MODELS``.
        recipe: says what the builder must know: L2, size of the input, precision.
        seed: of everything random from here on.
        weights: a file of weights for a pretrained model; "" for those of ImageNet.

    Raises:
        ParameterError: the model is unknown, or it gives no probabilities.
    """
    # Keras draws the seeds of weights and dropout from this one. Its own set_random_seed imports
    # TensorFlow on any backend, which may then take the GPU's memory.
    random.seed(seed)
    wanted = {"l2": recipe.l2, "input_size": recipe.input_size, "weights": weights}
    usual_ones = {"l2": 0, "input_size": IMAGE_SHAPE[0], "weights": ""}
    overrides = {key: value for key, value in wanted.items() if value != usual_ones[key]}
    usual = keras.config.dtype_policy()
    keras.config.set_dtype_policy(recipe.precision)
    try:
        model = models.build(model_name, **overrides)
    finally:
        keras.config.set_dtype_policy(usual)
    models.check_answer(f"model {model_name}", model)
    for layer in model.layers:  # of the model itself, not of a pretrained body
        if isinstance(layer, keras.layers.Dropout):
            layer.rate *= recipe.dropout_factor
    return model


def prepare(model, recipe: Recipe, epoch: int, images: int) -> None:
    """Compiles the model for the phase of the recipe that an epoch belongs to.

    A new phase begins with a fresh optimizer.

    Args:
        model: what :func:`build` returns.
        recipe: how to train.
        epoch: from 1 on.
        images: the number of training images.
    """
    rate = recipe.learning_rate
    if recipe.frozen_epochs:
        frozen = epoch <= recipe.frozen_epochs
        model.get_layer(pretrained.BACKBONE).trainable = not frozen
        rate = recipe.learning_rate if frozen else recipe.fine_tuning_rate
    rates = schedule(recipe, rate, images)
    # With a weight decay Keras's Adam is its AdamW.
    optimizer = keras.optimizers.Adam(rates, weight_decay=recipe.weight_decay or None)
    vectors = [variable for variable in model.trainable_variables if len(variable.shape) < 2]
    optimizer.exclude_from_weight_decay(vectors)
    model.compile(optimizer, _loss(recipe.label_smoothing), metrics=["accuracy"])
    model.optimizer.build(model.trainable_variables)


def _loss(smoothing: float):
    """Cross-entropy of labels that are numbers, smoothed or not."""
    if not smoothing:
        return keras.losses.SparseCategoricalCrossentropy()

    def smoothed(labels, found):
        wanted = keras.ops.one_hot(keras.ops.reshape(labels, (-1,)), found.shape[-1])
        return keras.losses.categorical_crossentropy(wanted, found, label_smoothing=smoothing)

    return smoothed


def schedule(recipe: Recipe, rate: float, images: int):
    """The learning rate of every step, which is at most the given one."""
    if not recipe.one_cycle:
        return schedules.ExponentialDecay(rate, recipe.decay_steps, recipe.decay_rate)
    steps = recipe.epochs * math.ceil(images / recipe.batch_size)
    rising = int(steps * recipe.warmup)
    return schedules.CosineDecay(0.0, steps - rising, warmup_target=rate, warmup_steps=rising)


def fit(model, recipe: Recipe, dataset: Dataset, state: Checkpoint, scratch: Path) -> Checkpoint:
    """Fits a model from its last saved epoch to the recipe's last.

    Prints one line an epoch, with the time that is left. However it ends, the last finished epoch
    is saved.

    Args:
        model: what :func:`build` returns.
        recipe: how to train.
        dataset: the training and the validation split are used.
        state: what is saved, or a new run's with its identity alone.
        scratch: the run's folder of checkpoints.

    Returns:
        The state after the last epoch, which the model is in.
    """
    seed, saved, written = state.identity["seed"], len(state.history), time.monotonic()
    if saved:
        prepare(model, recipe, saved, len(dataset.train))
        assign([*model.variables, *model.optimizer.variables], state.values, scratch)
        print(f"resuming after epoch {saved}", flush=True)
    if saved < recipe.epochs:
        session = {"first_epoch": saved + 1, **machine.facts()}
        state = dataclasses.replace(state, sessions=[*state.sessions, session])
    try:
        for epoch in range(saved + 1, recipe.epochs + 1):
            if epoch in (1, recipe.frozen_epochs + 1):
                prepare(model, recipe, epoch, len(dataset.train))
            if machine.backend() == "torch":  # elsewhere dropout's state is one of the variables
                import torch

                torch.manual_seed(int(np.random.SeedSequence([seed, epoch]).generate_state(1)[0]))
            row = one_epoch.fit(model, recipe, dataset, seed, epoch)
            after = _after(state, model, row)
            if recipe.all_answers:  # first: a saved epoch without it could not be finished
                checkpoints.keep(scratch, epoch, after.values[: len(model.variables)])
            state = after
            print(one_epoch.line(state.history, recipe.epochs), flush=True)
            if time.monotonic() - written >= checkpoints.INTERVAL:
                checkpoints.save(scratch, state)
                saved, written = epoch, time.monotonic()
    finally:
        if len(state.history) > saved:
            checkpoints.save(scratch, state)
    return state


def _after(state: Checkpoint, model, row: dict[str, float]) -> Checkpoint:
    """The state after one more epoch, with copies of what the variables hold."""
    variables = [*model.variables, *model.optimizer.variables]
    values = [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]
    history = [*state.history, row]
    is_best = runs.best_epoch([one["val_accuracy"] for one in history]) == len(history)
    best = values[: len(model.variables)] if is_best else state.best
    return dataclasses.replace(state, history=history, values=values, best=best)


def assign(variables, saved, scratch: Path) -> None:
    """Gives the variables their saved values; RunError if these do not fit."""
    problem = "its values do not fit the model, which has been changed since"
    with files.told(RunError, scratch, "choose another runs folder, or delete this one", problem):
        for variable, value in zip(variables, saved, strict=True):
            variable.assign(value)
