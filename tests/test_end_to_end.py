"""The whole path on the drawn faces: papermill trains, jupyter-book builds, a browser reads."""

import json
import os
import subprocess
import sys

import browser
import pytest

from fer_lib import paths
from fer_lib.report import results

pytestmark = pytest.mark.slow


def test_a_wrong_parameter_ends_with_the_choices(tmp_path):
    command = [sys.executable, "-m", "papermill", "--no-progress-bar", "notebooks/train.ipynb"]
    command += [tmp_path / "out.ipynb", "-p", "modle", "model5"]
    finished = subprocess.run(command, cwd=paths.ROOT, capture_output=True, text=True)
    assert finished.returncode != 0
    assert "parameter 'modle' is unknown; choose from model, recipe" in finished.stderr


def test_the_demo_is_made_by_this_python_whatever_kernel_comes_first(tmp_path):
    """A model trained by papermill, the book built strictly, every page opened in Chromium."""
    other = tmp_path / "jupyter" / "kernels" / "python3"
    other.mkdir(parents=True)
    spec = {"argv": ["false", "{connection_file}"], "display_name": "other", "language": "python"}
    (other / "kernel.json").write_text(json.dumps(spec))
    (tmp_path / "runs").mkdir()
    study = (paths.ROOT / "runs" / "demo.toml").read_text().replace('"cnns"', '["model6"]')
    (tmp_path / "runs" / "study.toml").write_text(study)
    command = [sys.executable, "-m", "snakemake", "--directory", tmp_path, "--cores", "all"]
    command += ["--config", "data=demo"]
    environment = os.environ | {"JUPYTER_PATH": str(tmp_path / "jupyter")}
    shown = subprocess.check_output(
        command, cwd=paths.ROOT, env=environment, stderr=subprocess.STDOUT, text=True
    )
    assert "model6-demo, seed 0: epoch   4/4" in shown
    assert [run.name for run in results.load(tmp_path / "runs").runs] == ["model6-demo"]
    html = tmp_path / "book" / "_build" / "html"
    page = (html / "runs" / "model6-demo-seed0.html").read_text(encoding="utf-8")
    assert "These are not results on FER2013" in page
    assert "Demo: these are not results" in (html / "index.html").read_text(encoding="utf-8")
    assert "learned from drawn faces alone" in (html / "try.html").read_text(encoding="utf-8")
    browser.require()
    shown_here_alone = [html / "index.html", html / "try.html", *html.glob("runs/*.html")]
    assert browser.findings(shown_here_alone) == []
