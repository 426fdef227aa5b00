"""A run folder with a network in it, as training leaves one: random, but faces differ for it."""

import shutil
from pathlib import Path

import keras
import numpy as np
from sample_runs import COMMITTED

from fer_lib import faces, models
from fer_lib.models.normalization import portable

FACES = np.stack([faces.face(np.random.default_rng(n), n % 7) for n in range(20)])


def write(root: Path, name: str = "model6") -> Path:
    """Copies a committed run to ``root`` and gives it a network; returns the run folder."""
    folder = root / "model2-fast" / "seed1"
    shutil.copytree(COMMITTED, folder)
    keras.utils.set_random_seed(1)
    model = models.build(name)
    for layer in model.layers:
        layer.momentum = 0.0  # so that one step sets the moving averages
    model(FACES, training=True)
    last = model.layers[-1]
    kernel, _ = last.get_weights()
    logits = keras.Model(model.input, last.input).predict(FACES, verbose=0) @ kernel
    scale = 1 / logits.std(axis=0)
    last.set_weights([kernel * scale, -scale * logits.mean(axis=0)])
    portable(model).save(folder / "model.keras")
    return folder


def rounded(folder: Path):
    """The network of a run with its kernels rounded to float16."""
    model = keras.models.load_model(folder / "model.keras")
    model.set_weights(
        [w.astype("float16").astype("float32") if w.ndim > 1 else w for w in model.get_weights()]
    )
    return model
