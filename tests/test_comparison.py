"""Gains have intervals over the images, drawn in pairs, and over the seeds."""

import numpy as np
import pytest
from sample_runs import write_sample_run
from scipy import stats

from fer_lib.errors import RunError
from fer_lib.report import comparison, intervals


def shared_variance(side):
    """Between the seeds' test accuracies, beyond what two-way analysis of variance leaves over."""
    scores = np.stack([comparison.image_scores(run, "test") for run in side])
    seeds, images = scores.shape
    rest = scores - scores.mean(axis=0) - scores.mean(axis=1, keepdims=True) + scores.mean()
    left_over = (rest**2).sum() / ((seeds - 1) * images)
    return np.var(scores.mean(axis=1), ddof=1) - left_over / images


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
    images = intervals.bootstrap_mean(
        np.mean([comparison.image_scores(run, "test") for run in b], axis=0)
        - np.mean([comparison.image_scores(run, "test") for run in a], axis=0)
    )
    variance = np.mean([shared_variance(side) for side in (a, b)])
    seeds = stats.t.ppf(0.975, 4) * np.sqrt(variance * (1 / 3 + 1 / 3))
    assert found.value - found.low == pytest.approx(np.hypot(found.value - images[0], seeds))


def test_the_spread_of_several_seeds_stands_for_that_of_a_single_one(tmp_path):
    single = [write_sample_run(tmp_path, "model1", scale=4)]
    several = [
        write_sample_run(tmp_path, "model2", seed=seed, skill=skill, scale=4)
        for seed, skill in enumerate((1.0, 1.4, 1.8))
    ]
    found = comparison.gain(several, single, "test")
    images = intervals.bootstrap_mean(
        np.mean([comparison.image_scores(run, "test") for run in several], axis=0)
        - comparison.image_scores(single[0], "test")
    )
    seeds = stats.t.ppf(0.975, 2) * np.sqrt(shared_variance(several) * (1 + 1 / 3))
    assert found.high - found.value == pytest.approx(np.hypot(images[1] - found.value, seeds))
    alone = comparison.gain(several[:1], single, "test")
    assert found.high - found.low > alone.high - alone.low


def test_other_configurations_lend_their_spread(tmp_path):
    first, second = ([write_sample_run(tmp_path, model, scale=4)] for model in ("model1", "model2"))
    others = [
        [
            write_sample_run(tmp_path, model, seed=seed, skill=skill, scale=4)
            for seed, skill in enumerate((1.0, 1.4, 1.8))
        ]
        for model in ("model3", "model6")
    ]
    alone = comparison.gain(second, first, "test")
    lent = comparison.gain(second, first, "test", others=[first, second, *others])
    variance = np.mean([shared_variance(group) for group in others])
    seeds = stats.t.ppf(0.975, 4) * np.sqrt(2 * variance)
    assert lent.value == alone.value
    assert lent.high - lent.value == pytest.approx(np.hypot(alone.high - alone.value, seeds))


def test_runs_on_other_images_are_not_compared(tmp_path):
    run = write_sample_run(tmp_path, "model1", scale=4)
    other = write_sample_run(tmp_path, "model2", scale=8)
    with pytest.raises(RunError, match=r"model1-original.*model2-original.*cannot be compared"):
        comparison.gain([run], [other], "test")


def test_loss_scores_average_to_the_loss_of_the_metrics(tmp_path):
    run = write_sample_run(tmp_path, "model1", scale=4)
    loss = comparison.image_scores(run, "test", "loss").mean()
    assert loss == pytest.approx(run.info["metrics"]["test"]["loss"], rel=1e-4)
