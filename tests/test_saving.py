"""Epochs are saved one after another, announced when they are, and none is lost on the way out."""

import threading

import numpy as np
import pytest

from fer_lib import runs
from fer_lib.errors import RunError
from fer_lib.training import checkpoints, compiled_epoch
from fer_lib.training.saving import Saver

STATE = [np.arange(3.0)]

IDENTITY = {"recipe": {"name": "quick"}}


def history(epochs):
    """Each epoch is better than the one before."""
    row = dict.fromkeys(runs.HISTORY_COLUMNS, 0.5)
    return [row | {"epoch": n, "val_accuracy": n / 10} for n in range(1, epochs + 1)]


@pytest.fixture(params=[False, True], ids=["at once", "beside the next"])
def beside(request, monkeypatch):
    monkeypatch.setattr(compiled_epoch, "suits", lambda: request.param)
    return request.param


def saved(folder):
    found = checkpoints.load(folder)
    return 0 if found is None else len(found.history)


def test_epochs_are_announced_in_order_once_they_are_saved(tmp_path, beside):
    said = []

    def announce(rows):
        assert threading.current_thread() is threading.main_thread()
        assert saved(tmp_path) >= len(rows)
        said.append(len(rows))

    rows = []
    with Saver(tmp_path, IDENTITY, [], announce) as saver:
        for epoch in (1, 2, 3):
            rows.append(history(epoch)[-1])
            saver.save(rows, STATE, STATE)
            assert said == list(range(1, epoch + (not beside)))
    assert said == [1, 2, 3]
    assert saved(tmp_path) == 3
    assert [file.name for file in tmp_path.glob("best-*")] == ["best-3.npz"]


def test_the_next_epoch_goes_on_while_one_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(compiled_epoch, "suits", lambda: True)
    may_write, save = threading.Event(), checkpoints.save
    monkeypatch.setattr(checkpoints, "save", lambda *given: may_write.wait(60) and save(*given))
    with Saver(tmp_path, IDENTITY, [], lambda rows: None) as saver:
        saver.save(history(1), STATE, STATE)
        assert saved(tmp_path) == 0  # and yet we are here
        may_write.set()
    assert saved(tmp_path) == 1


def test_an_epoch_is_saved_though_the_next_one_fails(tmp_path, beside):
    said = []
    with pytest.raises(KeyboardInterrupt), Saver(tmp_path, IDENTITY, [], said.append) as saver:
        saver.save(history(1), STATE, STATE)
        raise KeyboardInterrupt
    assert saved(tmp_path) == len(said) == 1


def test_an_epoch_that_cannot_be_written_ends_the_training(tmp_path, beside, monkeypatch):
    said, save_best = [], checkpoints.save_best

    def full(folder, epoch, values):
        if epoch == 2:
            raise RunError("the disk is full")
        save_best(folder, epoch, values)

    monkeypatch.setattr(checkpoints, "save_best", full)
    with (
        pytest.raises(RunError, match="disk is full"),
        Saver(tmp_path, IDENTITY, [], said.append) as saver,
    ):
        saver.save(history(1), STATE, STATE)
        saver.save(history(2), STATE, STATE)
    assert saved(tmp_path) == len(said) == 1
