"""One epoch: a step with every batch of the training images, then a look at the validation split.

Batch by batch, as ``model.fit`` with TensorFlow reads arrays through a tf.data pipeline, at the end
of which it can wait for its sleeping autotuner: model 2's first run has epochs that took 82, 142,
202 or 262 seconds, a minute apart, for the same work (``runs/model2-original/seed0/history.csv``).
"""

import math
import time

import keras
import numpy as np

from fer_lib.data import Dataset, Split
from fer_lib.errors import TrainingError
from fer_lib.recipes import Recipe
from fer_lib.training import augmentation, compiled_epoch
from fer_lib.training.augmentation import Order


def fit(model, recipe: Recipe, dataset: Dataset, seed: int, epoch: int) -> dict[str, float]:
    """Trains one epoch and looks at the validation split.

    Args:
        model: compiled by :func:`fer_lib.training.fitting.prepare`.
        recipe: how to train.
        dataset: the training and the validation split are used.
        seed: with the epoch it gives the order and the distortion of the images.
        epoch: from 1 on.

    Returns:
        The epoch's row of the history, with the keys ``runs.HISTORY_COLUMNS``.

    Raises:
        TrainingError: the loss is no longer a number.
    """
    start = time.perf_counter()
    train, validation = dataset.train, dataset.validation
    order = augmentation.drawn(recipe, len(train), seed, epoch)
    weights = None
    if recipe.class_weights:  # "balanced" in scikit-learn: every class counts the same in the loss
        weights = np.float32(len(train) / (len(train.counts) * np.array(train.counts)))
    go = compiled_epoch.run if compiled_epoch.suits() else _batch_by_batch
    trained = go(model, train, order, weights, recipe.batch_size, True)
    order = Order(np.arange(len(validation), dtype=np.int32), np.zeros(len(validation), bool))
    held_out = go(model, validation, order, None, recipe.batch_size, False)
    # An accelerator has been given all its work by now and is waited for here alone.
    row = {
        "epoch": epoch,
        **{key: float(value) for key, value in trained.items()},
        **{f"val_{key}": float(value) for key, value in held_out.items()},
        "learning_rate": float(keras.ops.convert_to_numpy(model.optimizer.learning_rate)),
        "seconds": round(time.perf_counter() - start, 3),
    }
    if not math.isfinite(row["loss"] + row["val_loss"]):
        raise TrainingError(
            f"epoch {epoch}: the loss is not a number; the epochs before it are kept, choose a "
            "recipe with a lower learning_rate or l2"
        )
    return row


def _batch_by_batch(model, split: Split, order: Order, class_weights, batch_size, training) -> dict:
    """As ``compiled_epoch.run``, on any backend; ends early without a finite loss."""
    step = model.train_on_batch if training else model.test_on_batch
    totals = {"accuracy": 0.0, "loss": 0.0}
    for first in range(0, len(split), batch_size):
        batch = order.part(first, first + batch_size)
        images, labels = augmentation.show(split.images, batch), split.labels[batch.numbers]
        weights = None if class_weights is None else class_weights[labels]
        logs = step(images, labels, sample_weight=weights, return_dict=True)
        for key in totals:
            totals[key] += float(logs[key]) * len(labels)
        if not math.isfinite(totals["loss"]):
            break
    return {key: total / len(split) for key, total in totals.items()}


def predict(model, images: np.ndarray, batch_size: int) -> np.ndarray:
    """Probabilities (float32, N x 7) of images (uint8, N x 48 x 48 x 1)."""
    batches = (images[first : first + batch_size] for first in range(0, len(images), batch_size))
    found = [np.asarray(model.predict_on_batch(batch)) for batch in batches]
    return np.concatenate(found).astype(np.float32)


def line(history: list[dict[str, float]], epochs: int) -> str:
    """The last epoch's figures as they are printed, and the time left if all take that long."""
    row, recent = history[-1], [row["seconds"] for row in history[-5:]]
    left = (epochs - len(history)) * sum(recent) / len(recent)
    return (
        f"epoch {row['epoch']:3.0f}/{epochs}  loss {row['loss']:.4f}"
        f"  accuracy {row['accuracy']:.4f}  val_loss {row['val_loss']:.4f}  val_accuracy"
        f" {row['val_accuracy']:.4f}  {row['seconds']:.1f} s"
        f" left {int(left // 3600)}:{int(left % 3600 // 60):02d} h"
    )
