"""Checkpoints: what is saved is loaded, and the last state survives faults of the next write."""

import os

import numpy as np
import pytest
from faults import read_damaged

from fer_lib.errors import RunError
from fer_lib.training import checkpoints
from fer_lib.training.checkpoints import Checkpoint


def state(epochs):
    values = [np.full((3, 2), epochs, np.float32), np.array([epochs, 2**32 - 1], np.uint32)]
    identity = {"model": "tiny", "recipe": {"name": "quick"}, "seed": 0}
    history = [{"epoch": epoch, "val_accuracy": 0.1} for epoch in range(1, epochs + 1)]
    return Checkpoint(identity, history, [{"first_epoch": 1}], values * 6, values[:1])


def assert_same(found, expected):
    assert (found.identity, found.history) == (expected.identity, expected.history)
    assert found.sessions == expected.sessions
    for name in ("values", "best"):
        for one, other in zip(getattr(found, name), getattr(expected, name), strict=True):
            assert one.dtype == other.dtype
            np.testing.assert_array_equal(one, other)


def test_what_is_saved_is_loaded(tmp_path):
    folder = checkpoints.folder(tmp_path, "tiny-quick", 0)
    assert checkpoints.load(folder) is None
    for epochs in (1, 2):
        checkpoints.save(folder, state(epochs))
        assert_same(checkpoints.load(folder), state(epochs))
    assert [path.name for path in folder.iterdir()] == ["state.npz"]


@pytest.mark.parametrize(("module", "call"), [(np, "savez"), (os, "fsync")])
def test_a_full_disk_keeps_the_last_state(tmp_path, monkeypatch, module, call):
    def full(*arguments, **keywords):
        raise OSError(28, "No space left on device")

    checkpoints.save(tmp_path, state(1))
    monkeypatch.setattr(module, call, full)
    with pytest.raises(RunError, match=r"npz: cannot be written .*No space.*is kept") as caught:
        checkpoints.save(tmp_path, state(2))
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["state.npz"]
    assert_same(checkpoints.load(tmp_path), state(1))


def test_damage_is_one_line(tmp_path):
    checkpoints.save(tmp_path, state(1))
    read_damaged(tmp_path / "state.npz", tmp_path / "state.npz", lambda: checkpoints.load(tmp_path))


def test_a_checkpoint_of_another_version_is_refused(tmp_path):
    np.savez(tmp_path / "state.npz", identity="{}", history="[]")
    with pytest.raises(RunError, match=r"state.npz: is no checkpoint .*delete it to begin again"):
        checkpoints.load(tmp_path)
