"""Runs in bfloat16 count where float32 has none, and the report compares and names both."""

import re

import pytest
from sample_runs import write_sample_run

from fer_lib import report
from fer_lib.report import precision

STUDY = """
[[runs]]
models = "cnns"
recipe = "original"
seeds = [0, 1]

[[runs]]
models = ["model6"]
recipe = "original-bfloat16"
seeds = [0]
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    root = tmp_path_factory.mktemp("runs")
    (root / "study.toml").write_text(STUDY)
    write_sample_run(root, "model6", scale=8)
    for model in ("model1", "model6"):
        for seed in (0, 1):
            write_sample_run(root, model, "original-bfloat16", seed, scale=8)
    return report.load(root)


def test_the_sentence_counts_intervals_and_names_those_without_zero(study, tmp_path):
    text = precision.sentence(study)
    assert "2 of 2 intervals include zero" in text
    assert text.endswith("For the validation loss, 1 of 1 intervals include zero.")
    (tmp_path / "study.toml").write_text(STUDY.replace("model6", "model2"))
    write_sample_run(tmp_path, "model2", skill=3.0, scale=8)
    write_sample_run(tmp_path, "model2", "original-bfloat16", scale=8)
    text = precision.sentence(report.load(tmp_path))
    assert "0 of 2 intervals include zero" in text
    assert re.search(r"; not that of Model 2 on the validation images, −\d\d\.\d \(−", text)


def test_runs_on_other_images_are_not_compared(tmp_path):
    write_sample_run(tmp_path, "model6", scale=20)
    write_sample_run(tmp_path, "model6", "original-bfloat16", scale=10)
    assert precision.groups(report.load(tmp_path)) == []


def test_a_run_on_other_images_leaves_the_others_compared(tmp_path):
    (tmp_path / "study.toml").write_text(STUDY)
    for seed, scale in ((0, 20), (1, 10)):
        write_sample_run(tmp_path, "model6", seed=seed, scale=scale)
    write_sample_run(tmp_path, "model6", "original-bfloat16", scale=20)
    ((plain, short),) = precision.groups(report.load(tmp_path))
    assert ([run.seed for run in plain], [run.seed for run in short]) == ([0], [0])


def test_runs_outside_the_study_are_not_compared(tmp_path):
    write_sample_run(tmp_path, "model6", scale=20)
    write_sample_run(tmp_path, "model6", "original-bfloat16", scale=20, seed=9)
    assert precision.groups(report.load(tmp_path)) == []


def test_without_both_formats_the_text_says_so(tmp_path):
    write_sample_run(tmp_path, "model6", scale=20)
    assert "nothing can be compared" in precision.sentence(report.load(tmp_path))
    assert precision.formats(report.load(tmp_path)) == ""
