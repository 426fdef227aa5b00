"""Benchmark results become ratios beside their bars, tables and sentences; nothing is timed."""

import json

import pytest

from fer_lib import models, speed
from fer_lib.errors import RunError

CONDITIONS = {
    "command": "python benchmarks/x.py",
    "date": "2026-01-01T00:00:00+00:00",
    "machine": {"processor": "sample", "cores": 2, "memory_gib": 8},
    "versions": {"keras": "3"},
    "code": "0" * 12,
    "load": 0.1,
    "device": "CPU",
}
THROUGHPUT = CONDITIONS | {
    "benchmark": "throughput",
    "backend": "tensorflow",
    "torch": None,
    "data": "drawn demo faces",
    "rounds": 2,
    "seconds": 4.0,
    "epoch": 28709,
    "peak": [300e9, 300e9],
    "models": {
        "model1": {
            "multiply_adds": 100_000_000,
            "images": 1024,
            "images_per_second": {
                "ours": [240.0, 260.0],
                "notebook": [200.0, 250.0],
                "torch": [100.0, 280.0],
                "bare": [250.0, 260.0],
            },
        }
    },
}
LOADING = CONDITIONS | {
    "benchmark": "loading",
    "seconds": {"cold": [2.0], "warm": [0.1], "pandas": [24.0]},
    "memory_mib": {"cold": 300, "warm": 100, "pandas": 3000},
    "imports": {"fer_lib": {"seconds": [0.1], "memory_mib": 30, "backends": []}},
}


def written(folder, **results):
    for name, result in results.items():
        (folder / f"{name}.json").write_text(json.dumps(result))
    return folder


def test_ours_is_compared_with_the_faster_way_of_each_round():
    found = speed.ratios(THROUGHPUT["models"]["model1"]["images_per_second"])
    assert found["fastest_alternative"] == pytest.approx([240 / 200, 260 / 280])
    assert found["bare_step"] == pytest.approx([240 / 250, 1])


def test_share_of_the_peak_counts_six_operations_a_multiply_add():
    assert speed.peak_share(THROUGHPUT, "model1") == pytest.approx(250 * 6 * 1e8 / 300e9)


def test_verdicts_stand_beside_their_bars():
    judged = speed.verdicts({"throughput-cpu": THROUGHPUT, "loading": LOADING})
    assert [round(verdict.value, 3) for verdict in judged] == [1.064, 0.98, 12, 240, 1]
    assert all(verdict.holds for verdict in judged)
    assert speed.verdict_text(judged) == "All 5 ratios reach their bars."


def test_a_miss_is_named():
    slow = LOADING | {"seconds": {"cold": [4.0], "warm": [0.1], "pandas": [24.0]}}
    judged = speed.loading_verdicts(slow)
    assert [verdict.holds for verdict in judged] == [False, True, True]
    assert "loading, cold, times faster than pandas: 6, bar 10" in speed.verdict_text(judged)


def test_an_import_that_loads_a_backend_misses_its_bar():
    heavy = {"fer_lib": {"seconds": [9.0], "memory_mib": 900, "backends": ["tensorflow"]}}
    assert not speed.loading_verdicts(LOADING | {"imports": heavy})[-1].holds


def test_on_an_h100_the_clock_counts():
    fast = THROUGHPUT | {"device": "NVIDIA H100 80GB HBM3"}
    fast["models"] = {
        "model1": {
            "multiply_adds": 1,
            "images_per_second": {name: [28709 / 0.4] for name in speed.ENGINES},
        }
    }
    clock = [
        verdict for verdict in speed.throughput_verdicts(fast) if "H100, allowed" in verdict.what
    ]
    assert [verdict.value for verdict in clock] == [pytest.approx(0.5 / 0.4)]


def test_tables_have_the_median_and_the_ends():
    frame = speed.throughput_frame(THROUGHPUT)
    assert frame.loc["Model 1", "this package"] == "250 (240–260)"
    assert speed.ratio_frame(THROUGHPUT).loc["Model 1", "to (c); bar 0.95"] == "0.98 (0.96–1.00)"
    without = json.loads(json.dumps(THROUGHPUT))
    del without["models"]["model1"]["images_per_second"]["torch"]
    assert speed.throughput_frame(without).loc["Model 1", "(b) PyTorch loop"] == "not installed"
    assert speed.loading_frame(LOADING).loc["again", "times faster"] == "240.0"
    assert "50.0 %" in speed.throughput_text(without)
    assert "timed on 1,024 images of drawn demo faces a round" in speed.throughput_text(without)
    assert "to the fastest of (a) and (b); bar 1" in speed.ratio_frame(THROUGHPUT)
    assert "to (a); bar 1" in speed.ratio_frame(without)
    assert "up to a factor of 1.25 apart" in speed.throughput_text(without)


def test_the_text_names_the_place_the_peak_and_what_was_not_measured():
    assert speed.place(THROUGHPUT) == "sample"
    assert speed.place(THROUGHPUT | {"device": "NVIDIA H200"}) == "NVIDIA H200"
    assert "of the 300 GFLOP/s at which" in speed.throughput_text(THROUGHPUT)
    large = THROUGHPUT | {"peak": [352.4e12]}
    assert "of the 352 TFLOP/s at which" in speed.throughput_text(large)
    assert "Not measured: Model 2, Model 3," in speed.throughput_text(THROUGHPUT)
    (found,) = THROUGHPUT["models"].values()
    whole = THROUGHPUT | {"models": dict.fromkeys(models.CNNS, found)}
    assert "Not measured" not in speed.throughput_text(whole)


def test_results_are_read_by_name(tmp_path):
    assert speed.results(tmp_path) == {}
    found = speed.results(written(tmp_path, loading=LOADING))
    assert found == {"loading": LOADING}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"benchmark": "other", "machine": {}}'])
def test_damaged_result_is_named(tmp_path, text):
    (tmp_path / "loading.json").write_text(text)
    with pytest.raises(RunError, match=r"loading\.json: is not a benchmark's result"):
        speed.results(tmp_path)
