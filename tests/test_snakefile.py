"""Snakemake makes what is missing and nothing else, on this Python and on FER2013 alone."""

import importlib.util
import os
import subprocess
import sys

import pytest
from sample_runs import write_sample_run

from fer_lib import faces, paths

STUDY = '[[runs]]\nmodels = ["model1", "model2"]\nrecipe = "demo"\nseeds = [0, 1]\n'


@pytest.fixture
def folder(tmp_path):
    """A folder with a study of four runs; its name has a space."""
    folder = tmp_path / "a folder"
    (folder / "runs").mkdir(parents=True)
    (folder / "runs" / "study.toml").write_text(STUDY)
    return folder


def snakemake(folder, *arguments, config=(), status=0, **environment):
    """Runs Snakemake for a folder; returns all that it printed."""
    command = [sys.executable, "-m", "snakemake", "--directory", folder, "--cores", "1"]
    options = [*arguments, *(["--config", *config] if config else [])]
    done = subprocess.run(
        [*command, *options],
        cwd=paths.ROOT,
        env=os.environ | {"XDG_CACHE_HOME": str(folder / "cache")} | environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def finish(folder, *finished):
    for model, seed in finished:
        write_sample_run(folder / "runs", model, "demo", seed)


def trained(shown):
    return sorted(line.split("train ")[1] for line in shown.splitlines() if ": train " in line)


def test_missing_runs_are_made_whatever_was_built_before(folder):
    """On paths with spaces and a home folder."""
    finish(folder, ("model1", 0), ("model1", 1))
    for number, file in enumerate(folder.rglob("*")):  # as a clone leaves them: in no order
        os.utime(file, (1e9 + number % 7, 1e9 + number % 7))
    report = folder / "book" / "_build" / "html" / "index.html"
    report.parent.mkdir(parents=True)
    report.touch()
    config = ("data=~/the data.csv", "weights=the weights.h5")
    shown = snakemake(folder, "--dry-run", "--printshellcmds", config=config, HOME="/home/me")
    assert trained(shown) == ["model2-demo, seed 0", "model2-demo, seed 1"]
    assert "build the report" in shown
    assert (
        "book/runs/model2-demo-seed1.ipynb --log-output --no-progress-bar -p seed 1 "
        "-r model model2 -r recipe demo -r runs runs -r data '/home/me/the data.csv' 2>&1"
    ) in shown


def test_finished_runs_are_not_made_again_nor_on_a_cluster(folder):
    finish(folder, *((model, seed) for model in ("model1", "model2") for seed in (0, 1)))
    has_slurm = importlib.util.find_spec("snakemake_executor_plugin_slurm")
    options = ["--profile", "profiles/slurm"] if has_slurm else []
    assert trained(snakemake(folder, "--dry-run", *options)) == []


def test_a_run_that_fails_says_why_and_the_others_stay(folder):
    finish(folder, ("model1", 0), ("model1", 1), ("model2", 0))
    shown = snakemake(folder, config=("data=/none.csv",), status=1)
    assert "model2-demo, seed 1: " in shown and "/none.csv: cannot be read" in shown


def test_an_unknown_key_ends_with_the_choices(folder):
    shown = snakemake(folder, "--dry-run", config=("epochs=1",), status=1)
    assert "--config epochs: is unknown here; choose from data, weights" in shown


def test_the_study_is_trained_on_nothing_but_fer2013(folder):
    (folder / "runs" / "study.toml").write_text(STUDY.replace("demo", "original"))
    faces.write_csv(faces.dataset(train=7, validation=7, test=7), folder / "faces.csv")
    shown = snakemake(folder, config=(f"data={folder}/faces.csv",), status=1)
    assert "the study needs FER2013; give its path by --config data=PATH" in shown
    assert not (folder / "book").exists()
