"""The report chooses its runs, never mixes demo and real ones, and prints what the runs hold."""

import json
import re
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from html_tables import cells
from sample_runs import write_sample_run

from fer_lib import evaluation, paths, report, runs
from fer_lib.data import EMOTIONS
from fer_lib.errors import RunError
from fer_lib.report import (
    accuracy_tables,
    claims,
    class_reports,
    data_tables,
    findings,
    findings_of_pretrained,
    findings_on_test,
    markup,
    model_tables,
    published,
    reproduction,
    run_list,
    table1,
)
from fer_lib.report.accuracies import interval
from fer_lib.runs import Run

STUDY = """
[[runs]]
models = ["model1", "model3", "model6"]
recipe = "original"
seeds = [0]
[[runs]]
models = ["model1"]
recipe = "original"
seeds = [1, 2]
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    (folder / "study.toml").write_text(STUDY)
    for seed in range(3):
        write_sample_run(folder, "model1", seed=seed, scale=8)
    write_sample_run(folder, "model3", skill=1.5, scale=8)
    return folder


@pytest.fixture(scope="module")
def study(root):
    return report.load(root)


def test_real_runs_win_over_demo_runs(root, tmp_path):
    shutil.copytree(root, tmp_path / "runs")
    write_sample_run(tmp_path / "runs", "model6", name="drawn demo faces", scale=20)
    found = report.load(tmp_path / "runs")
    assert not found.is_demo
    assert {run.model for run in found.runs} == {"model1", "model3"}


@pytest.mark.parametrize("place", ["runs", "runs/demo"])
def test_demo_runs_are_announced_on_every_page(tmp_path, place):
    write_sample_run(tmp_path / place, "model2", name="drawn <faces>", scale=20)
    found = report.load(tmp_path / "runs")
    assert [run.model for run in found.runs] == ["model2"]
    banner = report.banner(found).data
    assert "not results on FER2013" in banner
    assert "drawn &lt;faces&gt;" in banner


def test_without_runs_the_banner_says_how_to_make_them(tmp_path):
    found = report.load(tmp_path)
    assert found.runs == () and found.entries
    assert "make demo" in report.banner(found).data
    assert "nothing has been found" in findings.summary(found)
    assert claims.judge(found) == []


def test_missing_runs_are_named(study):
    assert [entry.name for entry in study.missing] == ["model6-original"]
    assert "4 of the study's 5 runs" in report.banner(study).data
    assert (
        cells(table1.table1(study))["training", "loss"]["Model 6", "reproduced"] == markup.NOT_RUN
    )


def test_two_versions_of_the_data_are_pointed_out(study):
    changed = {**study.runs[0].info, "data": {**study.runs[0].info["data"], "fingerprint": "cd"}}
    mixed = report.Report(
        study.root, (Run(study.runs[0].folder, changed), *study.runs[1:]), study.entries
    )
    assert "2 versions of the data" in report.banner(mixed).data


def test_runs_outside_the_study_are_listed_and_enter_no_result(root, tmp_path):
    shutil.copytree(root, tmp_path / "runs")
    write_sample_run(tmp_path / "runs", "model1", seed=9, skill=4, scale=8)
    found = report.load(tmp_path / "runs")
    assert [run.seed for run in found.others] == [9]
    assert [run.seed for run in found.seeds("model1")] == [0, 1, 2]
    listed = cells(run_list.run_list(found, tmp_path))
    assert listed.loc["model1-original, seed 9", "in the study"] == "no"


def test_a_damaged_run_is_not_skipped(root, tmp_path):
    shutil.copytree(root, tmp_path / "runs")
    (tmp_path / "runs" / "model3-original" / "seed0" / "run.json").write_text("{")
    with pytest.raises(RunError, match=r"model3-original.*run\.json"):
        report.load(tmp_path / "runs")


def test_a_folder_that_fer_runs_names_must_be_there(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "RUNS", tmp_path / "none")
    monkeypatch.delenv("FER_RUNS", raising=False)
    assert report.load().runs == ()
    monkeypatch.setenv("FER_RUNS", "none")
    with pytest.raises(RunError, match=r"^FER_RUNS: .*none is no folder; correct it"):
        report.load()
    paths.RUNS.write_text("")
    with pytest.raises(RunError, match=r"^FER_RUNS: .*none is no folder; correct it"):
        report.load()
    monkeypatch.delenv("FER_RUNS")
    with pytest.raises(RunError, match="none: is no folder"):
        report.load()


def test_table1_has_the_mean_over_all_seeds_and_not_the_best(study):
    values = [run.info["metrics"]["validation"]["accuracy"] for run in study.seeds("model1")]
    column = cells(table1.table1(study))["validation", "accuracy"]
    assert column["Model 1", "reproduced"] == markup.mean_spread(values)
    assert column["Model 1", "published"] == "0.6353"


def test_differences_are_in_standard_errors(study):
    (run,) = study.seeds("model3")
    correct = evaluation.correct(run.labels("validation"), run.probabilities("validation"))
    error = np.std(correct, ddof=1) / np.sqrt(len(correct))
    mean = run.info["metrics"]["validation"]["accuracy"]
    gap = mean - published.TABLE1.loc["model3", "val_accuracy"]
    row = cells(table1.differences(study)).loc["Model 3", "validation accuracy"]
    assert row["points"] == markup.points(gap)
    assert row["standard errors"] == markup.signed(gap / error)
    # It has one seed; those of model 1 tell what another would give.
    spread = np.std(
        [run.metrics["validation"]["accuracy"] for run in study.seeds("model1")], ddof=1
    )
    assert row["spreads of seeds"] == markup.signed(gap / (spread * np.sqrt(2)))
    assert cells(table1.differences(study)).loc["Model 3", "validation loss"].iloc[-1] == "–"


def test_training_accuracies_far_from_the_published_are_named(study):
    run = study.seeds("model3")[0]

    def at(gap):
        accuracy = published.TABLE1.loc["model3", "accuracy"] + gap
        return with_history(study, run, run.history.assign(accuracy=accuracy))

    text = reproduction.training(at(0.031))
    assert "Model 3 (+3.1 points)" in text and "more than 3 points from the published" in text
    assert "Model 3" not in reproduction.training(at(0.029))
    assert reproduction.training(report.load(study.root / "nothing")) == ""


def test_the_published_value_is_placed_among_the_seeds(study, monkeypatch):
    values = [run.info["metrics"]["validation"]["accuracy"] for run in study.seeds("model1")]
    table = published.TABLE1.copy()
    table.loc["model1", "val_accuracy"] = np.mean(values)
    monkeypatch.setattr(published, "TABLE1", table)
    text = reproduction.validation(study)
    assert "lies between the seeds of Model 1." in text
    assert "Model 3 has one seed, " in text
    assert reproduction.validation(report.load(study.root / "nothing")) == (
        "No model of Table 1 has been trained yet."
    )


def test_the_published_value_beyond_all_seeds_is_said(study, monkeypatch):
    for value, words in ((0.99, "higher than"), (0.01, "lower than")):
        table = published.TABLE1.assign(val_accuracy=value)
        monkeypatch.setattr(published, "TABLE1", table)
        assert reproduction.validation(study).startswith(
            f"The published validation accuracy is {words} every seed of Model 1. "
        )


def with_history(study, run, history):
    """The study with another history of one of its runs."""
    changed = Run(run.folder, run.info)
    changed.__dict__["history"] = history
    runs = tuple(changed if one.folder == run.folder else one for one in study.runs)
    return report.Report(study.root, runs, study.entries)


def test_the_noise_of_seeds_is_pooled(study):
    values = [run.info["metrics"]["validation"]["accuracy"] for run in study.seeds("model1")]
    spread = f"{100 * np.std(values, ddof=1):.1f} points of validation accuracy"
    assert spread in findings.seed_noise(study)
    assert "over 3 runs of 1 models" in findings.seed_noise(study)
    single = report.Report(study.root, tuple(study.seeds("model3")), study.entries)
    assert findings.seed_noise(single) == ""


def test_models_that_cannot_be_told_from_the_best_are_named(tmp_path):
    for model, skill in (("model1", 0.6), ("model2", 2.0), ("model3", 2.0)):
        write_sample_run(tmp_path, model, skill=skill, scale=4)
    text = findings.summary(report.load(tmp_path))
    assert re.search(
        r"Model (2|3) has the highest mean accuracy .* and Model 1 the lowest, "
        r"but Model (2|3) cannot be told from the highest\. On the test images",
        text,
    )


def test_a_stand_in_far_better_than_the_published_is_explained(tmp_path):
    write_sample_run(tmp_path, "efficientnet_lite0", "original-pretrained", skill=1.6, scale=8)
    assert (
        "the stated recipe need not lead to the published figure"
        in findings_of_pretrained.model_or_recipe(report.load(tmp_path))
    )


def test_fine_tuning_is_described_by_its_recipe(tmp_path):
    assert findings_of_pretrained.fine_tuning(report.load(tmp_path)) == ""
    run = write_sample_run(tmp_path, "efficientnet_lite0", "fine-tuning", scale=20, epochs=10)
    text = findings_of_pretrained.fine_tuning(report.load(tmp_path))
    lowest = run.history["val_loss"].argmin()
    assert "pictures of 96 x 96 pixels; for 2 epochs the new head learns alone" in text
    assert f"lowest after epoch {lowest + 1} ({run.history['val_loss'].min():.2f}, at" in text


def test_the_most_frequent_confusion_is_named(study):
    matrices = [
        sum(evaluation.confusion(r.labels("test"), r.probabilities("test")) for r in found)
        for model in ("model1", "model3")
        if (found := study.seeds(model))
    ]
    shares = np.mean([100 * m / m.sum(axis=1, keepdims=True) for m in matrices], axis=0)
    np.fill_diagonal(shares, 0)
    truth, answer = np.unravel_index(shares.argmax(), shares.shape)
    first = f"from model to model: {EMOTIONS[truth]} for {EMOTIONS[answer]} ("
    assert first in findings_on_test.confusions(study)


def test_the_interval_of_a_mean_is_that_of_the_images(study):
    single, several = study.seeds("model3"), study.seeds("model1")
    count = len(single[0].labels("test"))
    hits = round(count * single[0].metrics["test"]["accuracy"])
    assert interval(single, "test") == evaluation.accuracy_interval(hits, count)
    low, high = interval(several, "test")
    mean = np.mean([run.metrics["test"]["accuracy"] for run in several])
    one_low, one_high = evaluation.accuracy_interval(round(count * mean), count)
    assert one_low < low < mean < high < one_high, "a mean of seeds scatters less than one run"


def test_the_recipes_are_told_by_what_they_change(tmp_path):
    (tmp_path / "study.toml").write_text(
        "".join(
            f'[[runs]]\nmodels = ["model2"]\nrecipe = "{recipe}"\nseeds = [0]\n'
            for recipe in ("original", "l2-high", "class-weights")
        )
    )
    column = cells(model_tables.recipe_table(report.load(tmp_path)))[
        "hyperparameters, or what differs from “original”"
    ]
    assert column["original"].startswith("Adam, learning rate 0.001, 128 images a batch, 50 epochs")
    assert column["l2-high"] == "l2 0.01, precision mixed_bfloat16"
    assert column["class-weights"] == "class weights, precision mixed_bfloat16"


def test_sizes_are_those_at_48_pixels(tmp_path):
    large = write_sample_run(tmp_path, "model2", "fine-tuning", scale=50, epochs=10)
    changed = large.info | {"layers": []}
    (large.folder / "run.json").write_text(json.dumps(changed))
    assert model_tables.layers_of(report.load(tmp_path), "model2") != []
    run = write_sample_run(tmp_path, "model2", scale=50)
    assert model_tables.layers_of(report.load(tmp_path), "model2") == run.info["layers"]


def test_curves_with_a_capped_loss_are_counted(study):
    assert findings.capped_loss(study) == ""
    last = study.runs[-1]
    capped = Run(last.folder, {**last.info, "backend": "jax"})
    loss = last.info["metrics"]["validation"]["loss"]
    runs = (*study.runs[:-1], capped)
    found = report.Report(study.root, runs, study.entries)
    text = findings.capped_loss(
        with_history(found, capped, last.history.assign(val_loss=loss - 0.25))
    )
    assert "caps the loss of a single image at 16 nats" in text
    assert f"1 of the {len(study.runs)} curves end up to 0.25 nats lower" in text
    assert (
        findings.capped_loss(with_history(found, capped, last.history.assign(val_loss=loss))) == ""
    )


def test_the_two_tested_models_stand_beside_each_other(study, tmp_path):
    assert findings_on_test.tested(study) == ""
    for model in ("model3", "model6"):
        write_sample_run(tmp_path, model, scale=8)
    text = findings_on_test.tested(report.load(tmp_path))
    assert text.startswith("The original prints 67 % for model 3 and 66 % for model 6. Here ")
    assert re.search(
        r"Here (neither is ahead for sure|the order is (the same|reversed)), mod", text
    )
    assert "points of test accuracy" in text and text.endswith("one seed each).")


def test_keras_clips_where_we_say():
    import keras

    assert keras.config.epsilon() == evaluation.KERAS_CLIPS_AT


def test_test_results_show_every_seed(study):
    row = cells(accuracy_tables.test_results(study)).loc["Model 1"]
    values = [run.info["metrics"]["test"]["accuracy"] for run in study.seeds("model1")]
    assert row["each seed, test"] == " · ".join(f"{100 * value:.1f}" for value in values)


def test_metrics_of_the_tables_come_out_of_the_probabilities(study):
    (run,) = study.seeds("model3")
    again = evaluation.metrics(run.labels("test"), run.probabilities("test"))
    shown = cells(accuracy_tables.summary_table(study)).loc["Model 3"]
    assert float(shown["test", "reproduced"]) == pytest.approx(100 * again["accuracy"], abs=0.005)


def test_class_report_stands_beside_the_published_one(study):
    shown = cells(class_reports.class_report(study, "model3"))
    own = evaluation.classification_report(*arrays(study.seeds("model3")[0]))
    assert shown.loc["Happy", ("f1-score", "published")] == "0.86"
    assert shown.loc["Happy", ("f1-score", "reproduced")] == f"{own.loc['Happy', 'f1-score']:.2f}"


def arrays(run):
    return run.labels("test"), run.probabilities("test")


def test_the_readme_has_the_cells_of_the_main_table(study):
    text = accuracy_tables.summary_markdown(study)
    frame = accuracy_tables.summary_frame(study)
    assert text.count("\n") == len(frame) + 1
    assert all(cell in text for cell in frame.loc["Model 1"])


def test_numbers_of_the_data_are_counted(study):
    shown = cells(data_tables.published_counts(study))
    assert shown.loc["training images, Disgusted"].tolist() == ["437", "436"]
    assert "436" in findings.imbalance(study)


def test_layers_come_from_a_run_where_there_is_one(study):
    names = [layer["name"] for layer in model_tables.layers_of(study, "model3")]
    assert names == ["block1_conv1", "probabilities"]


def test_tables_escape_what_runs_say(study):
    hostile = {**study.runs[0].info, "device": "<script>alert(1)</script>"}
    shown = report.run_facts(Run(study.runs[0].folder, hostile)).data
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def test_a_missing_pretrained_run_is_named_once(study):
    assert (
        findings_of_pretrained.model_or_recipe(study)
        == "- EfficientNet-Lite0 (fine-tuning): not yet run."
    )


def test_columns_named_by_tuples_have_headings_in_levels():
    frame = pd.DataFrame({("test", "loss"): [1], ("test", "accuracy"): [2]}, index=["x"])
    shown = markup.table(frame, "Levels").data
    assert 'colspan="2"' in shown and shown.count("test") == 1
    assert "colspan" not in markup.table(frame.droplevel(0, axis=1), "One level").data


def test_tables_are_readable_by_machines():
    frame = pd.DataFrame({"a": [1.5, float("nan")]}, index=["x", "y & z"])
    shown = markup.table(frame, "What it <says>").data
    assert '<th scope="col">a</th>' in shown and '<th scope="row">y &amp; z</th>' in shown
    assert "<caption><span>What it &lt;says&gt;</span></caption>" in shown
    assert "&lt;b&gt;" in markup.table(frame.rename(columns={"a": "<b>"}), "A column").data
    assert f"<td>{markup.NOTHING}</td>" in shown and shown.count("<thead>") == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (markup.duration(7505), "2 h 05 min"),
        (markup.duration(200), "3 min 20 s"),
        (markup.points(-0.0123), "−1.2"),
        (markup.percent(float("nan")), "–"),
        (markup.mean_spread([0.5]), "0.5000"),
        (markup.mean_spread([0.5, 0.7], 2), "0.60 ± 0.14"),
        (markup.mean_spread([]), "not yet run"),
        (markup.join(["a", "b", "c"]), "a, b and c"),
    ],
)
def test_numbers_in_words(text, expected):
    assert text == expected


def test_import_is_light():
    code = "import sys, fer_lib.report.claims, fer_lib.report.table1; print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"keras", "matplotlib", "plotly", "scipy.stats", "sklearn"}
    assert not heavy & set(shown.stdout.split())


@pytest.mark.parametrize(
    "run", runs.find(paths.ROOT / "runs"), ids=lambda run: run.folder.parent.name
)
def test_committed_metrics_follow_from_the_committed_probabilities(run):
    for split in runs.SPLITS:
        for suffix in ("", "_best"):
            again = evaluation.metrics(run.labels(split), run.predictions[split + suffix])
            assert again == pytest.approx(run.info["metrics"][split + suffix], rel=1e-6)
    last, best = run.history.iloc[-1], run.history.iloc[run.info["best_epoch"] - 1]
    chosen = run.info["metrics"]["validation_best"]
    assert chosen["accuracy"] == pytest.approx(best["val_accuracy"], abs=1e-6)
    validation = run.info["metrics"]["validation"]
    assert validation["accuracy"] == pytest.approx(last["val_accuracy"], abs=1e-6)
    counted = evaluation.cross_entropy(run.labels("validation"), run.probabilities("validation"))
    if run.info["backend"] != "tensorflow":
        counted = np.minimum(counted, -np.log(evaluation.KERAS_CLIPS_AT))
    # During training Keras counts the L2 penalty as a part of the loss.
    if run.recipe["l2"]:
        assert counted.mean() < last["val_loss"]
    else:
        assert counted.mean() == pytest.approx(last["val_loss"], rel=1e-4)


def test_verdicts_at_a_glance_name_what_is_refuted_and_what_is_narrow(study, monkeypatch):
    judged = [
        claims.Claim("1", "One.", [], claims.Verdict.CONFIRMED),
        claims.Claim("1", "Two.", [], claims.Verdict.CONFIRMED, is_narrow=True),
        claims.Claim("1", "Three.", [], claims.Verdict.REFUTED, is_narrow=True),
        claims.Claim("1", "Four.", [], claims.Verdict.REFUTED),
        claims.Claim("1", "Five.", [], claims.Verdict.CONFIRMED, stand_in=True),
    ]
    monkeypatch.setattr(claims, "judge", lambda _: judged)
    assert findings.verdicts_at_a_glance(study) == (
        "The original report's 5 claims: 2 confirmed, 1 confirmed for a stand-in and 2 refuted. "
        "Judged by a stand-in: “Five”. Refuted: “Three” (narrowly); “Four”. Confirmed narrowly: "
        "“Two”. Verdicts are on the networks as built here; {doc}`claims` has the evidence for "
        "each, and those that the runs leave open."
    )


def test_sentences_follow_the_runs(study):
    run = study.seeds("model1")[0]
    lowest = run.history["val_loss"].idxmin() + 1
    assert f"Model 1 at epoch {lowest} (" in findings.overfitting(study)
    (run,) = study.seeds("model3")
    scores = evaluation.classification_report(run.labels("test"), run.probabilities("test"))
    best = scores.loc[list(EMOTIONS), "f1-score"].idxmax()
    assert f"Model 3 has its best F1 for {best} (" in findings_on_test.classes(study, "model3")
    assert "learning rate 0.001, falling smoothly, by 2 % every 1,000" in findings.recipe_text(
        study
    )
