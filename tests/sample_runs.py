"""Run folders from random but plausible probabilities, for tests of what reads them."""

import dataclasses
import math
import zlib

import numpy as np
import pandas as pd

from fer_lib import data, evaluation, recipes, runs

COUNTS = data.dataset.OFFICIAL_COUNTS
LAYER = ("name", "type", "output_shape", "parameters", "multiply_adds")
LAYERS = [
    ("block1_conv1", "Conv2D", [48, 48, 32], 320, 663_552),
    ("probabilities", "Dense", [7], 1799, 1792),
]
#: How much easier each emotion is than skill alone says.
EASE = np.array([0.0, 0.5, -0.5, 1.5, -0.3, 0.9, 0.2])


def labels(split: str, scale: int = 1) -> np.ndarray:
    """Labels of a split with the official counts, or a ``scale``-th of them."""
    counts = [max(2, count // scale) for count in COUNTS[split]]
    rng = np.random.default_rng(len(split))
    return rng.permutation(np.repeat(np.arange(7), counts)).astype(np.uint8)


def probabilities(truth: np.ndarray, skill: float, seed: int) -> np.ndarray:
    """Softmax rows that are right more often the larger ``skill`` is; Happy is the easiest."""
    rng = np.random.default_rng([seed, abs(int(1000 * skill)), len(truth)])
    logits = rng.normal(size=(len(truth), 7))
    logits[np.arange(len(truth)), truth] += skill + EASE[truth]
    rows = np.exp(1.5 * logits)
    return (rows / rows.sum(axis=1, keepdims=True)).astype(np.float32)


def history(epochs: int, skill: float) -> pd.DataFrame:
    """Curves of a model that overfits; it is best three epochs before the last."""
    rows = []
    for epoch in range(1, epochs + 1):
        part = 1 - math.exp(-4 * epoch / epochs)
        accuracy, val_accuracy = 0.25 + 0.6 * part, 0.25 + 0.2 * skill * part
        losses = 1.9 - 1.4 * part, 1.8 - 0.9 * part + 0.4 * epoch / epochs
        rows.append((epoch, accuracy, losses[0], val_accuracy, losses[1], 1e-3, 1.5))
    curves = pd.DataFrame(rows, columns=runs.HISTORY_COLUMNS)
    best = max(epochs - 3, 1)
    curves.loc[curves["epoch"] > best, "val_accuracy"] = curves["val_accuracy"][best - 1] - 0.01
    return curves


def write_sample_run(
    root, model, recipe="original", seed=0, *, skill=1.3, name=data.FER2013, epochs=50, scale=1
):
    """Writes the run folder of a made-up run.

    Args:
        root: the folder of run folders.
        model: a name of a model.
        recipe: a key of ``recipes.RECIPES``.
        seed: the run's seed, which also varies its probabilities.
        skill: how good the model is; 1.3 gives about 65 % accuracy.
        name: the data set's name.
        epochs: length of the history.
        scale: the held-out splits have a ``scale``-th of FER2013's images.
    """
    arrays = {}
    # Of every model and recipe its own, or equal models would be one and the same.
    number = zlib.crc32(f"{model}-{recipe}-{seed}".encode())
    for split in runs.SPLITS:
        truth = labels(split, scale)
        arrays[f"{split}_labels"] = truth
        arrays[split] = probabilities(truth, skill, number)
        arrays[f"{split}_best"] = probabilities(truth, skill + 0.05, number)
    held_out = {split: np.bincount(arrays[f"{split}_labels"]).tolist() for split in runs.SPLITS}
    counts = {"train": COUNTS["train"], **held_out}
    curves = history(epochs, skill)
    info = {
        "name": f"{model}-{recipe}",
        "model": model,
        "recipe": dataclasses.asdict(recipes.get(recipe)) | {"epochs": epochs},
        "seed": seed,
        "data": {"name": name, "fingerprint": "ab" * 32, "counts": counts},
        "versions": {"fer_lib": "0.1.0", "python": "3.11.2", "keras": "3.15.1"},
        "backend": "tensorflow",
        "device": "CPU",
        "machine": {"processor": "sample", "cores": 2, "memory_gib": 8, "system": "Linux x86_64"},
        "started": "2025-01-01T00:00:00+00:00",
        "finished": "2025-01-01T01:30:00+00:00",
        "seconds": 5400.0,
        "parameters": 1_000_000 + len(model),
        "multiply_adds": 50_000_000,
        "layers": [dict(zip(LAYER, layer, strict=True)) for layer in LAYERS],
        "best_epoch": runs.best_epoch(curves["val_accuracy"]),
        "metrics": {
            split + suffix: evaluation.metrics(arrays[f"{split}_labels"], arrays[split + suffix])
            for suffix in ("", "_best")
            for split in runs.SPLITS
        },
    }
    return runs.write(runs.folder(root, info["name"], seed), info, curves, arrays)
