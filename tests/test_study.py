"""The study file says what the report consists of, and is refused where it makes no sense."""

import re

import pytest

from fer_lib import models
from fer_lib.errors import ParameterError
from fer_lib.runs import study
from fer_lib.runs.study import Entry

TABLE = '[[runs]]\nmodels = ["model1"]\nrecipe = "original"\nseeds = [0]\n'


def written(tmp_path, text):
    file = tmp_path / "study.toml"
    file.write_text(text, encoding="utf-8-sig")
    return file


def test_models_seeds_and_groups(tmp_path):
    text = (
        '[groups]\nmain = ["original", "original-bfloat16"]\n'
        '[[runs]]\nmodels = "cnns"\nrecipe = "original-bfloat16"\nseeds = [0]\n'
        '[[runs]]\nmodels = ["model2"]\nrecipe = "l2-small"\nseeds = [4294967295, 1, 1]\n'
    )
    entries = study.entries(written(tmp_path, text))
    assert [entry.model for entry in entries[:6]] == list(models.CNNS)
    assert {entry.group for entry in entries[:6]} == {"main"}
    assert entries[6:] == [Entry("model2", "l2-small", 2**32 - 1), Entry("model2", "l2-small", 1)]
    assert entries[6].group == "l2-small"
    assert study.page_name(entries[7]) == "model2-l2-small-seed1.ipynb"


def test_the_committed_study_has_five_runs_of_every_cnn():
    entries = study.entries()
    assert entries[0].group == "original"
    for name in models.CNNS:
        counted = [one for one in entries if (one.model, one.group) == (name, "original")]
        assert len(counted) >= 5


def test_a_folder_of_runs_may_have_its_own_study(tmp_path):
    assert study.file(tmp_path).parent != tmp_path
    assert study.file(written(tmp_path, TABLE).parent).parent == tmp_path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "needs [[runs]] tables with models, recipe, seeds"),
        ("[[runs", "needs [[runs]]"),
        ("runs = [3]", "needs [[runs]]"),
        ("runs = []", "names no run; add a [[runs]] table"),
        (TABLE.replace("[[runs]]", "[[run]]"), "unknown name 'run'; write [[runs]]"),
        (TABLE.replace("seeds = [0]", ""), "table 1: needs exactly models, recipe, seeds"),
        (TABLE.replace("model1", "model9"), "table 1: model 'model9' is unknown; choose"),
        (TABLE + TABLE.replace("original", "mine"), "table 2: recipe 'mine' is unknown; choose"),
        (TABLE.replace("original", "fine-tuning"), "table 1: recipe fine-tuning is for effic"),
        (TABLE.replace('["model1"]', '"model1"'), "table 1: models must be a list"),
        (TABLE.replace('"original"', '["original"]'), "table 1: needs "),
        (TABLE.replace("[0]", "[]"), "table 1: seeds must be a list with at least one"),
        (TABLE.replace("[0]", "[4294967296]"), "table 1: seeds must be whole numbers from 0 to 4"),
        (TABLE.replace("[0]", "[true]"), "table 1: seeds must be whole numbers"),
        ('[groups]\na = ["mine"]\n' + TABLE, "recipe 'mine' is unknown"),
        ('[groups]\na = ["fast"]\nb = ["fast"]\n' + TABLE, "recipe 'fast' is in two groups"),
    ],
)
def test_a_bad_file_is_refused_in_one_line(tmp_path, text, message):
    file = written(tmp_path, text)
    with pytest.raises(ParameterError, match=re.escape(message)) as caught:
        study.entries(file)
    assert str(caught.value).startswith(str(file)) and "\n" not in str(caught.value)


def test_a_missing_file_is_refused_in_one_line(tmp_path):
    with pytest.raises(ParameterError, match=r"none\.toml: cannot be read"):
        study.entries(tmp_path / "none.toml")
