"""The notebook's two halves agree, and its parameters are checked before anything is trained."""

import dataclasses
import re
import subprocess
import sys
from pathlib import Path

import jupytext
import pytest

from fer_lib import data, faces, notebook, paths
from fer_lib.errors import ParameterError

DATA = faces.dataset(train=7, validation=7, test=7)
PARAMETERS = {"model": "model1", "recipe": "original", "epochs": 0, "seed": 0}
PARAMETERS |= {"data": "", "runs": "", "weights": ""}


@pytest.mark.parametrize("source", sorted((paths.ROOT / "notebooks").glob("*.py")), ids=str)
def test_pair_in_step(source):
    shown = jupytext.writes(jupytext.read(source.with_suffix(".ipynb")), "py:percent")
    assert shown == source.read_text(encoding="utf-8"), "run `make sync`"


def test_parameters_are_read_and_paths_may_begin_with_a_tilde(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    names = {"data": "~/a.csv", "runs": "~/runs", "weights": "~/w.h5", "model": "efficientnetb0"}
    settings = notebook.settings({**PARAMETERS, **names, "epochs": 3})
    assert settings.resolved_recipe().epochs == 3
    assert (settings.data, settings.weights) == ("/home/me/a.csv", "/home/me/w.h5")
    assert settings.root(DATA) == Path("/home/me/runs")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model": "model9"}, "model 'model9' is unknown; choose one of model1"),
        ({"epochs": "2"}, "parameter epochs must be int, not '2'"),
        ({"epochs": -1}, "parameter epochs must be from 0 on, not -1"),
        ({"seed": -1}, "seed -1 is no whole number from 0 to 4294967295"),
        ({"seed": True}, "parameter seed must be int, not True"),
        ({"weights": "/w.h5"}, "parameter weights is for efficientnetb0 and effic"),
        ({"data": 2013}, "parameter data must be str, not 2013; give it by `-r data 2013`"),
        ({"data": None}, "parameter data must be str, not None; leave it out"),
    ],
)
def test_an_impossible_value_is_refused_in_one_line(change, message):
    with pytest.raises(ParameterError, match=f"^{re.escape(message)}[^\n]*$"):
        notebook.settings({**PARAMETERS, **change})


def test_runs_stay_apart_from_the_studys_and_from_those_on_other_data():
    settings = notebook.settings(PARAMETERS)
    assert settings.root(DATA) == paths.RUNS / "demo"
    real = dataclasses.replace(DATA, name=data.FER2013)
    assert settings.root(real) == paths.RUNS / "mine"
    banner = notebook.banner(DATA).data
    assert notebook.NOT_FER2013 in banner and DATA.fingerprint[:12] in banner


def test_another_python_is_refused_before_anything_is_made(tmp_path):
    (tmp_path / "new.py").write_text("import sys; sys.version_info = 3, 14; exec(sys.argv[2])")
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).touch()
    command = ["make", "-f", paths.ROOT / "Makefile", "ready", "READY=ready"]
    command += [f"PYTHON={sys.executable} new.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert "needs Python 3.11, 3.12 or 3.13" in done.stderr
    assert not (tmp_path / "ready").exists()
