"""The book builds strictly from whatever runs there are, and a browser finds nothing wrong."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import browser
import pytest
from sample_runs import write_sample_run

from fer_lib import paths
from fer_lib.report import markup

pytestmark = pytest.mark.slow

STUDY = """
[[runs]]
models = "cnns"
recipe = "original"
seeds = [0]
[[runs]]
models = ["model2"]
recipe = "original"
seeds = [1]
"""


def build(folder, runs):
    """Builds a copy of the book strictly; returns its pages' folder."""
    unwanted = shutil.ignore_patterns("_build", "*-seed*.ipynb", "__pycache__")
    book = Path(shutil.copytree(paths.ROOT / "book", folder / "book", ignore=unwanted))
    command = [Path(sys.executable).with_name("jupyter-book"), "build", book, "-W", "--keep-going"]
    finished = subprocess.run(
        command, env={**os.environ, "FER_RUNS": str(runs)}, capture_output=True, text=True
    )
    assert finished.returncode == 0, (finished.stdout + finished.stderr)[-3000:]
    return book / "_build" / "html"


def text(page):
    return page.read_text(encoding="utf-8")


def test_a_partly_made_study(tmp_path):
    browser.require()
    runs = tmp_path / "runs"
    runs.mkdir()
    (runs / "study.toml").write_text(STUDY)
    for model, seed in (("model1", 0), ("model2", 0), ("model2", 1), ("model3", 0)):
        write_sample_run(runs, model, seed=seed, scale=8)
    write_sample_run(runs, "model2", "l2-small", scale=8)
    html = build(tmp_path, runs)
    assert "4 of the study's 7 runs" in text(html / "index.html")
    assert markup.NOT_RUN in text(html / "training.html")
    assert "model2-l2-small, seed 0" in text(html / "runs.html")
    assert "plotly.min.js" in text(html / "training.html")
    assert "plotly.min.js" not in text(html / "test.html")
    assert browser.findings(html) == []


def test_no_runs_at_all(tmp_path):
    (tmp_path / "none").mkdir()
    html = build(tmp_path, tmp_path / "none")
    for page in ("index", "training", "test", "claims", "honesty", "environment"):
        assert "No runs yet" in text(html / f"{page}.html"), page
