"""The method of judging, and the claims as a table."""

import numpy as np
import pytest
import report_runs
from scipy import stats

from fer_lib.report import claims, results
from fer_lib.report.statistics import MARGIN, Part, compare, reach, verdict

HIGH, LOW = [0.66, 0.67, 0.665, 0.66], [0.63, 0.64, 0.635]


def test_a_comparison_is_welchs_interval():
    part = compare("a", HIGH, LOW)
    # By hand: Welch, 1947, with Satterthwaite's degrees of freedom.
    squares = [np.var(side, ddof=1) / len(side) for side in (HIGH, LOW)]
    freedom = sum(squares) ** 2 / (squares[0] ** 2 / 3 + squares[1] ** 2 / 2)
    half = stats.t.ppf(0.975, freedom) * np.sqrt(sum(squares))
    gap = np.mean(HIGH) - np.mean(LOW)
    assert [part.low, part.value, part.high] == pytest.approx([gap - half, gap, gap + half])
    assert part.sizes == (4, 3)


def test_a_further_run_falls_within_the_pooled_prediction_interval():
    squares = np.var(HIGH) * 4 + np.var(LOW) * 3  # of 3 and 2 degrees of freedom
    expected = stats.t.ppf(0.975, 5) * np.sqrt(squares / 5 * (1 + 1 / 4))
    assert reach([HIGH, LOW, [0.7]], 4) == pytest.approx(expected)
    for sides, runs in (([HIGH], 0), ([[0.7]], 1), ([[0.7, 0.7]], 2)):
        assert np.isnan(reach(sides, runs))


@pytest.mark.parametrize(
    ("sides", "options", "expected"),
    [
        ([(HIGH, LOW)], {}, "confirmed"),
        ([(LOW, HIGH)], {}, "refuted"),
        ([(HIGH, HIGH)], {}, "undecided"),
        ([(HIGH, LOW[:2])], {}, "too few runs"),
        ([(HIGH, [])], {}, "too few runs"),
        ([(HIGH, LOW), (HIGH, HIGH)], {}, "undecided"),
        ([(LOW, HIGH), (HIGH, LOW[:2])], {}, "refuted"),
        ([(LOW, HIGH)], {"limit": MARGIN, "below": True}, "confirmed"),
        ([(HIGH, LOW)], {"limit": MARGIN, "below": True}, "refuted"),
        ([(HIGH, HIGH)], {"limit": 0.001, "below": True}, "undecided"),
        ([([0.2, 0.21, 0.22], None)], {}, "confirmed"),
    ],
)
def test_verdicts(sides, options, expected):
    assert verdict([compare("", *side, **options) for side in sides]) == expected


def test_more_parts_make_a_refutation_harder():
    part = Part("", "val", (3, 3), -0.01, supports=0.99, opposes=0.01)
    other = Part("", "val", (3, 3), 0.01, supports=0.01, opposes=0.99)
    assert verdict([part]) == "refuted"
    assert verdict([part, other]) == "refuted"
    assert verdict([part, other, other]) == "undecided"


def test_without_runs_nothing_is_judged_but_the_data(tmp_path):
    found = results.load(report_runs.some(tmp_path / "runs", ("model1", "original", [99])))
    judged = {key: one.verdict for key, one in claims.judge(found).items()}
    assert judged.pop("data_counts") == "refuted"
    assert set(judged.values()) == {"too few runs"}


def test_a_count_that_is_equal_is_confirmed(monkeypatch):
    monkeypatch.setattr(claims.published, "TRAINING_COUNTS", {"Happy": 7215})
    monkeypatch.setattr(claims.published, "SPLIT_SHARES", {"test": 0.1})
    assert verdict(claims.counted(report_runs.committed(), ())) == "confirmed"
