"""The typed numbers agree with each other and with what the package measures."""

import numpy as np
import pytest

from fer_lib import evaluation, recipes
from fer_lib.data import EMOTIONS
from fer_lib.data.dataset import OFFICIAL_COUNTS
from fer_lib.report import field, published


def test_table1_has_the_six_models():
    assert list(published.TABLE1.index) == [f"model{number}" for number in range(1, 7)]
    assert published.TABLE1.loc["model1"].tolist() == [0.7877, 0.5726, 0.6353, 1.2657]
    assert published.TABLE1["val_accuracy"].idxmax() == "model3"
    assert published.TABLE1["val_loss"].idxmin() == "model6"


@pytest.mark.parametrize("name", published.REPORTS)
def test_reports_have_the_layout_of_measured_ones(name):
    rng = np.random.default_rng(0)
    labels, probabilities = rng.integers(0, 7, 70), rng.dirichlet(np.ones(7), 70)
    measured = evaluation.classification_report(labels, probabilities)
    typed = published.REPORTS[name]
    assert typed.index.equals(measured.index)
    assert typed.columns.equals(measured.columns)
    assert (typed.dtypes == measured.dtypes).all()
    assert typed.isna().equals(measured.isna())


@pytest.mark.parametrize("name", published.REPORTS)
def test_reports_are_consistent(name):
    table = published.REPORTS[name]
    classes = table.loc[list(EMOTIONS)]
    assert classes["support"].tolist() == OFFICIAL_COUNTS["test"]
    scores = classes[["precision", "recall", "f1-score"]]
    # Typing errors show: two digits leave 0.01 of rounding.
    precision, recall = classes["precision"], classes["recall"]
    assert np.allclose(
        2 * precision * recall / (precision + recall), classes["f1-score"], atol=0.012
    )
    assert np.allclose(scores.mean(), table.loc["macro avg"].iloc[:3], atol=0.011)
    weighted = scores.mul(classes["support"], axis=0).sum() / 3589
    assert np.allclose(weighted, table.loc["weighted avg"].iloc[:3], atol=0.011)
    assert table.loc["accuracy", "f1-score"] == pytest.approx(weighted["recall"], abs=0.011)


def test_the_original_recipe_is_the_published_one():
    recipe = recipes.get("original")
    assert recipe.batch_size == published.BATCH_SIZE
    assert recipe.learning_rate == published.LEARNING_RATE
    assert (recipe.decay_rate, recipe.decay_steps) == (published.DECAY_RATE, published.DECAY_STEPS)
    assert recipe.epochs == published.EPOCHS
    assert -(-published.SPLIT_SIZES["train"] // recipe.batch_size) == published.STEPS_PER_EPOCH
    assert recipes.get("original-pretrained").epochs == published.PRETRAINED_EPOCHS


def test_stated_sizes_against_the_file():
    sizes = {split: sum(counts) for split, counts in OFFICIAL_COUNTS.items()}
    assert sizes == published.SPLIT_SIZES
    counts = dict(zip(EMOTIONS, OFFICIAL_COUNTS["train"], strict=True))
    for emotion, stated in published.TRAINING_COUNTS.items():
        assert stated == counts[emotion] + 1


def test_field_results_are_complete():
    assert [result.percent for result in field.FIELD] == [
        "65 ± 5", "75.2", "73.11", "73.28", "73.70", "74.14", "76.82", "76.12",
    ]  # fmt: skip
    years = [result.year for result in field.FIELD]
    assert years == sorted(years)
    for result in field.FIELD:
        assert result.work and result.split and result.selection and result.citation
