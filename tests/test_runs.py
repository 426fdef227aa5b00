"""Run folders: a run only once they are whole, read without trusting a byte of them."""

import os

import numpy as np
import pytest
from faults import Bomb, full
from sample_runs import write_sample_run

from fer_lib import runs
from fer_lib.errors import RunError


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

    monkeypatch.setattr(os, call, full)
    with pytest.raises(RunError, match=r"seed1: cannot be written .*No space left.*make room"):
        runs.write(broken, run.info, run.history, run.predictions)
    assert not runs.exists(broken) and not list(run.folder.parent.rglob(".*"))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("run.json", b"", "cannot be read"),
        ("run.json", b"[" * 100_000, "cannot be read"),
        ("history.csv", b"", "cannot be read"),
        ("history.csv", b"epoch\n1\n", "cannot be read .*accuracy"),
        ("predictions.npz", b"PK\3\4", "cannot be read"),
    ],
)
def test_a_damaged_file_is_named_in_one_line(run, name, content, message):
    (run.folder / name).write_bytes(content)
    with pytest.raises(RunError, match=f"^{run.folder / name}: [^\n]*{message}[^\n]*$"):
        use_all(run.folder)


def test_nothing_is_unpickled(run, tmp_path):
    file = run.folder / "predictions.npz"
    np.savez(file, test=np.array([Bomb(tmp_path / "exploded")], dtype=object))
    with pytest.raises(RunError, match=r"predictions.npz: cannot be read .*allow_pickle=False"):
        _ = runs.read(run.folder).predictions
    assert not (tmp_path / "exploded").exists()
