"""Training: makes a run, or reads it if it is finished already. :mod:`~.fitting` fits."""

import dataclasses
import hashlib
import shutil
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
from fer_lib.models.normalization import portable
from fer_lib.recipes import Recipe
from fer_lib.runs import Run
from fer_lib.training import augmentation, checkpoints, fitting, machine, one_epoch
from fer_lib.training.checkpoints import Checkpoint


def train(
    model_name: str, recipe: Recipe, seed: int, dataset: Dataset, root: Path, weights: str = ""
) -> Run:
    """Trains a model and writes its run folder; a finished run is read, not made again.

    Args:
        model_name: a key of ``models.MODELS``.
        recipe: how to train.
        seed: of the weights, the dropout, the order of the images and how they are distorted.
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
    identity = identify(model_name, recipe, seed, dataset, weights)
    name = f"{model_name}-{recipe.name}"
    target, scratch = runs.folder(root, name, seed), checkpoints.folder(root, name, seed)
    with _claimed(scratch):
        if runs.exists(target):
            run = _finished(target, identity)
        else:
            state = checkpoints.load(scratch) or Checkpoint(identity)
            check_same(scratch, state.identity, identity)
            run = _make(recipe, seed, dataset, weights, state, target, scratch)
        shutil.rmtree(scratch, ignore_errors=True)
    return run


def identify(
    model_name: str, recipe: Recipe, seed: int, dataset: Dataset, weights: str = ""
) -> dict[str, Any]:
    """What makes a run the run that it is, under the names of ``run.json``."""
    facts = {"name": dataset.name, "fingerprint": dataset.fingerprint, "counts": dataset.counts}
    if Path(weights).is_file():  # or else building the model says so
        weights = f"sha256 {hashlib.sha256(Path(weights).read_bytes()).hexdigest()[:12]}"
    return {
        "model": model_name,
        "recipe": dataclasses.asdict(recipe),
        "seed": seed,
        "backend": machine.backend(),
        "data": facts,
        "weights": weights or ("imagenet" if model_name in models.PRETRAINED else ""),
    }


def check_same(where: Path, held: dict[str, Any], asked: dict[str, Any], but: str = "") -> None:
    """Raises RunError if a folder holds another run than the one asked for, and says in what.

    Args:
        where: the folder.
        held, asked: what :func:`identify` returns, or what ``run.json`` holds. A field of a recipe
            that there is no more does not count; one that it lacks had its default.
        but: a key that does not count.
    """

    def flat(one):
        recipe = {f.name: one["recipe"].get(f.name, f.default) for f in fields if f.compare}
        keys = {key: one.get(key, "") for key in ("model", "seed", "backend", "weights")}
        return keys | recipe | {"fingerprint": one["data"]["fingerprint"][:12]}

    fields = dataclasses.fields(Recipe)
    old, new = flat(held), flat(asked)
    if changed := [key for key in new if old[key] != new[key] and key != but]:
        listed = ", ".join(f"{key} {old[key]}, not {new[key]}" for key in changed)
        raise RunError(
            f"{where}: holds a run with other parameters ({listed}); repeat its own command to "
            "finish it, choose another runs folder, or move it away"
        )


def _claimed(scratch: Path):
    """Holds the run's lock, which the system frees when the process ends however it ends."""
    remedy = "make the runs folder writable or choose another"
    with files.told(RunError, scratch, remedy, "cannot be written"):
        scratch.parent.mkdir(parents=True, exist_ok=True)
        try:
            return filelock.FileLock(f"{scratch}.lock").acquire(timeout=0)
        except filelock.Timeout:
            raise RunError(
                f"{scratch.name}: is being trained by another process; wait for it or use another "
                "seed"
            ) from None


def _finished(target: Path, identity: dict[str, Any]) -> Run:
    """Reads a finished run if it is the one asked for; it is as good on any backend."""
    run = runs.read(target)
    check_same(target, run.info, identity, but="backend")
    rows = run.history.to_dict("records")
    for epoch in range(1, len(rows) + 1):
        print(one_epoch.line(rows[:epoch], len(rows)))
    print(f"{run.name}, seed {run.seed}: finished on {run.info['finished']}, nothing to train")
    return run


def _make(recipe: Recipe, seed: int, dataset: Dataset, weights: str, state, target, scratch) -> Run:
    """Trains, predicts both held-out splits after the last and the best epoch, writes the run."""
    started = datetime.now(UTC)
    model = fitting.build(state.identity["model"], recipe, seed, weights)
    state = fitting.fit(model, recipe, dataset, state, scratch)
    predictions, metrics = {}, {}
    # The last epoch comes last: the model stays in it.
    for values, suffix in ((state.best, "_best"), (state.values[: len(state.best)], "")):
        fitting.assign(model.variables, values, scratch)
        for name in runs.HELD_OUT:
            images, labels = getattr(dataset, name).images, getattr(dataset, name).labels
            found = one_epoch.predict(model, images, recipe.batch_size)
            predictions |= {f"{name}_labels": labels.astype(np.uint8), name + suffix: found}
            metrics[name + suffix] = evaluation.metrics(labels, found)
    if recipe.all_answers:
        predictions |= _all_answers(model, recipe, dataset, scratch)
    layers = architecture.layers(model)
    info = {
        "name": target.parent.name,
        **state.identity,
        **machine.facts(),
        "started": started.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(sum(row["seconds"] for row in state.history), 1),
        "parameters": model.count_params(),
        "multiply_adds": sum(layer["multiply_adds"] for layer in layers),
        "layers": layers,
        "best_epoch": runs.best_epoch([row["val_accuracy"] for row in state.history]),
        "metrics": metrics,
        "sessions": state.sessions,
    }
    return runs.write(target, info, pd.DataFrame(state.history), predictions, portable(model))


def _all_answers(model, recipe: Recipe, dataset: Dataset, scratch) -> dict[str, np.ndarray]:
    """After the last epoch: means over ten views, and each epoch's answers on the test images."""
    found = {}
    for name in runs.HELD_OUT:
        views = augmentation.views(getattr(dataset, name).images)
        probabilities = [one_epoch.predict(model, view, recipe.batch_size) for view in views]
        found[f"{name}_views"] = np.mean(probabilities, axis=0)
    answers = []
    for epoch in range(1, recipe.epochs + 1):
        fitting.assign(model.variables, checkpoints.kept(scratch, epoch), scratch)
        probabilities = one_epoch.predict(model, dataset.test.images, recipe.batch_size)
        answers.append(probabilities.argmax(axis=1).astype(np.uint8))
    return found | {"test_answers": np.stack(answers)}
