"""The whole path on the drawn faces: papermill trains, jupyter-book builds, a browser reads."""

import subprocess
import sys

import pytest

from fer_lib import paths, runs

pytestmark = pytest.mark.slow


def papermill(tmp_path, *parameters):
    """Runs the notebook as a person would; returns the finished process."""
    command = [sys.executable, "-m", "papermill", "--no-progress-bar", "notebooks/train.ipynb"]
    return subprocess.run(
        [*command, str(tmp_path / "out.ipynb"), *parameters],
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (["-p", "modle", "model5"], "parameter 'modle' is unknown; choose from model, recipe"),
        (["-p", "model", "model9"], "model 'model9' is unknown; choose one of model1, model2"),
    ],
)
def test_a_wrong_parameter_ends_with_the_choices(tmp_path, parameters, message):
    finished = papermill(tmp_path, *parameters)
    assert finished.returncode != 0
    assert message in finished.stderr


def test_the_demo_from_training_to_the_page(tmp_path):
    """Two models trained by papermill, the book built strictly, every page opened in Chromium."""
    (tmp_path / "runs").mkdir()
    study = (paths.ROOT / "runs" / "demo.toml").read_text()
    study = study.replace('"cnns"', '["model1", "model6"]')
    (tmp_path / "runs" / "study.toml").write_text(study)
    command = [sys.executable, "-m", "snakemake", "--directory", tmp_path, "--cores", "all"]
    subprocess.run([*command, "--config", "data=demo"], cwd=paths.ROOT, check=True)
    names = [run.name for run in runs.find(tmp_path / "runs")]
    assert names == ["model1-demo", "model6-demo"]
    html = tmp_path / "book" / "_build" / "html"
    page = (html / "runs" / "model6-demo-seed0.html").read_text(encoding="utf-8")
    assert "These are not results on FER2013" in page
    assert "Demo: these are not results" in (html / "index.html").read_text(encoding="utf-8")
    browser = pytest.importorskip("browser")
    browser.require()
    assert browser.findings(html) == []
