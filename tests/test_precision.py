"""Runs in bfloat16 count where float32 has none, and the report compares and names both."""

import dataclasses
import re

import numpy as np
import pytest
from html_tables import cells
from sample_runs import write_sample_run

from fer_lib import report
from fer_lib.report import comparison, precision
from fer_lib.runs import Run

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


def test_a_seed_without_a_float32_run_is_filled_by_bfloat16(study):
    assert [(run.seed, precision.precision(run)) for run in study.seeds("model6")] == [
        (0, "float32"),
        (1, "bfloat16"),
    ]
    assert [run.seed for run in study.seeds("model1")] == [0, 1]
    assert study.seeds("model2") == []


def test_the_text_names_the_models_by_what_they_computed_with(study):
    assert precision.formats(study) == (
        "Model 1 (seeds 0 and 1) and Model 6 (seed 1) computed in bfloat16 with TensorFlow on a "
        "CPU; Model 6 (seed 0) computed in float32 with TensorFlow on a CPU."
    )
    last = study.seeds("model6")[-1]
    changed = Run(last.folder, {**last.info, "backend": "jax", "device": "NVIDIA H200"})
    runs = tuple(changed if run.folder == last.folder else run for run in study.runs)
    text = precision.formats(dataclasses.replace(study, runs=runs))
    assert "Model 6 (seed 1) computed in bfloat16 with JAX on NVIDIA H200" in text


def test_the_table_compares_all_runs_of_a_model_in_both_formats(study):
    ((plain, short),) = precision.groups(study)
    assert [run.name for run in plain] == ["model6-original"]
    assert [run.name for run in short] == ["model6-original-bfloat16"] * 2
    row = list(cells(precision.table(study)).loc["Model 6, 1 and 2 seeds"])
    one, two = (
        np.array([run.info["metrics"]["validation"]["accuracy"] for run in runs])
        for runs in (plain, short)
    )
    assert row[:2] == [
        f"{100 * one.mean():.1f}",
        f"{100 * two.mean():.1f} ± {100 * two.std(ddof=1):.1f}",
    ]
    # The same runs lend their spread once, whatever group they stand in.
    alone = comparison.gain(short, plain, "validation", others=[])
    lent = comparison.gain(short, plain, "validation", others=[[*plain, *short], plain])
    assert lent == alone
    difference = 100 * (two.mean() - one.mean())
    assert row[2].startswith(f"{difference:+.1f}".replace("-", "−"))


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


def test_losses_of_a_model_spread_as_its_own_seeds_do(study, monkeypatch):
    lent = []

    def spy(first, second, split, measure="accuracy", others=()):
        if measure == "loss":
            lent.append(list(others))
        return comparison.gain(first, second, split, measure, others)

    monkeypatch.setattr(precision, "gain", spy)
    precision.sentence(study)
    assert lent == [[]]


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
