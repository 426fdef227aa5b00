"""The environment page: each machine and software once, and every run's times."""

import dataclasses

import pytest
from html_tables import cells
from sample_runs import write_sample_run

from fer_lib import report
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
