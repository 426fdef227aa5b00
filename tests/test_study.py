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
    assert [entry.model for entry in entries[:-2]] == list(models.CNNS)
    assert {entry.group for entry in entries[:-2]} == {"main"}
    assert entries[-2:] == [Entry("model2", "l2-small", seed, "") for seed in (2**32 - 1, 1)]
    assert entries[-2].group == "l2-small"


def test_a_folder_of_runs_may_have_its_own_study(tmp_path):
    assert study.file(tmp_path).parent != tmp_path
    assert study.file(written(tmp_path, TABLE).parent).parent == tmp_path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "write [[runs]] tables, each with models, recipe, seeds"),
        ("[[runs", "(at end of document)"),
        ("runs = [3]", "write [[runs]]"),
        ("runs = []", "it names no run; write [[runs]]"),
        (TABLE.replace("[[runs]]", "[[run]]"), "'runs'; write [[runs]]"),
        (TABLE + "epochs = 3\n", "unknown name 'epochs'"),
        ("[more]\n" + TABLE, "unknown name 'more'"),
        (TABLE.replace("seeds = [0]", ""), "'seeds'; write"),
        (TABLE.replace("model1", "model9"), "model 'model9' is unknown; choose"),
        (TABLE + TABLE.replace("original", "mine"), "recipe 'mine' is unknown; choose"),
        (TABLE.replace("original", "fine-tuning"), "recipe fine-tuning is for effic"),
        (TABLE.replace('["model1"]', '"model1"'), "model 'm' is unknown"),
        (TABLE.replace('"original"', '["original"]'), "write [[runs]]"),
        (TABLE.replace("[0]", "[]"), "it names no run"),
        (TABLE.replace("[0]", "[4294967296]"), "seed 4294967296 is no whole number from 0 to 4"),
        (TABLE.replace("[0]", "[true]"), "seed True is no whole number"),
    ],
)
def test_a_bad_file_is_refused_in_one_line(tmp_path, text, message):
    file = written(tmp_path, text)
    with pytest.raises(ParameterError, match=re.escape(message)) as caught:
        study.entries(file)
    assert str(caught.value).startswith(str(file)) and "\n" not in str(caught.value)
