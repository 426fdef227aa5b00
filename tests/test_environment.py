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


def test_an_interrupted_run_names_all_its_setups(study):
    first = study.runs[0]
    session = {key: first.info[key] for key in ("machine", "versions")}
    sessions = [
        session | {"first_epoch": epoch, "device": device}
        for epoch, device in ((1, "CPU"), (3, "a card"), (4, "CPU"))
    ]
    run = Run(first.folder, first.info | {"sessions": sessions})
    found = dataclasses.replace(study, runs=(run, *study.runs[1:]))
    assert list(cells(environment.run_table(found))["made with"]) == ["A, B", "A", "C"]
    assert (run.devices, run.trained_on) == (["CPU", "a card"], "sample, then a card")


def times(run, start, end, **changes):
    info = {**run.info, **changes, "started": f"2026-01-01T00:{start}:00+00:00"}
    return Run(run.folder, {**info, "finished": f"2026-01-01T00:{end}:00+00:00"})


def shared(study, *runs):
    return environment.side_by_side(dataclasses.replace(study, runs=runs))


def test_runs_that_shared_a_device_are_named(study):
    run = study.runs[0]
    one_after_another = (times(run, "00", "10"), times(run, "10", "20"))
    between = times(run, "05", "15")
    assert shared(study, *one_after_another) == ""
    assert shared(study, times(run, "05", "05")) == ""
    other_device = times(run, "05", "15", device="GPU")
    other_machine = times(run, "05", "15", machine={**run.info["machine"], "cores": 16})
    assert shared(study, *one_after_another, other_device, other_machine) == ""
    assert shared(study, *one_after_another, between) == (
        "Up to 2 of the 3 runs on sample were trained at once; a run that shares a device takes "
        "longer than alone."
    )


@pytest.fixture(scope="module")
def six(tmp_path_factory):
    """A study with a run of each model, of 75 seconds."""
    root = tmp_path_factory.mktemp("six")
    for model in models.CNNS:
        write_sample_run(root, model, scale=40)
    return report.load(root)


def test_six_models_together_are_timed(six):
    runs = [times(run, f"0{number}", f"2{number}") for number, run in enumerate(six.runs)]
    assert shared(six, *runs).endswith(
        "One run of each of the 6 models, trained there at the same time, took 25 min 00 s from "
        "the first start to the last end."
    )
    late = shared(six, *runs[:5], times(runs[5], "21", "30"))
    assert late.startswith("Up to 5 of the 6 runs") and "One run of each" not in late
    interrupted = shared(six, *runs[:5], times(runs[5], "05", "06"))
    assert interrupted.startswith("Up to 6 of the 6 runs") and "One run of each" not in interrupted
    other_recipe = times(runs[0], "00", "20", name="model1-fast")
    assert "One run of each" not in shared(six, other_recipe, *runs[1:])
    assert "One run of each" not in shared(six, *runs[:2])
