"""What the benchmarks count, their ratios and their committed results; nothing is timed."""

import pytest

from fer_lib import paths
from fer_lib.report import benchmarks


@pytest.fixture
def beside(monkeypatch):
    """Makes the benchmarks' modules importable, as they are for their commands."""
    monkeypatch.syspath_prepend(paths.ROOT / "benchmarks")


def test_what_comes_with_an_epoch_is_counted_once(beside):
    import throughput

    # A second an epoch, and a hundredth an image.
    found = throughput.rate({"seconds": 1 + 12.8, "images": 1280}, 1 + 1.28)
    assert found == pytest.approx(throughput.EPOCH / (1 + throughput.EPOCH / 100))


def test_ours_is_compared_with_the_faster_way_of_each_round():
    speeds = {"ours": [240, 260], "notebook": [200, 250], "torch": [100, 280], "bare": [250, 260]}
    rows = [
        {"model": "model1", "way": way, "unit": "images/s", "values": values}
        for way, values in speeds.items()
    ]
    found = benchmarks.ratios({"rows": rows})
    assert found["usual"]["model1"].tolist() == [240 / 200, 260 / 280]
    assert found["bare"]["model1"].tolist() == [240 / 250, 1]


def test_the_committed_results_say_where_they_were_measured_and_reach_the_aims(beside):
    import throughput

    found = benchmarks.measured()
    assert {"loading", "report", "throughput-cpu", "throughput-gpu"} <= set(found)
    for result in found.values():
        assert result["machine"]["processor"] and result["versions"]["keras"]
        assert all(row["unit"] and row["values"] for row in result["rows"])
    for to, rounds in benchmarks.ratios(found["throughput-cpu"]).items():
        assert (rounds.median() >= throughput.AIMS[to]).all()
