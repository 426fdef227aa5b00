"""One epoch: a step with every batch of the training images, then a look at the validation split.

Batch by batch, as ``model.fit`` with TensorFlow reads arrays through a tf.data pipeline, at the end
of which it can wait for its sleeping autotuner: model 2's first run has epochs that took 82, 142,
202 or 262 seconds, a minute apart, for the same work (``runs/model2-original/seed0/history.csv``).
"""

import math
import time

import numpy as np

from fer_lib import augmentation, compiled_epoch, data
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
    class_weights = data.class_weights(labels) if recipe.class_weights else None
    trained = _means(model, images, labels, recipe, epoch, class_weights, training=True)
    validation = dataset.validation
    held_out = _means(model, validation.images, validation.labels, recipe, epoch)
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


def _means(
    model, images, labels, recipe: Recipe, epoch: int, class_weights=None, training: bool = False
) -> dict[str, float]:
    """Takes a step with every batch; the means of accuracy and loss over the images."""
    weights = None
    if class_weights:
        weights = np.array([class_weights[label] for label in labels.tolist()], np.float32)
    go = compiled_epoch.run if compiled_epoch.suits() else _batch_by_batch
    found = go(model, images, labels, weights, recipe.batch_size, training)
    if not math.isfinite(found["loss"]):
        kept = f"the state after epoch {epoch - 1} is kept" if epoch > 1 else "nothing is kept yet"
        raise TrainingError(
            f"epoch {epoch}: the loss is not a number; {kept}, choose a recipe with a lower "
            "learning_rate or l2"
        )
    return found


def _batch_by_batch(
    model, images, labels, weights, batch_size: int, training: bool
) -> dict[str, float]:
    """As :func:`fer_lib.compiled_epoch.run`, on any backend; ends early without a finite loss."""
    step = model.train_on_batch if training else model.test_on_batch
    totals = {"accuracy": 0.0, "loss": 0.0}
    for first in range(0, len(labels), batch_size):
        batch = slice(first, first + batch_size)
        chosen = None if weights is None else weights[batch]
        logs = step(images[batch], labels[batch], sample_weight=chosen, return_dict=True)
        for key in totals:
            totals[key] += float(logs[key]) * len(labels[batch])
        if not math.isfinite(totals["loss"]):
            break
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
