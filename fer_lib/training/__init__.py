"""Training: makes a run, or reads it if it is finished already. :mod:`~.fitting` fits."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import filelock
import numpy as np
import pandas as pd

from fer_lib import evaluation, files, models, runs
from fer_lib.data import Dataset
from fer_lib.errors import RunError
from fer_lib.models import architecture
from fer_lib.recipes import Recipe
from fer_lib.runs import Run
from fer_lib.training import checkpoints, distribution, fitting, locks, machine, one_epoch
from fer_lib.training.identity import differences, identify


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
            other parameters, data or another backend, or the folder holds something else.
        TrainingError: the loss is no longer a number.
    """
    models.check_name(model_name)
    identity = identify(model_name, recipe, seed, dataset, weights)
    name = f"{model_name}-{recipe.name}"
    target = runs.folder(root, name, seed)
    scratch = checkpoints.folder(root, name, seed)
    with _claimed(scratch):
        if runs.exists(target):
            run = _finished(target, identity, recipe)
        else:
            runs.check_free(target)
            model = fitting.build(model_name, recipe, seed, weights)
            identity["architecture"] = architecture.digest(model)
            run = _make(model, target, scratch, identity, recipe, dataset)
        checkpoints.remove(scratch)
    return run


def _make(model, target, scratch, identity, recipe, dataset) -> Run:
    """Trains, predicts both held-out splits after the last and the best epoch, writes the run."""
    started = datetime.now(UTC)
    history, sessions = fitting.fit(model, recipe, dataset, identity, scratch)
    best = checkpoints.best_epoch(history)
    predictions = _predict(model, recipe, dataset, "")
    if best == len(history):
        predictions |= {f"{split}_best": predictions[split] for split in runs.SPLITS}
    else:
        fitting.assign(model.variables, checkpoints.load_best(scratch, best), scratch)
        predictions |= _predict(model, recipe, dataset, "_best")
    info = _info(model, identity, recipe, dataset, history, predictions, started)
    info["sessions"] = sessions
    return runs.write(target, info, pd.DataFrame(history), predictions)


def _predict(model, recipe: Recipe, dataset: Dataset, suffix: str) -> dict[str, np.ndarray]:
    """Probabilities and labels of the validation and the test split, by name."""
    found = {}
    for name in runs.SPLITS:
        split = getattr(dataset, name)
        found[name + suffix] = one_epoch.predict(model, split.images, recipe.batch_size)
        found[f"{name}_labels"] = np.asarray(split.labels, dtype=np.uint8)
    return found


def _info(model, identity, recipe, dataset, history, predictions, started) -> dict[str, Any]:
    """The content of ``run.json``."""
    layers = architecture.layers(model)
    return {
        "name": f"{identity['model']}-{recipe.name}",
        **{key: identity[key] for key in identity if key not in ("fingerprint", "image_order")},
        "data": {
            "name": dataset.name,
            "fingerprint": dataset.fingerprint,
            "counts": dataset.counts,
        },
        "versions": machine.versions(),
        "code": machine.source_digest(),
        "device": machine.device(),
        "devices": distribution.count(),
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


def _todays_architecture(model_name: str, recipe: Recipe) -> str:
    """The digest of the model as it would be built now, without fetching any weights."""
    weights = None if model_name in models.PRETRAINED else ""
    return architecture.digest(fitting.build(model_name, recipe, 0, weights))


def _claimed(scratch: Path):
    """Holds the run's lock file, which the system frees when the process ends however it ends."""
    try:
        scratch.mkdir(parents=True, exist_ok=True)
        # A second, as looking whether the lock is held takes it for a moment.
        return locks.lock(scratch).acquire(timeout=1)
    except filelock.Timeout:
        raise RunError(
            f"{scratch.name}: is being trained by another process; wait for it or use another seed"
        ) from None
    except (OSError, NotImplementedError) as error:
        raise RunError(
            f"{scratch}: cannot be written ({files.one_line(error)}); "
            "make the runs folder writable or choose another"
        ) from None


def _finished(target: Path, identity: dict[str, Any], recipe: Recipe) -> Run:
    """Reads a finished run if it is the one asked for."""
    run = runs.read(target)
    if "architecture" in run.info:  # which came later than the other fields
        identity = {**identity, "architecture": _todays_architecture(identity["model"], recipe)}
    held = {key: run.info.get(key) for key in identity}
    held["fingerprint"] = run.info["data"]["fingerprint"]
    # A finished run is as good on any backend, from images in any order: only an unfinished one
    # depends on them.
    held["backend"] = identity["backend"]
    held["image_order"] = identity["image_order"]
    changed = differences(target, held, identity)
    if changed:
        raise RunError(
            f"{target}: holds a finished run with other parameters ({changed}); choose another "
            "runs folder, or move this run away; `python -m fer_lib.sweep set-aside` does so with "
            "runs of the study whose recipe has changed"
        )
    for row in run.history.to_dict("records"):
        print(one_epoch.line(row, run.recipe["epochs"]))
    print(f"{target}: finished on {run.info.get('finished')}, nothing to train", flush=True)
    return run
