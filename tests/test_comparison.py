"""Gains have intervals over the images, drawn in pairs, and over the seeds."""

import numpy as np
import pytest
from sample_runs import write_sample_run

from fer_lib import evaluation
from fer_lib.report import comparison


@pytest.fixture
def right():
    """Which of 2,000 images a model gets right."""
    return np.random.default_rng(0).random(2000) < 0.65


def test_bootstrap_interval_of_an_accuracy_agrees_with_wilson(right):
    found = comparison.bootstrap_mean(right)
    assert found == pytest.approx(evaluation.accuracy_interval(right.sum(), 2000), abs=0.002)
    assert comparison.bootstrap_mean(right) == found


def test_bootstrap_interval_of_a_difference_is_paired(right):
    assert comparison.bootstrap_mean(right.astype(float) - right) == (0, 0)
    worse = right.copy()
    worse[:100] = False
    lost = right[:100].sum() / 2000
    low, high = comparison.bootstrap_mean(right.astype(float) - worse)
    assert 0 < low < lost < high < 2 * lost


def test_bootstrap_interval_of_a_loss_agrees_with_its_standard_error():
    losses = np.random.default_rng(1).exponential(size=2000)
    error = losses.std(ddof=1) / np.sqrt(len(losses))
    expected = losses.mean() - 1.96 * error, losses.mean() + 1.96 * error
    assert comparison.bootstrap_mean(losses) == pytest.approx(expected, abs=0.1 * error)


def test_the_interval_covers_the_difference_and_widens_with_the_seeds(tmp_path):
    a = [write_sample_run(tmp_path, "model1", seed=seed, skill=1.0, scale=4) for seed in range(3)]
    b = [
        write_sample_run(tmp_path, "model2", seed=seed, skill=skill, scale=4)
        for seed, skill in enumerate((1.0, 1.4, 1.8))
    ]
    found = comparison.gain(b, a, "test")
    means = [np.mean([run.info["metrics"]["test"]["accuracy"] for run in runs]) for runs in (b, a)]
    assert found.value == pytest.approx(means[0] - means[1])
    assert found.low < found.value < found.high
    assert found.seeds == (3, 3)
    images = comparison.bootstrap_mean(
        np.mean([comparison.image_scores(run, "test") for run in b], axis=0)
        - np.mean([comparison.image_scores(run, "test") for run in a], axis=0)
    )
    assert found.high - found.low > images[1] - images[0]


def test_loss_scores_average_to_the_loss_of_the_metrics(tmp_path):
    run = write_sample_run(tmp_path, "model1", scale=4)
    loss = comparison.image_scores(run, "test", "loss").mean()
    assert loss == pytest.approx(run.info["metrics"]["test"]["loss"], rel=1e-4)
