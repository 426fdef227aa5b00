"""Gains have intervals over the images, drawn in pairs, and over the seeds."""

import numpy as np
import pytest
from sample_runs import write_sample_run
from scipy import stats

from fer_lib import evaluation
from fer_lib.data import EMOTIONS
from fer_lib.errors import RunError
from fer_lib.report import accuracies, comparison, intervals
from fer_lib.runs import Run


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


def permuted(run, seed):
    """The run as if it had seen its test images in another order."""
    other = Run(run.folder, run.info)
    order = np.random.default_rng(seed).permutation(len(run.labels("test")))
    turned = ("test", "test_best", "test_labels")
    other.__dict__["predictions"] = run.predictions | {
        name: run.predictions[name][order] for name in turned
    }
    return other


def test_seeds_with_images_in_another_order_are_not_put_together(tmp_path):
    found = [write_sample_run(tmp_path, "model1", seed=seed, scale=4) for seed in range(3)]
    mixed = [found[0], permuted(found[1], 1), found[2]]
    with pytest.raises(RunError, match="differ in content or order"):
        comparison.ranking_share(mixed, "test", lambda f1: f1[:, 0] > 0)
    low, high = accuracies.interval(mixed, "test")
    together_low, together_high = accuracies.interval(found, "test")
    assert low < together_low < together_high < high, "of one run: rather too wide"


def test_f1_is_that_of_the_classification_report(tmp_path):
    run = write_sample_run(tmp_path, "model1", scale=4)
    table = evaluation.classification_report(run.labels("test"), run.probabilities("test"))
    expected = table.loc[list(EMOTIONS), "f1-score"].to_numpy()
    assert comparison.mean_f1([run, run], "test") == pytest.approx(expected)


def test_loss_scores_average_to_the_loss_of_the_metrics(tmp_path):
    run = write_sample_run(tmp_path, "model1", scale=4)
    loss = comparison.image_scores(run, "test", "loss").mean()
    assert loss == pytest.approx(run.info["metrics"]["test"]["loss"], rel=1e-4)
