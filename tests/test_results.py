"""The report's numbers and tables, recomputed from the run folders; the typed ones, checked."""

import dataclasses
import itertools

import numpy as np
import pytest
import report_runs
from sklearn.metrics import accuracy_score, f1_score

from fer_lib import models, paths
from fer_lib.data import EMOTIONS
from fer_lib.data.dataset import OFFICIAL_COUNTS
from fer_lib.report import (
    model_tables,
    numbers,
    practices,
    published,
    readme,
    results,
    run_tables,
    tables,
)


@pytest.fixture(scope="module")
def found():
    return report_runs.committed()


def test_a_name_has_all_runs_of_its_group_whatever_the_format(found):
    assert {run.recipe["name"] for run in found.of("model4")} == {"original", "original-bfloat16"}
    assert {run.recipe["name"] for run in found.of("model2_fast")} == {"fast"}


@pytest.mark.parametrize("name", [*models.CNNS, "model2_class_weights"])
def test_numbers_are_means_over_runs(found, name):
    runs = found.of(name)
    answers = [(run.labels("test"), run.probabilities("test").argmax(axis=1)) for run in runs]
    shown = numbers.of_name(found, name)
    assert shown["test"] == pytest.approx(100 * np.mean([accuracy_score(*one) for one in answers]))
    happy = EMOTIONS.index("Happy")
    scores = [f1_score(*one, labels=[happy], average=None)[0] for one in answers]
    assert shown["Happy"] == pytest.approx(100 * np.mean(scores))
    assert str(shown["Happy"]) == f"{100 * np.mean(scores):.1f}"
    assert str(shown["runs"]) == str(len(runs))


def test_a_missing_number_is_a_dash(tmp_path):
    few = results.load(report_runs.some(tmp_path / "runs", ("model1", "original", [0])))
    shown = numbers.context(few)
    assert str(shown["model2"]["test"]) == str(shown["model1"]["published"]["test"]) == "–"
    assert str(shown["trust"]["copies"]) == "–"


def test_practices_are_held_against_the_last_epoch_and_one_view(found):
    """Answers that are right after the fifth epoch alone, and by ten views of the first run."""
    made = {}
    for entry in (one for one in found.made if found.name(one) == "model2_fast"):
        run = made[entry] = dataclasses.replace(found.made[entry])
        labels = run.labels("test")
        answers = np.tile(labels + 1, (16, 1))
        answers[4] = labels
        views = np.eye(7)[(labels + (len(made) > 1)) % 7]
        kept = {"test_answers": answers, "test_views": views}
        run.__dict__["predictions"] = run.predictions | kept
    ours = results.Results(found.root, found.entries, made)
    gains = {key: part.value for key, part in practices.gains(ours, "model2_fast").items()}
    last = ours.mean("model2_fast", "test")
    assert gains["test"] == pytest.approx(1 - last)
    assert gains["views"] == pytest.approx(1 / 3 - last)
    assert (gains["together"], gains["searched"]) == pytest.approx((-1 / 3, 1))
    fifth = np.mean([run.history["val_accuracy"][4] for run in made.values()])
    assert gains["swapped"] == pytest.approx(fifth - last)


def test_copies_are_worth_what_the_masks_say(found):
    copied = found.record.arrays["test_copy_of_train_or_validation"].astype(bool)
    run = found.of("model3")[0]
    labels, answers = run.labels("test"), run.probabilities("test").argmax(axis=1)
    ours = found.on_masks("copies").loc["model3", "no copies"].iloc[0]
    assert ours == pytest.approx((answers == labels)[~copied].mean())
    assert copied.sum() == 314
    one = dataclasses.replace(found, made={entry: r for entry, r in found.made.items() if r is run})
    scores = f1_score(labels[~copied], answers[~copied], average=None)
    lead = numbers.context(one)["trust"]["Disgusted_lead"]
    assert lead == pytest.approx(100 * (scores[1] - scores.mean()))


ALL_TABLES = [
    (tables.means, "published", "train", "val_loss", "test"),
    (tables.means, "confidence", "test", "val_best"),
    (tables.means, "model2_fast", "model2", "val", "test_views"),
    (tables.class_report, "model6"),
    (tables.class_report, "model1"),
    (tables.class_counts,),
    (model_tables.sizes,),
    (model_tables.recipe_list,),
    (tables.masked, "copies"),
    (tables.masked, "voters"),
    (run_tables.run_list,),
]


@pytest.mark.parametrize("make", ALL_TABLES, ids=lambda make: make[0].__name__)
def test_tables_show_any_set_of_runs(make, found, tmp_path):
    few = results.load(report_runs.some(tmp_path / "runs", ("model1", "original", [0, 9])))
    function, *arguments = make
    assert len(function(found, *arguments).frame)
    text = function(few, *arguments).html()
    assert "nan" not in text.lower()


def test_the_class_report_sets_ours_beside_the_published(found):
    frame = tables.class_report(found, "model6").frame
    assert frame.loc["Happy", "F1"].endswith(" (87)")
    assert frame.loc["accuracy", "F1"].endswith(" (66)")
    assert list(frame["images"])[:7] == [str(count) for count in OFFICIAL_COUNTS["test"]]


def test_a_recipe_is_listed_by_the_one_that_it_is_most_like(found):
    frame = model_tables.recipe_list(found).frame
    assert frame.loc["class-weights"].tolist() == ["original-bfloat16", "class weights"]
    assert frame.loc["without-shifts"].tolist() == ["compact", "no shift"]
    assert frame.index[0] == "original"


def test_a_gpus_float32_is_called_tf32(found):
    called = {
        run_tables.arithmetic(run) for run in found.runs if "H200" in run_tables.trained_on(run)
    }
    assert "float32" not in called
    assert "TF32" in called


@pytest.mark.parametrize("name", published.REPORTS)
def test_published_reports_are_consistent(name):
    """Typing errors would show; two digits leave 0.01 of rounding."""
    table = published.REPORTS[name]
    rows = table.loc[list(EMOTIONS)]
    assert rows["support"].tolist() == OFFICIAL_COUNTS["test"]
    precision, recall = rows["precision"], rows["recall"]
    assert np.allclose(2 * precision * recall / (precision + recall), rows["f1-score"], atol=0.012)
    means = rows[["precision", "recall", "f1-score"]].mean()
    assert np.allclose(means, table.loc["macro avg"].iloc[:3], atol=0.011)


def test_the_readme_shows_the_committed_runs(found):
    text = (paths.ROOT / "README.md").read_text("utf-8")
    assert readme.with_results(text, found) == text


def convolutions(side: int, *channels: int) -> int:
    """Multiply-adds of 3 x 3 convolutions, one behind the other, that keep a picture's size."""
    return sum(9 * side**2 * a * b for a, b in itertools.pairwise(channels))


def test_the_arithmetic_of_others_follows_from_their_layers():
    vgg = convolutions(40, 1, 64, 64) + convolutions(20, 64, 128, 128)
    vgg += convolutions(10, 128, 256, 256) + convolutions(5, 256, 512, 512)
    vgg19 = convolutions(44, 3, 64, 64) + convolutions(22, 64, 128, 128)
    vgg19 += convolutions(11, 128, *[256] * 4) + convolutions(5, 256, *[512] * 4)
    resnet = convolutions(40, 1, *[64] * 5) + convolutions(20, 64, *[128] * 4)
    resnet += convolutions(10, 128, *[256] * 4) + convolutions(5, 256, *[512] * 4)
    shortcuts = 20**2 * 64 * 128 + 10**2 * 128 * 256 + 5**2 * 256 * 512
    assert published.ELSEWHERE["multiply_adds"].to_dict() == {
        "wu2018": vgg19 + convolutions(2, *[512] * 5) + 512 * 7,
        "khaireddin2021": vgg + 4 * 512 * 4096 + 4096**2 + 4096 * 7,
        "lethesec2021": resnet + shortcuts + 512 * 7,
    }
