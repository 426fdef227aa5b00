"""The study file says what the report consists of, and is refused where it makes no sense."""

import pytest

from fer_lib import models, notebook, recipes
from fer_lib.errors import ParameterError, RunError
from fer_lib.runs import study

TABLE = '[[runs]]\nmodels = ["model1"]\nrecipe = "original"\nseeds = [0]\n'


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
        (TABLE.replace("[0]", "[]"), "table 1: seeds must be .* with at least one"),
        (TABLE.replace("[0]", "[4294967296]"), "table 1: seeds must be .* from 0 to 4294967295"),
        (TABLE.replace("[0]", "[true]"), "table 1: seeds must be"),
        (TABLE.replace("[0]", f"[{'9' * 5000}]"), "needs .*runs"),
        (TABLE.replace('["model1"]', '[["model1"]]'), "table 1: models must be a list of names"),
        (TABLE.replace("[[runs]]", "[[run]]"), r"unknown table 'run'; write \[\[runs\]\]"),
        (TABLE.replace("[[runs]]", "[runs]"), "needs .*runs.* tables with models, recipe, seeds"),
        (TABLE + TABLE.replace("runs", "run"), r"unknown table 'run'; write \[\[runs\]\]"),
        ("seeds = 3\n" + TABLE, r"unknown key 'seeds'; write \[\[runs\]\]"),
        ("runs = [3]", "needs .*runs.* tables with models, recipe, seeds"),
    ],
)
def test_bad_files(tmp_path, text, message):
    with pytest.raises(ParameterError, match=message) as caught:
        study.entries(written(tmp_path, text))
    assert "\n" not in str(caught.value)
    assert "NoneType" not in str(caught.value) and "unhashable" not in str(caught.value)


def test_seeds_are_those_that_the_notebook_takes(tmp_path):
    assert study.SEEDS == notebook.SEEDS
    file = written(tmp_path, TABLE.replace("[0]", f"[{notebook.SEEDS - 1}]"))
    assert study.entries(file)[0].seed == notebook.SEEDS - 1


def test_a_byte_order_mark_is_no_part_of_the_file(tmp_path):
    file = tmp_path / "study.toml"
    file.write_text(TABLE, encoding="utf-8-sig")
    assert study.entries(file) == [study.Entry("model1", "original", 0)]


def test_a_dead_link_is_no_reason_for_another_study(tmp_path):
    (tmp_path / "study.toml").symlink_to(tmp_path / "gone.toml")
    with pytest.raises(ParameterError, match=r"study.toml: cannot be read"):
        study.entries(study.file(tmp_path))


def test_runs_that_are_a_file_have_no_study(tmp_path):
    file = tmp_path / "runs"
    file.write_text("")
    with pytest.raises(RunError, match="runs: is no folder"):
        study.file(file)


def test_missing_file(tmp_path):
    with pytest.raises(ParameterError, match="cannot be read"):
        study.entries(tmp_path / "none.toml")


def test_an_entry_may_be_filled_by_the_recipe_in_another_precision():
    entry = study.Entry("model1", "original", 3)
    assert study.fillings(entry) == [entry, study.Entry("model1", "original-bfloat16", 3)]
    assert study.fillings(study.Entry("model1", "demo", 0)) == [study.Entry("model1", "demo", 0)]
