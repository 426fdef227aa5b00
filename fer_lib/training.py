"""Training: fits a model by a recipe, goes on where it was interrupted, leaves a run folder.

The order of the images depends on the seed and the epoch alone, and all random state of the model
is part of the checkpoint. So an interrupted run gives what an uninterrupted one would have given.
"""

import dataclasses
import json
import math
import random
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import filelock
import numpy as np
import pandas as pd

from fer_lib import (
    architecture,
    checkpoints,
    data,
    evaluation,
    machine,
    models,
    pretrained,
    runs,
    storage,
)
from fer_lib.checkpoints import Checkpoint
from fer_lib.data import Dataset
from fer_lib.errors import RunError, TrainingError
from fer_lib.recipes import Recipe
from fer_lib.runs import Run


def train(
    model_name: str, recipe: Recipe, seed: int, dataset: Dataset, root: Path, weights: str = ""
) -> Run:
    """Trains a model and writes its run folder; a finished run is read, not made again.

    Args:
        model_name: a key of ``models.MODELS``.
        recipe: how to train.
        seed: of the weights, the dropout and the order of the images.
        dataset: what to train on.
        root: the folder of run folders.
        weights: a file of weights for a pretrained model; "" for those of ImageNet.

    Returns:
        The finished run.

    Raises:
        ParameterError: the model is unknown, or the weights cannot be had or do not fit.
        RunError: the run is being made by another process, or its folder or checkpoint belongs to
            other parameters, data or another backend.
        TrainingError: the loss is no longer a number.
    """
    models.check_name(model_name)
    identity = identify(model_name, recipe, seed, dataset, weights)
    name = f"{model_name}-{recipe.name}"
    target = runs.folder(root, name, seed)
    scratch = checkpoints.folder(root, name, seed)
    with _claimed(scratch):
        if runs.exists(target):
            run = _finished(target, identity)
        else:
            model = build(model_name, recipe, seed, weights)
            run = _make(model, target, scratch, identity, recipe, dataset)
        checkpoints.remove(scratch)
    return run


def identify(
    model_name: str, recipe: Recipe, seed: int, dataset: Dataset, weights: str = ""
) -> dict[str, Any]:
    """What makes a run the run that it is; two runs with equal identities are the same run."""
    identity = {
        "model": model_name,
        "recipe": dataclasses.asdict(recipe),
        "seed": seed,
        "fingerprint": dataset.fingerprint,
        "backend": machine.backend(),
    }
    if model_name in models.PRETRAINED:
        identity["weights"] = Path(weights).name if weights else "imagenet"
    return identity


def build(model_name: str, recipe: Recipe, seed: int, weights: str = ""):
    """The model with its first weights, uncompiled.

    Args:
        model_name: a key of ``models.MODELS``.
        recipe: says what the builder must know: L2, size of the input.
        seed: of everything random from here on.
        weights: a file of weights for a pretrained model; "" for those of ImageNet.
    """
    _seed(seed)
    overrides = {"l2": recipe.l2} if recipe.l2 else {}
    if recipe.input_size != models.IMAGE_SHAPE[0]:
        overrides["input_size"] = recipe.input_size
    if weights:
        overrides["weights"] = weights
    return models.build(model_name, **overrides)


def _seed(seed: int) -> None:
    """Seeds what the seeds of weights and dropout are drawn from."""
    import keras

    if machine.backend() == "tensorflow":
        keras.utils.set_random_seed(seed)
    else:
        # Keras's function imports TensorFlow on any backend, which may then take the GPU's memory.
        random.seed(seed)
        np.random.seed(seed)


def prepare(model, recipe: Recipe, epoch: int) -> None:
    """Compiles the model for the phase of the recipe that the epoch (from 1 on) belongs to.

    A new phase begins with a fresh optimizer.
    """
    import keras

    rate = recipe.learning_rate
    if recipe.frozen_epochs:
        frozen = epoch <= recipe.frozen_epochs
        (pretrained.freeze if frozen else pretrained.unfreeze)(model)
        rate = recipe.learning_rate if frozen else recipe.fine_tuning_rate
    schedule = keras.optimizers.schedules.ExponentialDecay(
        rate, recipe.decay_steps, recipe.decay_rate
    )
    model.compile(
        optimizer=keras.optimizers.Adam(schedule),
        loss=keras.losses.SparseCategoricalCrossentropy(),
        metrics=["accuracy"],
    )
    model.optimizer.build(model.trainable_variables)


def fit(model, recipe: Recipe, dataset: Dataset, identity: dict[str, Any], scratch: Path):
    """Fits a model from its last finished epoch to the recipe's last.

    Prints one line an epoch with the time that is left.

    Args:
        model: what :func:`build` returns.
        recipe: how to train.
        dataset: the training and the validation split are used.
        identity: what :func:`identify` returns.
        scratch: the run's folder of checkpoints.

    Returns:
        The history, one dict an epoch with the keys ``runs.HISTORY_COLUMNS``.
    """
    history = _restore(model, recipe, identity, scratch)
    for epoch in range(len(history) + 1, recipe.epochs + 1):
        if epoch in (1, recipe.frozen_epochs + 1):
            prepare(model, recipe, epoch)
        history.append(_fit_epoch(model, recipe, dataset, identity["seed"], epoch))
        if checkpoints.best_epoch(history) == epoch:
            checkpoints.save_best(scratch, epoch, _values(model.variables))
        checkpoints.save(scratch, Checkpoint(identity, history, _values(_state(model))))
        print(_progress(history, recipe.epochs), flush=True)
    return history


def _make(model, target, scratch, identity, recipe, dataset) -> Run:
    """Trains, predicts both held-out splits after the last and the best epoch, writes the run."""
    started = datetime.now(UTC)
    history = fit(model, recipe, dataset, identity, scratch)
    best = checkpoints.best_epoch(history)
    predictions = _predict(model, recipe, dataset, "")
    if best == len(history):
        predictions |= {f"{split}_best": predictions[split] for split in runs.SPLITS}
    else:
        _assign(model.variables, checkpoints.load_best(scratch, best), scratch)
        predictions |= _predict(model, recipe, dataset, "_best")
    info = _info(model, identity, recipe, dataset, history, predictions, started)
    return runs.write(target, info, pd.DataFrame(history), predictions)


def _fit_epoch(model, recipe: Recipe, dataset: Dataset, seed: int, epoch: int) -> dict[str, float]:
    """Trains one epoch, counted from 1, and returns its row of the history."""
    import keras

    train, validation = dataset.train, dataset.validation
    order = np.random.default_rng([seed, epoch]).permutation(len(train.labels))
    start = time.perf_counter()
    logs = model.fit(
        np.asarray(train.images)[order],
        train.labels[order],
        batch_size=recipe.batch_size,
        shuffle=False,
        class_weight=data.class_weights(train.labels) if recipe.class_weights else None,
        validation_data=(validation.images, validation.labels),
        callbacks=[keras.callbacks.TerminateOnNaN()],
        verbose=0,
    ).history
    # The last step of an epoch may spoil the weights: only the validation's loss shows that.
    if not (math.isfinite(logs["loss"][-1]) and math.isfinite(logs["val_loss"][-1])):
        kept = f"the state after epoch {epoch - 1} is kept" if epoch > 1 else "nothing is kept yet"
        raise TrainingError(
            f"epoch {epoch}: the loss is not a number; {kept}, choose a recipe with a lower "
            "learning_rate or l2"
        )
    row = {key: float(logs[key][-1]) for key in ("accuracy", "loss", "val_accuracy", "val_loss")}
    rate = float(keras.ops.convert_to_numpy(model.optimizer.learning_rate))
    seconds = round(time.perf_counter() - start, 3)
    return {"epoch": epoch, **row, "learning_rate": rate, "seconds": seconds}


def _progress(history: list[dict[str, float]], epochs: int) -> str:
    """One line: the last epoch's figures, its seconds and the time left."""
    row = history[-1]
    recent = [past["seconds"] for past in history[-5:]]
    left = (epochs - len(history)) * sum(recent) / len(recent)
    return (
        f"epoch {row['epoch']:3d}/{epochs}  loss {row['loss']:.4f}  accuracy {row['accuracy']:.4f}"
        f"  val_loss {row['val_loss']:.4f}  val_accuracy {row['val_accuracy']:.4f}"
        f"  {row['seconds']:.1f} s  left {int(left // 3600)}:{int(left % 3600 // 60):02d} h"
    )


def _predict(model, recipe: Recipe, dataset: Dataset, suffix: str) -> dict[str, np.ndarray]:
    """Probabilities and labels of the validation and the test split, by name."""
    found = {}
    for name in runs.SPLITS:
        split = getattr(dataset, name)
        probabilities = model.predict(split.images, batch_size=recipe.batch_size, verbose=0)
        found[name + suffix] = probabilities.astype(np.float32)
        found[f"{name}_labels"] = np.asarray(split.labels, dtype=np.uint8)
    return found


def _info(model, identity, recipe, dataset, history, predictions, started) -> dict[str, Any]:
    """The content of ``run.json``."""
    layers = architecture.layers(model)
    return {
        "name": f"{identity['model']}-{recipe.name}",
        **{key: value for key, value in identity.items() if key != "fingerprint"},
        "data": {
            "name": dataset.name,
            "fingerprint": dataset.fingerprint,
            "counts": dataset.counts,
        },
        "versions": machine.versions(),
        "device": machine.device(),
        "machine": machine.describe(),
        "started": started.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(sum(row["seconds"] for row in history), 1),
        "parameters": model.count_params(),
        "multiply_adds": sum(layer["multiply_adds"] for layer in layers),
        "layers": layers,
        "best_epoch": checkpoints.best_epoch(history),
        "metrics": {
            split + suffix: evaluation.metrics(
                predictions[f"{split}_labels"], predictions[split + suffix]
            )
            for suffix in ("", "_best")
            for split in runs.SPLITS
        },
    }


def _claimed(scratch: Path):
    """Holds the run's lock file, which the system frees when the process ends however it ends."""
    lock = filelock.FileLock(scratch.with_name(scratch.name + ".lock"))
    try:
        scratch.mkdir(parents=True, exist_ok=True)
        return lock.acquire(timeout=0)
    except filelock.Timeout:
        raise RunError(
            f"{scratch.name}: is being trained by another process; wait for it or use another seed"
        ) from None
    except OSError as error:
        raise RunError(
            f"{scratch}: cannot be written ({storage.one_line(error)}); "
            "make the runs folder writable or choose another"
        ) from None


def _finished(target: Path, identity: dict[str, Any]) -> Run:
    """Reads a finished run if it is the one asked for."""
    run = runs.read(target)
    held = {key: run.info.get(key) for key in identity}
    held["fingerprint"] = run.info["data"]["fingerprint"]
    # A finished run is as good on any backend: only an unfinished one depends on it.
    held["backend"] = identity["backend"]
    differences = _differences(target, held, identity)
    if differences:
        raise RunError(
            f"{target}: holds a finished run with other parameters ({differences}); "
            "choose another runs folder, or delete this one"
        )
    print(f"{target}: finished on {run.info.get('finished')}, nothing to train", flush=True)
    return run


def _restore(
    model, recipe: Recipe, identity: dict[str, Any], scratch: Path
) -> list[dict[str, float]]:
    """Puts the model into the state of the last finished epoch; returns the history so far."""
    checkpoint = checkpoints.load(scratch)
    if checkpoint is None:
        return []
    differences = _differences(scratch, checkpoint.identity, identity)
    if differences:
        raise RunError(
            f"{scratch}: holds an unfinished run with other parameters ({differences}); "
            "repeat its command to finish it, choose another runs folder, or delete this one"
        )
    # Better to learn now than after the last epoch that the best one's values are gone.
    checkpoints.load_best(scratch, checkpoints.best_epoch(checkpoint.history))
    prepare(model, recipe, len(checkpoint.history))
    _assign(_state(model), checkpoint.values, scratch)
    print(f"resuming after epoch {len(checkpoint.history)}", flush=True)
    return checkpoint.history


def _differences(path: Path, held: dict[str, Any], asked: dict[str, Any]) -> str:
    """Names the fields in which two identities differ, as "seed 0, not 1"."""
    held = {**held, **_with_todays_fields(path, held.get("recipe"))}
    # As the held identity went through JSON, so must the other.
    asked = json.loads(json.dumps({**asked, **asked["recipe"]}))
    pairs = [(key, held.get(key), asked.get(key)) for key in sorted(held.keys() | asked.keys())]
    return ", ".join(
        f"{key} {old}, not {new}" for key, old, new in pairs if key != "recipe" and old != new
    )


def _with_todays_fields(path: Path, recipe: Any) -> dict[str, Any]:
    """A recipe from a file; a field that it lacks had its default value when it was written."""
    if not isinstance(recipe, dict) or "name" not in recipe:
        raise RunError(f"{path}: its recipe is damaged; choose another runs folder, or delete this")
    known = {field.name for field in dataclasses.fields(Recipe)}
    unknown = [f"{key} {value}" for key, value in recipe.items() if key not in known]
    if unknown:
        raise RunError(
            f"{path}: its recipe has {', '.join(unknown)}, which this version of fer_lib does not "
            "know; update fer_lib, or choose another runs folder"
        )
    return json.loads(json.dumps(dataclasses.asdict(Recipe(**recipe))))


def _state(model) -> list:
    """All variables that the next step depends on: weights, statistics, random state, optimizer."""
    return [*model.variables, *model.optimizer.variables]


def _values(variables) -> list[np.ndarray]:
    import keras

    return [keras.ops.convert_to_numpy(variable) for variable in variables]


def _assign(variables, values, scratch: Path) -> None:
    shapes = [tuple(variable.shape) for variable in variables]
    if shapes != [value.shape for value in values] or any(
        v.dtype.kind not in "fiu" for v in values
    ):
        raise RunError(
            f"{scratch}: its values do not fit the model, which has been changed since; "
            "choose another runs folder, or delete this one"
        )
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
