"""Run folders: a run only once they are whole, read without trusting a byte of them."""

import os

import numpy as np
import pandas as pd
import pytest
from faults import Bomb, read_damaged
from sample_runs import write_sample_run

from fer_lib import runs
from fer_lib.errors import RunError

EPOCHS = 16


@pytest.fixture
def run(tmp_path):
    return write_sample_run(tmp_path, "model2")


def use_all(folder):
    """Reads everything that a run folder holds."""
    run = runs.read(folder)
    return run.info, run.history, run.predictions, run.metrics


def test_what_is_written_is_read(run):
    info, history, arrays, metrics = use_all(run.folder)
    assert info == run.info
    assert list(history.columns) == list(runs.HISTORY_COLUMNS)
    assert set(metrics) == {"validation", "validation_best", "test", "test_best"}
    assert arrays["test_best"].dtype == np.float32
    assert (run.name, run.model, run.seed) == ("model2-original", "model2", 0)
    assert run.sessions == [run.info]
    assert not list(run.folder.glob(".*"))


def test_a_folder_without_run_json_is_no_run(run):
    (run.folder / "run.json").unlink()
    assert not runs.exists(run.folder)
    with pytest.raises(RunError, match="no such run; train it"):
        runs.read(run.folder)


@pytest.mark.parametrize("call", ["fsync", "mkdir"])
def test_a_write_that_fails_leaves_no_run(run, monkeypatch, call):
    broken = run.folder.with_name("seed1")

    def full(*arguments, **keywords):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, call, full)
    with pytest.raises(RunError, match=r"seed1: cannot be written .*No space left.*make room"):
        runs.write(broken, run.info, run.history, run.predictions)
    assert not runs.exists(broken) and not list(run.folder.parent.rglob(".*"))


# Damaged -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "cannot be read"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b"null", "cannot be read"),
        (b'{"model": 1}', "cannot be read .*it lacks data, metrics, name"),
        (b"[" * 100_000, "cannot be read"),
    ],
)
def test_damaged_run_json(run, content, message):
    (run.folder / "run.json").write_bytes(content)
    with pytest.raises(RunError, match=f"run.json: .*{message}") as caught:
        runs.read(run.folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda table: table[[]], "cannot be read"),
        (lambda table: table[["epoch"]], "cannot be read .*accuracy"),
        (lambda table: table[:3], f"a row of numbers for each of {EPOCHS} epochs"),
        (lambda table: table.assign(loss=np.nan), "a row of numbers"),
        (lambda table: table.assign(loss="soon"), "cannot be read"),
        (lambda table: table.assign(epoch=7), "a row of numbers"),
    ],
)
def test_damaged_history(run, damage, message):
    path = run.folder / "history.csv"
    damage(pd.read_csv(path)).to_csv(path, index=False)
    with pytest.raises(RunError, match=f"history.csv: .*{message}"):
        _ = runs.read(run.folder).history


def test_nothing_is_unpickled(run, tmp_path):
    file = run.folder / "predictions.npz"
    np.savez(file, test=np.array([Bomb(tmp_path / "exploded")], dtype=object))
    with pytest.raises(RunError, match=r"predictions.npz: cannot be read .*allow_pickle=False"):
        _ = runs.read(run.folder).predictions
    assert not (tmp_path / "exploded").exists()
    np.savez(file, test=np.zeros(1))
    with pytest.raises(RunError, match=r"predictions.npz: lacks test_best, test_labels"):
        _ = runs.read(run.folder).predictions


@pytest.mark.parametrize("name", ["history.csv", "predictions.npz"])
def test_damaged_bytes_give_our_error_only(run, name):
    read_damaged(run.folder / name, run.folder, lambda: use_all(run.folder))
