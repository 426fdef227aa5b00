"""Checkpoints: what is saved is loaded, and the last state survives faults of the next write."""

import os

import numpy as np
import pytest
from faults import full

from fer_lib.errors import RunError
from fer_lib.training import checkpoints
from fer_lib.training.checkpoints import Checkpoint


def state(epochs):
    values = [np.full((3, 2), epochs, np.float32), np.array([epochs, 2**32 - 1], np.uint32)]
    identity = {"model": "tiny", "recipe": {"name": "quick"}, "seed": 0}
    history = [{"epoch": epoch, "val_accuracy": 0.1} for epoch in range(1, epochs + 1)]
    return Checkpoint(identity, history, [{"first_epoch": 1}], values * 6, values[:1])


@pytest.mark.parametrize(("module", "call"), [(np, "savez"), (os, "fsync")])
def test_a_full_disk_keeps_the_last_state(tmp_path, monkeypatch, module, call):
    checkpoints.save(tmp_path, state(1))
    monkeypatch.setattr(module, call, full)
    with pytest.raises(RunError, match=r"npz: cannot be written .*No space.*is kept") as caught:
        checkpoints.save(tmp_path, state(2))
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["state.npz"]
    np.testing.assert_equal(vars(checkpoints.load(tmp_path)), vars(state(1)))


def test_a_checkpoint_of_another_version_is_refused(tmp_path):
    np.savez(tmp_path / "state.npz", identity="{}", history="[]")
    with pytest.raises(RunError, match=r"state.npz: is no checkpoint .*delete it to begin again"):
        checkpoints.load(tmp_path)
