"""One epoch: a step with every batch of the training images, then a look at the validation split.

Batch by batch, as ``model.fit`` with TensorFlow reads arrays through a tf.data pipeline, at the end
of which it can wait for its sleeping autotuner: model 2's first run has epochs that took 82, 142,
202 or 262 seconds, a minute apart, for the same work (``runs/model2-original/seed0/history.csv``).
"""

import functools
import math
import time

import numpy as np

from fer_lib import augmentation, data
from fer_lib.data import Dataset, Split
from fer_lib.errors import TrainingError
from fer_lib.recipes import Recipe


def fit(model, recipe: Recipe, dataset: Dataset, seed: int, epoch: int) -> dict[str, float]:
    """Trains one epoch and looks at the validation split.

    Args:
        model: compiled by :func:`fer_lib.fitting.prepare`.
        recipe: how to train.
        dataset: the training and the validation split are used.
        seed: with the epoch it gives the order of the images.
        epoch: from 1 on.

    Returns:
        The epoch's row of the history, with the keys ``runs.HISTORY_COLUMNS``.

    Raises:
        TrainingError: the loss is no longer a number.
    """
    import keras

    start = time.perf_counter()
    images, labels = _shuffled(dataset.train, recipe, seed, epoch)
    weights = data.class_weights(labels) if recipe.class_weights else None
    step = functools.partial(model.train_on_batch, class_weight=weights)
    trained = _mean_over_batches(step, images, labels, recipe, epoch)
    validation = dataset.validation
    held_out = _mean_over_batches(
        model.test_on_batch, validation.images, validation.labels, recipe, epoch
    )
    return {
        "epoch": epoch,
        **trained,
        **{f"val_{key}": value for key, value in held_out.items()},
        "learning_rate": float(keras.ops.convert_to_numpy(model.optimizer.learning_rate)),
        "seconds": round(time.perf_counter() - start, 3),
    }


def _shuffled(train: Split, recipe: Recipe, seed: int, epoch: int) -> tuple[np.ndarray, np.ndarray]:
    """The training images and labels in the epoch's order, augmented by the recipe."""
    images = np.array(train.images)
    if recipe.flips:
        augmentation.flip(images, seed, epoch)
    order = np.random.default_rng([seed, epoch]).permutation(len(train))
    return images[order], train.labels[order]


def _mean_over_batches(
    step, images: np.ndarray, labels: np.ndarray, recipe: Recipe, epoch: int
) -> dict[str, float]:
    """Takes a step with every batch; the means of accuracy and loss over the images."""
    totals = {"accuracy": 0.0, "loss": 0.0}
    for first in range(0, len(labels), recipe.batch_size):
        batch = slice(first, first + recipe.batch_size)
        logs = step(images[batch], labels[batch], return_dict=True)
        if not math.isfinite(logs["loss"]):
            kept = f"the state after epoch {epoch - 1} is kept"
            raise TrainingError(
                f"epoch {epoch}: the loss is not a number; "
                f"{kept if epoch > 1 else 'nothing is kept yet'}, choose a recipe with a lower "
                "learning_rate or l2"
            )
        for key in totals:
            totals[key] += float(logs[key]) * len(labels[batch])
    return {key: total / len(labels) for key, total in totals.items()}


def predict(model, images: np.ndarray, batch_size: int) -> np.ndarray:
    """Probabilities (float32, N x 7) of images (uint8, N x 48 x 48 x 1)."""
    batches = (images[first : first + batch_size] for first in range(0, len(images), batch_size))
    found = [np.asarray(model.predict_on_batch(batch)) for batch in batches]
    return np.concatenate(found).astype(np.float32)


def line(row: dict[str, float], epochs: int) -> str:
    """An epoch's figures, as they are printed when it is finished."""
    return (
        f"epoch {row['epoch']:3.0f}/{epochs}  loss {row['loss']:.4f}"
        f"  accuracy {row['accuracy']:.4f}  val_loss {row['val_loss']:.4f}"
        f"  val_accuracy {row['val_accuracy']:.4f}  {row['seconds']:.1f} s"
    )
