"""The study file says what the report consists of, and is refused where it makes no sense."""

import pytest

from fer_lib import models, recipes, study
from fer_lib.errors import ParameterError


def written(tmp_path, text):
    file = tmp_path / "study.toml"
    file.write_text(text)
    return file


def test_groups_lists_and_seeds(tmp_path):
    file = written(
        tmp_path,
        '[[runs]]\nmodels = "cnns"\nrecipe = "original"\nseeds = [0]\n'
        '[[runs]]\nmodels = ["model2"]\nrecipe = "l2-small"\nseeds = [0, 1]\n',
    )
    entries = study.entries(file)
    assert [entry.model for entry in entries[:6]] == list(models.CNNS)
    assert [(e.name, e.seed) for e in entries[6:]] == [
        ("model2-l2-small", 0),
        ("model2-l2-small", 1),
    ]


def test_the_committed_study_holds_every_cnn_by_the_original_recipe():
    entries = study.entries()
    committed = {(entry.model, entry.recipe) for entry in entries}
    assert entries[0].recipe == "original"
    assert {(name, "original") for name in models.CNNS} <= committed
    assert all(entry.recipe in recipes.RECIPES for entry in entries)


def test_a_folder_of_runs_may_have_its_own_study(tmp_path):
    assert study.file(tmp_path).name == "study.toml"
    assert study.file(tmp_path).parent != tmp_path
    own = written(tmp_path, "")
    assert study.file(tmp_path) == own


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "needs .*runs"),
        ("[[runs", "needs .*runs"),
        ("runs = 3", "needs .*runs"),
        ("runs = []", "names no run"),
        ('[[runs]]\nmodels = "cnn"\nrecipe = "original"\nseeds = [0]', "cnns or pretrained"),
        (
            '[[runs]]\nmodels = ["model9"]\nrecipe = "original"\nseeds = [0]',
            r"study.toml: table 1: .*'model9'",
        ),
        (
            '[[runs]]\nmodels = ["model1"]\nrecipe = "orig"\nseeds = [0]',
            r"study.toml: table 1: .*'orig' is",
        ),
        (
            '[[runs]]\nmodels = []\nrecipe = "original"\nseeds = [0]',
            "table 1: models must be a list",
        ),
        (
            '[[runs]]\nmodels = 5\nrecipe = "original"\nseeds = [0]',
            "table 1: models must be a list",
        ),
        ('[[runs]]\nmodels = ["model1"]\nrecipe = "original"', "exactly models, recipe and seeds"),
        ('[[runs]]\nmodels = ["model1"]\nrecipe = ["original"]\nseeds = [0]', "must be a name"),
        (
            '[[runs]]\nmodels = "cnns"\nrecipe = "fine-tuning"\nseeds = [0]',
            "table 1: recipe fine-tuning is for efficientnetb0 and .*which model1 has not",
        ),
        (
            '[[runs]]\nmodels = "pretrained"\nrecipe = "l2-small"\nseeds = [0]',
            "table 1: recipe l2-small has an L2 penalty, which efficientnetb0 does not take",
        ),
        ('[[runs]]\nmodels = ["model1"]\nrecipe = "original"\nseeds = ["a"]', "seeds"),
        ('[[runs]]\nmodels = ["model1"]\nrecipe = "original"\nseeds = 0', "seeds"),
    ],
)
def test_bad_files(tmp_path, text, message):
    with pytest.raises(ParameterError, match=message):
        study.entries(written(tmp_path, text))


def test_missing_file(tmp_path):
    with pytest.raises(ParameterError, match="cannot be read"):
        study.entries(tmp_path / "none.toml")


def test_an_entry_may_be_filled_by_the_recipe_in_another_precision():
    entry = study.Entry("model1", "original", 3)
    assert study.fillings(entry) == [entry, study.Entry("model1", "original-bfloat16", 3)]
    assert study.fillings(study.Entry("model1", "demo", 0)) == [study.Entry("model1", "demo", 0)]
