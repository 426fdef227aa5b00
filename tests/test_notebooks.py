"""The notebook's two halves agree, and its parameters are checked before anything is trained."""

import dataclasses
import subprocess
import sys

import pytest

from fer_lib import data, notebook, paths
from fer_lib.errors import ParameterError

PARAMETERS = {
    "model": "model1",
    "recipe": "original",
    "epochs": 0,
    "seed": 0,
    "data": "",
    "runs": "",
    "weights": "",
    "devices": 1,
    "fast": False,
}


@pytest.mark.parametrize("source", sorted((paths.ROOT / "notebooks").glob("*.py")), ids=str)
def test_pair_in_step(source):
    command = [sys.executable, "-m", "jupytext", "--to", "py:percent", "--output", "-"]
    shown = subprocess.run(
        [*command, source.with_suffix(".ipynb")], capture_output=True, text=True, check=True
    )
    assert shown.stdout == source.read_text(encoding="utf-8"), "run `make sync`"


def test_parameters_are_read():
    settings = notebook.settings({**PARAMETERS, "model": "model5", "In": [], "_": 1})
    assert settings.model == "model5"
    assert settings.resolved_recipe().epochs == 50


def test_the_notebook_may_run_again_in_its_kernel():
    settings = notebook.settings(PARAMETERS)
    again = {**PARAMETERS, "settings": settings, "data": "demo", "run": None, "figures": paths}
    assert notebook.settings(again).data == "demo"


def test_epochs_and_fast_change_the_recipe():
    assert notebook.settings({**PARAMETERS, "epochs": 3}).resolved_recipe().epochs == 3
    assert notebook.settings({**PARAMETERS, "fast": True}).resolved_recipe().epochs == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"modle": "model5"}, r"'modle' is unknown.*model, recipe, epochs"),
        ({"model": "model9"}, r"'model9' is unknown.*model1"),
        ({"recipe": "mine"}, r"'mine' is unknown.*original"),
        ({"recipe": "fine-tuning"}, r"recipe fine-tuning is for efficientnetb0 and"),
        ({"epochs": "2"}, r"epochs must be int"),
        ({"epochs": -1}, r"epochs must be from 0 on, not -1"),
        ({"seed": -1}, r"seed must be from 0 to 4294967295, not -1"),
        ({"seed": 2**32}, r"seed must be from 0 to 4294967295, not 4294967296"),
        ({"fast": True, "epochs": 9}, r"fast means 2 epochs; leave out fast or epochs"),
        ({"weights": "/none.h5"}, r"weights is for efficientnetb0 and .*model1 begins with random"),
        ({"seed": True}, r"seed must be int"),
        ({"fast": 1}, r"fast must be bool, not 1$"),
        ({"data": 2024}, r"data must be str, not 2024; give it by `-r data 2024`"),
    ],
)
def test_bad_parameters(change, message):
    with pytest.raises(ParameterError, match=message):
        notebook.settings({**PARAMETERS, **change})


def test_demo_data_is_announced_and_kept_apart():
    settings = notebook.settings({**PARAMETERS, "data": "demo"})
    dataset = settings.dataset()
    assert dataset.name != data.FER2013
    assert "not results on FER2013" in notebook.banner(dataset).data
    assert settings.root(dataset) == paths.RUNS / "demo"


def test_the_note_on_real_data_stands_in_a_paragraph():
    dataset = dataclasses.replace(data.choose("demo"), name=data.FER2013)
    assert "<p><b>FER2013</b> from" in notebook.banner(dataset).data


def test_fast_mode_has_a_fingerprint_of_its_own():
    full = notebook.settings({**PARAMETERS, "data": "demo"}).dataset()
    fast = notebook.settings({**PARAMETERS, "data": "demo", "fast": True}).dataset()
    assert fast.fingerprint != full.fingerprint
    assert len(fast.train) < len(full.train)
