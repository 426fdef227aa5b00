"""Sentences that say what a table or a figure shows; each follows the runs."""

import dataclasses
import re
from types import SimpleNamespace

import numpy as np
import pytest
from html_tables import cells
from sample_runs import write_sample_run

from fer_lib import evaluation, report
from fer_lib.data import EMOTIONS
from fer_lib.report import (
    class_reports,
    data_tables,
    field,
    figures,
    findings,
    findings_of_pretrained,
    findings_on_test,
    markup,
    precision,
    published,
    reproduction,
    table1,
)

STUDY = """
[[runs]]
models = ["model1", "model3", "model6"]
recipe = "original"
seeds = [0, 1]
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    root = tmp_path_factory.mktemp("runs")
    (root / "study.toml").write_text(STUDY)
    for model, skill in (("model1", 1.3), ("model3", 1.4), ("model6", 1.5)):
        for seed in (0, 1):
            write_sample_run(root, model, seed=seed, skill=skill, scale=8)
    return report.load(root)


def test_the_front_page_answers_its_question(study, tmp_path):
    test = np.mean([run.metrics["test"]["accuracy"] for run in study.seeds("model6")])
    usual = study.counts["test"][EMOTIONS.index("Happy")] / sum(study.counts["test"])
    text = findings.answer(study)
    assert text.startswith(f"It can, for {100 * test:.0f} % of the test images.")
    assert (
        f"answering Happy, the most frequent emotion, would be right for {100 * usual:.0f} %"
        in text
    )
    assert text.endswith("were right for 65 ± 5 % {cite}`goodfellow2013`.")
    write_sample_run(tmp_path, "model2", name="drawn faces", scale=20)
    assert findings.answer(report.load(tmp_path)) == ""


def test_what_agrees_with_the_published_data_is_counted(tmp_path):
    write_sample_run(tmp_path, "model1")
    agreed = data_tables.published_sentence(report.load(tmp_path))
    assert "3 of the 3 sizes of the splits, 0 of the 2 class counts and 0 of the 3 shares" in agreed
    assert agreed.endswith("The stated sizes make 80.0 %, 10.0 % and 10.0 %.")


def test_the_easier_of_the_held_out_splits_is_named(study):
    runs = [run for found in study.seeds_by_model for run in found]
    gaps = np.array(
        [run.metrics["test"]["accuracy"] - run.metrics["validation"]["accuracy"] for run in runs]
    )
    split, count = ("test", gaps > 0) if gaps.mean() > 0 else ("validation", gaps <= 0)
    text = findings_on_test.easier_split(study)
    assert text.startswith(f"In {count.sum()} of 6 runs the accuracy on the {split} images")
    assert f"by {100 * abs(gaps.mean()):.1f} points on average" in text


@pytest.mark.parametrize(("count", "is_clear"), [(6, True), (5, False), (1, False)])
def test_a_split_is_called_easier_only_by_most_runs(study, monkeypatch, count, is_clear):
    def told(gaps):
        runs = [
            SimpleNamespace(metrics={"test": {"accuracy": gap}, "validation": {"accuracy": 0.0}})
            for gap in gaps
        ]
        return findings_on_test.easier_split(SimpleNamespace(seeds_by_model=[runs], record=None))

    text = told([0.01] * count + [-0.01] * (6 - count))
    assert ("seem to be the easier ones" in text) is is_clear
    assert told([0.0]).startswith("In 0 of 1 runs"), "equal is not higher"


def test_the_seeds_furthest_apart_are_named(study):
    ranges = {
        model: np.ptp([run.metrics["validation"]["accuracy"] for run in study.seeds(model)])
        for model in ("model1", "model3", "model6")
    }
    most = max(ranges, key=ranges.get)
    text = findings.widest_seeds(study)
    assert f"apart by {100 * ranges[most]:.1f} points" in text
    assert f"(Model {most[-1]}, 2 seeds) down to " in text


def test_models_are_said_to_rank_the_emotions_alike_only_if_they_do(study, monkeypatch):
    ranked = np.linspace(0.9, 0.3, 7)
    monkeypatch.setattr(findings_on_test, "mean_f1", lambda *_: ranked)
    order = ", ".join(EMOTIONS)
    assert findings_on_test.alike_orders(study) == f"All 3 models have the same order, {order}."
    swapped = ranked[[0, 2, 1, 3, 4, 5, 6]]
    scores = iter([ranked, ranked, swapped])
    monkeypatch.setattr(findings_on_test, "mean_f1", lambda *_: next(scores))
    text = findings_on_test.alike_orders(study)
    assert text.startswith(f"2 of the 3 models have the same order, {order}. In all of them ")
    assert f"{EMOTIONS[0]} is at place 1" in text and f"{EMOTIONS[1]} is at place 2" not in text
    scores = iter([ranked, np.roll(ranked, 3), swapped])
    assert findings_on_test.alike_orders(study) == "No two of the 3 models have the same order."


def test_published_test_accuracies_are_placed_among_the_seeds(study):
    values = [run.metrics["test"]["accuracy"] for run in study.seeds("model6")]
    there = published.accuracy("model6", "test")
    words = "lies between" if min(values) <= there <= max(values) else "than every seed"
    text = reproduction.test(study)
    assert text.startswith("The published test accuracy ") and words in text
    assert "Model 1" not in text, "it has no published test accuracy"


def test_a_report_of_another_model_says_whose_figures_are_published(tmp_path):
    write_sample_run(tmp_path, "efficientnet_lite0", "original-pretrained", scale=20)
    found = report.load(tmp_path)
    shown = ("efficientnet_lite0", "original-pretrained", "efficientnetb0")
    assert "one seed; published: EfficientNetB0." in class_reports.class_report(found, *shown).data
    assert "; published" not in class_reports.class_report(found, *shown[:2]).data
    (run,) = found.seeds(*shown[:2])
    recall = evaluation.classification_report(run.labels("test"), run.probabilities("test"))
    share = recall.loc["Disgusted", "recall"]
    text = findings_of_pretrained.disgusted_found(found, [shown[:2]])
    assert text.endswith(f"and EfficientNet-Lite0 by original-pretrained {100 * share:.0f} %.")


def test_the_field_is_summed_up():
    others = field.FIELD[1:]
    public = sum(result.split == "PublicTest" for result in others)
    assert f"Of the {len(others)} figures of networks {public} belong" in field.field_sentence()


FORMATS = """
[[runs]]
models = ["model1", "model2"]
recipe = "original"
seeds = [0]

[[runs]]
models = ["model1", "model2"]
recipe = "original-bfloat16"
seeds = [0]

[[runs]]
models = ["model2"]
recipe = "class-weights"
seeds = [0]
"""


def test_formats_are_compared_over_the_models_and_the_control_is_named(tmp_path):
    (tmp_path / "study.toml").write_text(FORMATS)
    for model in ("model1", "model2"):
        write_sample_run(tmp_path, model, scale=8)
        write_sample_run(tmp_path, model, "original-bfloat16", skill=1.1, scale=8)
    found = report.load(tmp_path)
    gaps = [
        precision.accuracies(short, "test")[0] - precision.accuracies(plain, "test")[0]
        for plain, short in precision.groups(found)
    ]
    mean = f"{100 * np.mean(gaps):.1f}".replace("-", "−")
    assert "Averaged over the 2 models it is " in precision.sentence(found)
    assert f"and {mean} on the test images (" in precision.sentence(found)
    assert precision.control(found) == ""
    write_sample_run(tmp_path, "model2", "class-weights", scale=8)
    text = precision.control(report.load(tmp_path))
    assert "the recipes class-weights are compared" in text
    assert re.search(r"differ by −\d+\.\d points", text) and "look better than they are" in text


def test_a_zero_has_no_sign():
    assert [markup.points(value) for value in (-0.0004, 0.0004, -0.0006)] == [
        "0.0",
        "0.0",
        "−0.1",
    ]


def test_a_run_page_leaves_out_what_a_recipe_does_not_say(study):
    (run, *_) = study.seeds("model1")
    recipe = {**run.recipe, "counts_as": ""}
    named = dataclasses.replace(run, info={**run.info, "recipe": recipe})
    assert "counts_as" not in report.run_facts(named).data


def test_curves_are_drawn_without_a_run(tmp_path):
    assert "svg" in figures.all_curves(report.load(tmp_path)).data


def test_seeds_that_do_not_differ_are_no_yardstick(tmp_path):
    (tmp_path / "study.toml").write_text(STUDY)
    for seed in (0, 1):
        write_sample_run(tmp_path, "model1", seed=seed, scale=20)
    found = report.load(tmp_path)
    first, _ = found.seeds("model1")
    same = [dataclasses.replace(first), dataclasses.replace(first)]
    assert len({run.metrics["test"]["accuracy"] for run in same}) == 1
    alike = SimpleNamespace(
        models=["model1"], seeds=lambda *_: same, seeds_by_model=[same], record=None
    )
    assert cells(table1.differences(alike)).loc["Model 1"].tolist()[2::3] == ["–", "–"]
