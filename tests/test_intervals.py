"""Intervals hold what they promise, over the images and over the seeds."""

import numpy as np
import pytest
from scipy import stats

from fer_lib import evaluation
from fer_lib.report import intervals


@pytest.fixture
def right():
    """Which of 2,000 images a model gets right."""
    return np.random.default_rng(0).random(2000) < 0.65


def test_bootstrap_interval_of_an_accuracy_agrees_with_wilson(right):
    found = intervals.bootstrap_mean(right)
    assert found == pytest.approx(evaluation.accuracy_interval(right.sum(), 2000), abs=0.002)
    assert intervals.bootstrap_mean(right) == found


def test_bootstrap_interval_of_a_difference_is_paired(right):
    assert intervals.bootstrap_mean(right.astype(float) - right) == (0, 0)
    worse = right.copy()
    worse[:100] = False
    lost = right[:100].sum() / 2000
    low, high = intervals.bootstrap_mean(right.astype(float) - worse)
    assert 0 < low < lost < high < 2 * lost


def test_bootstrap_interval_of_a_loss_agrees_with_its_standard_error():
    losses = np.random.default_rng(1).exponential(size=2000)
    error = losses.std(ddof=1) / np.sqrt(len(losses))
    expected = losses.mean() - 1.96 * error, losses.mean() + 1.96 * error
    assert intervals.bootstrap_mean(losses) == pytest.approx(expected, abs=0.1 * error)


def held(interval, draw, studies):
    """In which share of made-up studies the interval of a true difference of 0 holds it."""
    inside = 0
    for _ in range(studies):
        low, high = interval(*draw())
        inside += low <= 0 <= high
    return inside / studies


@pytest.mark.parametrize("seeds", [(5, 5), (5, 1), (1, 2)])
@pytest.mark.parametrize("shared", [0.0, 0.02])
def test_intervals_of_accuracies_hold_what_they_promise(monkeypatch, seeds, shared):
    """Two equal configurations: their images are right by chances of their own, plus what a seed
    adds to all of its. 95 % of the intervals must hold the difference, which is zero."""
    monkeypatch.setattr(intervals, "RESAMPLES", 299)
    rng = np.random.default_rng(1)

    def draw():
        chances = rng.beta(0.8, 0.4, 300)

        def right(count):
            shift = rng.normal(0, shared, (count, 1))
            return (rng.random((count, len(chances))) < chances + shift).astype(float)

        return *map(right, seeds), [right(5) for _ in range(3)]

    assert 0.925 < held(intervals.difference, draw, 400) < 0.98


@pytest.mark.parametrize(
    ("seeds", "spreads", "lender"),
    [
        ((5, 5), (0.05, 0.05), 0),
        ((3, 5), (0.1, 0.01), 0),
        ((1, 3), (0.05, 0.05), 0),
        ((1, 1), (0.05, 0.05), 3),
    ],
)
def test_intervals_of_losses_hold_what_they_promise(seeds, spreads, lender):
    """As above, with heavy tails, seeds that spread unlike, and a spread that is borrowed once by
    one side and then by both."""
    rng = np.random.default_rng(2)

    def draw():
        hard = rng.exponential(size=400)

        def losses(count, spread):
            shift = rng.normal(0, spread, (count, 1))
            return rng.exponential(size=(count, len(hard))) * hard + shift

        sides = [losses(*side) for side in zip(seeds, spreads, strict=True)]
        return *sides, [losses(lender, 0.05)] if lender else []

    assert 0.90 < held(intervals.unequal_difference, draw, 600) < 0.98


def test_a_single_seed_takes_the_largest_spread_of_losses():
    rng = np.random.default_rng(3)

    def losses(count, spread):
        return rng.exponential(size=(count, 500)) + np.linspace(-spread, spread, count)[:, None]

    single, calm, wild = losses(1, 0.0), losses(5, 0.01), losses(5, 0.5)
    narrow, wide = (
        np.diff(intervals.unequal_difference(single, calm, others))[0] for others in ([], [wild])
    )
    assert wide > 3 * narrow
    images = np.diff(intervals.unequal_difference(single, losses(1, 0.0)))[0]
    assert 0 < images < wide


def test_two_runs_differ_by_students_range():
    groups = [np.array([0.60, 0.62, 0.64]), np.array([0.70, 0.72, 0.74])]
    spread = np.sqrt(np.mean([group.var(ddof=1) for group in groups]))
    expected = stats.t.ppf(0.975, 4) * np.sqrt(2) * spread
    assert intervals.pair_difference(groups) == pytest.approx(expected)
    assert intervals.pair_difference([np.array([0.6])]) == 0


def test_the_seeds_of_two_sides_may_spread_unlike():
    groups = np.array([0.60, 0.62, 0.64]), np.array([0.70, 0.79, 0.74, 0.81])
    test = stats.ttest_ind(*groups, equal_var=False).confidence_interval(0.95)
    assert intervals.seeds_half_width(*groups) == pytest.approx((test.high - test.low) / 2)
    one = np.array([0.7])
    borrowed = intervals.pair_difference([groups[0]]) * np.sqrt((1 / 3 + 1) / 2)
    assert intervals.seeds_half_width(groups[0], one) == pytest.approx(borrowed)
    assert intervals.seeds_half_width(one, one) == 0
    same = np.array([0.7, 0.7])
    assert intervals.seeds_half_width(same, same) == 0
