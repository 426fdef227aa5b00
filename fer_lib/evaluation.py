"""What probabilities are worth: metrics and reports.

Everywhere ``labels`` are N integers 0-6 and ``probabilities`` N x 7 floats whose rows sum to one,
in the order of :data:`fer_lib.data.EMOTIONS`; the predicted class is the most probable one.
scikit-learn does the counting; it loads at the first call.
"""

import numpy as np
import pandas as pd

from fer_lib.data import EMOTIONS

CLASSES = list(range(len(EMOTIONS)))
#: Bins of the calibration error in Guo et al. 2017, "On calibration of modern neural networks".
CALIBRATION_BINS = 15


def metrics(labels: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """The figures by which a run is known.

    Returns:
        ``accuracy`` (0-1); ``loss``, the mean cross-entropy in nats;
        ``expected_calibration_error`` (0-1).
    """
    true = np.asarray(probabilities)[np.arange(len(labels)), labels].astype(np.float64)
    # Below the smallest normal float32 (87 nats) alone. Keras with JAX and torch, and scikit-learn,
    # clip at 1e-7 (16 nats), which a confident mistake falls below.
    true = np.maximum(true, np.finfo(np.float32).tiny)
    return {
        "accuracy": accuracy(labels, probabilities),
        "loss": float(-np.log(true).mean()),
        "expected_calibration_error": expected_calibration_error(labels, probabilities),
    }


def correct(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Which images are classified correctly (bool, N)."""
    return probabilities.argmax(axis=1) == labels


def accuracy(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """The share of images that are classified correctly (0-1)."""
    return float(correct(labels, probabilities).mean())


def classification_report(labels: np.ndarray, probabilities: np.ndarray) -> pd.DataFrame:
    """Precision, recall and F1 of each class, as scikit-learn lays them out.

    Returns:
        Columns ``precision``, ``recall``, ``f1-score``, ``support``; a row for each emotion, then
        ``accuracy`` (in the F1 column, the others empty), ``macro avg`` and ``weighted avg``. A
        precision without predictions and a recall without images are 0.
    """
    from sklearn.metrics import classification_report as report

    predicted = probabilities.argmax(axis=1)
    scores = report(
        labels, predicted, labels=CLASSES, target_names=EMOTIONS, zero_division=0, output_dict=True
    )
    accuracy = {"f1-score": scores["accuracy"], "support": len(labels)}
    table = pd.DataFrame({**scores, "accuracy": accuracy}).T
    return table[["precision", "recall", "f1-score", "support"]].astype({"support": int})


def confusion(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Of each class's images the share (0-1) that is called each: 7 x 7, the true class down."""
    from sklearn.metrics import confusion_matrix

    return confusion_matrix(labels, probabilities.argmax(axis=1), labels=CLASSES, normalize="true")


def reliability(labels: np.ndarray, probabilities: np.ndarray) -> pd.DataFrame:
    """The reliability diagram: is a model right as often as it is sure?

    Returns:
        A row for each of 15 equal bins that has images, each bin without its lower and with its
        upper end: the ``count`` of images whose highest probability falls into it, the mean of that
        ``confidence`` and the ``accuracy`` on them.
    """
    edges = np.linspace(0, 1, CALIBRATION_BINS + 1)
    sure = np.max(probabilities, axis=1).astype(np.float64)
    frame = pd.DataFrame({"confidence": sure, "accuracy": correct(labels, probabilities)})
    # A float32 softmax may exceed one by a rounding error.
    groups = frame.groupby(np.searchsorted(edges, sure).clip(1, CALIBRATION_BINS) - 1)
    return groups.mean().assign(count=groups.size())


def expected_calibration_error(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """The gap between confidence and accuracy, averaged over the images (Guo et al. 2017)."""
    table = reliability(labels, probabilities)
    gaps = (table["accuracy"] - table["confidence"]).abs()
    return float(np.average(gaps, weights=table["count"]))
