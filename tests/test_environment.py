"""The environment page: each machine and software once, and every run's times."""

import dataclasses

import pytest
from html_tables import cells
from sample_runs import write_sample_run

from fer_lib import models, report
from fer_lib.report import environment
from fer_lib.runs import Run


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    root = tmp_path_factory.mktemp("runs")
    for seed in (0, 1):
        write_sample_run(root, "model2", seed=seed, scale=40)
    write_sample_run(root, "model2", "original-bfloat16", scale=40)
    found = report.load(root)
    *others, last = found.runs
    gpu = Run(last.folder, {**last.info, "device": "GPU"})
    return dataclasses.replace(found, runs=(*others, gpu))


def test_a_setup_stands_once(study):
    table = cells(environment.setup_table(study))
    assert list(table.index) == ["A", "B"]
    assert list(table["device"]) == ["CPU", "GPU"]


def test_runs_name_their_setup_precision_and_time(study):
    table = cells(environment.run_table(study))
    assert list(table["made with"]) == ["A", "A", "B"]
    assert list(table["precision"]) == ["float32", "float32", "bfloat16"]
    assert set(table["time"]) == {"1 h 30 min"}


def times(run, start, end, **changes):
    info = {**run.info, **changes, "started": f"2026-01-01T00:{start}:00+00:00"}
    return Run(run.folder, {**info, "finished": f"2026-01-01T00:{end}:00+00:00"})


def test_runs_that_shared_a_device_are_named(study):
    run = study.runs[0]
    one_after_another = (times(run, "00", "10"), times(run, "10", "20"))
    apart = (*one_after_another, times(run, "05", "15", device="GPU"))
    assert environment.side_by_side(dataclasses.replace(study, runs=apart)) == ""
    shared = (*one_after_another, times(run, "05", "15"))
    assert environment.side_by_side(dataclasses.replace(study, runs=shared)) == (
        "Up to 2 of the 3 runs on sample were trained at once, so each took longer than it would "
        "have alone."
    )


def test_six_models_together_are_timed(study):
    run = study.runs[0]
    six = [times(run, f"0{k}", f"2{k}", model=name) for k, name in enumerate(models.CNNS)]
    later = times(run, "50", "59", model="model1")
    together = environment.side_by_side(dataclasses.replace(study, runs=(later, *six)))
    assert together.endswith("The first six, one of each model, took 25 min 00 s together.")
    last = times(run, "21", "30", model="model6")
    apart = environment.side_by_side(dataclasses.replace(study, runs=(*six[:5], last)))
    assert apart.startswith("Up to 5 of the 6 runs")
    assert "together" not in apart
