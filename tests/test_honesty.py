"""Accuracies beside the ones that flatter: without copies, by agreement, at the best epoch."""

import re

import numpy as np
import pytest
from html_tables import cells
from sample_runs import COUNTS, labels, write_sample_run

from fer_lib import evaluation, report
from fer_lib.data.record import Record
from fer_lib.report import field, honesty, markup


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    root = tmp_path_factory.mktemp("runs")
    write_sample_run(root, "model1", scale=8)
    found = report.load(root)
    truth = labels("test", 8)
    rng = np.random.default_rng(0)
    votes = np.zeros((len(truth), 10), np.uint8)
    votes[:, 0] = 10
    votes[: len(truth) // 2, :2] = 5
    arrays = {
        "test_labels": truth,
        honesty.COPIES: rng.random(len(truth)) < 0.1,
        "test_votes": votes,
        "validation_votes": votes,
    }
    # What report.record would have read.
    vars(found)["record"] = Record(root, {"counts": COUNTS}, arrays)
    return found


def row(shown):
    return cells(shown).loc["Model 1"]


def test_accuracy_without_copies(study):
    run, copies = study.runs[0], study.record.arrays[honesty.COPIES]
    expected = evaluation.accuracy_on(run.labels("test"), run.probabilities("test"), ~copies)
    assert float(row(honesty.copies_table(study)).iloc[1]) == round(100 * expected, 1)
    assert f"{copies.sum()} of the {len(copies)} test images" in honesty.copies_sentence(study)


def test_runs_on_other_images_are_not_measured(study):
    other = report.Report(study.root, study.runs, study.entries)
    arrays = {**study.record.arrays, "test_labels": study.record.arrays["test_labels"][::-1]}
    vars(other)["record"] = Record(study.root, {}, arrays)
    assert honesty.measured(other, "model1") == []
    assert row(honesty.copies_table(other)).iloc[0] == markup.NOT_RUN


def test_agreement_splits_all_images(study):
    shown = row(honesty.agreement_table(study))
    count = len(study.record.arrays["test_labels"])
    assert f"unanimous ({count - count // 2})" in shown.index
    assert f"no majority ({count // 2})" in shown.index
    clear = next(name for name in shown.index if name.startswith("unanimous"))
    unclear = next(name for name in shown.index if name.startswith("no majority"))
    fall = re.search(r"are (-?[\d.]+) points less", honesty.agreement_sentence(study)).group(1)
    assert float(fall) == pytest.approx(float(shown[clear]) - float(shown[unclear]), abs=0.11)


def test_the_best_epoch_stands_beside_the_last(study):
    metrics = study.runs[0].info["metrics"]
    shown = row(honesty.best_epoch_table(study))
    assert float(shown["test, best"]) == round(100 * metrics["test_best"]["accuracy"], 1)
    assert float(shown["test, last"]) == round(100 * metrics["test"]["accuracy"], 1)
    assert "Averaged over 1 run," in honesty.best_epoch_sentence(study)


def test_calibration_is_that_of_the_metrics(study):
    error = study.runs[0].info["metrics"]["test"]["expected_calibration_error"]
    shown = row(honesty.calibration_table(study))["expected calibration error"]
    assert float(shown) == round(100 * error, 1)


def test_the_gap_between_confidence_and_accuracy_is_told(study):
    shown = row(honesty.calibration_table(study))
    gap = float(shown["mean confidence"]) - float(shown["accuracy"])
    found = re.search(r"accuracy is ([+−][\d.]+) points", honesty.calibration_sentence(study))
    assert float(found[1].replace("−", "-")) == pytest.approx(gap, abs=0.11)


def test_every_result_of_the_field_is_cited():
    text = field.field_table()
    assert all(f"{{cite}}`{result.citation}`" in text for result in field.FIELD)
