"""Metrics and reports."""

import math

import numpy as np
import pytest

from fer_lib import evaluation
from fer_lib.data import EMOTIONS


def one_hot(classes, sure=1.0):
    """Probabilities with ``sure`` at the given classes and the rest spread evenly."""
    rows = np.full((len(classes), 7), (1 - sure) / 6, np.float32)
    rows[np.arange(len(classes)), classes] = sure
    return rows


@pytest.fixture
def noisy():
    """Labels and probabilities of a mediocre model on 2,000 images."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 7, 2000)
    exponents = np.exp(rng.normal(size=(2000, 7)) + 2 * np.eye(7)[labels])
    return labels, (exponents / exponents.sum(axis=1, keepdims=True)).astype(np.float32)


def test_metrics_of_a_known_case():
    found = evaluation.metrics(np.arange(7), one_hot([0, 1, 2, 3, 4, 5, 5], sure=0.7))
    assert found["accuracy"] == pytest.approx(6 / 7)
    assert found["loss"] == pytest.approx(-(6 * math.log(0.7) + math.log(0.05)) / 7, rel=1e-5)
    assert found["expected_calibration_error"] == pytest.approx(6 / 7 - 0.7, abs=1e-6)
    assert {type(value) for value in found.values()} == {float}


def test_loss_of_an_impossible_label_is_finite():
    loss = evaluation.metrics(np.array([0, 1]), one_hot([0, 2]))["loss"]
    assert loss == pytest.approx(-math.log(np.finfo(np.float32).tiny) / 2, rel=1e-3)


def test_classification_report_has_scikit_learns_layout(noisy):
    table = evaluation.classification_report(*noisy)
    assert list(table.index) == [*EMOTIONS, "accuracy", "macro avg", "weighted avg"]
    assert list(table.columns) == ["precision", "recall", "f1-score", "support"]
    assert table["support"].tolist() == [*np.bincount(noisy[0]), 2000, 2000, 2000]
    assert table.loc["accuracy", "f1-score"] == evaluation.metrics(*noisy)["accuracy"]


def test_classification_report_keeps_absent_classes():
    table = evaluation.classification_report(np.array([3, 3, 0]), one_hot([3, 3, 3]))
    assert table.loc["Disgusted"].tolist() == [0, 0, 0, 0]
    assert table.loc["Happy", "precision"] == pytest.approx(2 / 3)
    assert len(table) == 10


def test_confusion_has_true_classes_down():
    shares = evaluation.confusion(np.array([0, 0, 6]), one_hot([0, 4, 6]))
    assert shares.shape == (7, 7)
    assert (shares[0, 0], shares[0, 4], shares[6, 6], shares.sum()) == (0.5, 0.5, 1, 2)


def test_reliability_bins_by_confidence(noisy):
    table = evaluation.reliability(*noisy)
    assert table["count"].sum() == 2000
    assert (table["confidence"] > table.index / 15).all()
    assert (table["confidence"] <= (table.index + 1) / 15).all()
    mean = np.average(table["accuracy"], weights=table["count"])
    assert mean == pytest.approx(evaluation.metrics(*noisy)["accuracy"])


def test_full_confidence_falls_into_the_last_bin():
    probabilities = one_hot([0, 1])
    probabilities[0, 0] = np.nextafter(np.float32(1), np.float32(2))
    table = evaluation.reliability(np.array([0, 2]), probabilities)
    assert (table.index.tolist(), table["count"].tolist()) == ([14], [2])
    error = evaluation.expected_calibration_error(np.array([0, 1, 2, 3]), one_hot([0, 1, 2, 4]))
    assert error == pytest.approx(0.25)
