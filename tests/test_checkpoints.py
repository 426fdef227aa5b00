"""Checkpoints: the last state survives every fault of the next one's writing."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest
from faults import Bomb, read_damaged

from fer_lib import files, runs
from fer_lib.errors import RunError
from fer_lib.training import checkpoints, machine
from fer_lib.training.checkpoints import Checkpoint

IDENTITY = {"model": "tiny", "recipe": {"name": "quick"}, "seed": 0}


def history(*accuracies):
    """A history with these validation accuracies."""
    row = dict.fromkeys(runs.HISTORY_COLUMNS, 0.1)
    return [
        {**row, "epoch": epoch, "val_accuracy": accuracy}
        for epoch, accuracy in enumerate(accuracies, start=1)
    ]


def values(epoch):
    return [np.full((3, 2), epoch, np.float32), np.array([epoch, 2**32 - 1], np.uint32)]


def save(folder, *accuracies):
    """Saves as training does after the last of these epochs."""
    epoch = len(accuracies)
    if checkpoints.best_epoch(history(*accuracies)) == epoch:
        checkpoints.save_best(folder, epoch, values(epoch))
    checkpoints.save(folder, Checkpoint(IDENTITY, history(*accuracies), values(epoch)))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def assert_values(found, epoch):
    for one, other in zip(found, values(epoch), strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


def test_what_is_saved_is_loaded(tmp_path):
    assert checkpoints.load(tmp_path) is None
    save(tmp_path, 0.1)
    loaded = checkpoints.load(tmp_path)
    assert (loaded.identity, loaded.history) == (IDENTITY, history(0.1))
    assert_values(loaded.values, 1)
    assert loaded.sessions == []


def test_sessions_are_kept_and_damaged_ones_refused(tmp_path):
    session = machine.session(1)
    checkpoints.save(tmp_path, Checkpoint(IDENTITY, history(0.1), values(1), [session]))
    assert checkpoints.load(tmp_path).sessions == [session]
    for damaged in ("{", "{}", "[1]", '[{"first_epoch": "1"}]'):
        write_state(tmp_path, SOUND, ROW % 0, sessions=np.array(damaged))
        with pytest.raises(RunError, match="its sessions are damaged; delete it"):
            checkpoints.load(tmp_path)


def test_values_keep_their_order_beyond_ten(tmp_path):
    many = [np.array(number) for number in range(123)]
    checkpoints.save(tmp_path, Checkpoint(IDENTITY, history(0.1), many))
    assert [int(value) for value in checkpoints.load(tmp_path).values] == list(range(123))


def test_best_is_the_first_of_the_highest():
    assert checkpoints.best_epoch(history(0.1, 0.3, 0.2, 0.3)) == 2


def test_only_the_best_epoch_is_kept(tmp_path):
    for count in range(1, 5):
        save(tmp_path, *[0.1, 0.3, 0.2, 0.3][:count])
    assert names(tmp_path) == ["best-2.npz", "state.npz"]
    assert_values(checkpoints.load_best(tmp_path, 2), 2)


def test_best_before_the_state_that_counts_it(tmp_path):
    """Killed between the two writes: the old state still finds the best epoch that it knows."""
    save(tmp_path, 0.1)
    checkpoints.save_best(tmp_path, 2, values(2))
    known = checkpoints.load(tmp_path).history
    assert_values(checkpoints.load_best(tmp_path, checkpoints.best_epoch(known)), 1)


def test_half_written_files_are_removed(tmp_path):
    (tmp_path / "tmpabc.part").write_bytes(b"half")
    save(tmp_path, 0.1)
    assert names(tmp_path) == ["best-1.npz", "state.npz"]


def full(*arguments, **keywords):
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(("module", "call"), [(np, "savez"), (os, "fsync"), (os, "replace")])
def test_disk_full_keeps_the_last_state(tmp_path, monkeypatch, module, call):
    save(tmp_path, 0.1)
    with monkeypatch.context() as patch:
        patch.setattr(module, call, full)
        with pytest.raises(RunError, match=r"npz: cannot be written .*No space.*is kept") as caught:
            save(tmp_path, 0.1, 0.2)
    assert "\n" not in str(caught.value)
    assert_values(checkpoints.load(tmp_path).values, 1)
    assert_values(checkpoints.load_best(tmp_path, 1), 1)
    assert not list(tmp_path.glob("*.part"))
    save(tmp_path, 0.1, 0.2)
    assert names(tmp_path) == ["best-2.npz", "state.npz"]


def test_file_and_folder_are_on_the_disk(tmp_path, monkeypatch):
    synced = []

    def record(descriptor):
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)

    monkeypatch.setattr(os, "fsync", record)
    checkpoints.save_best(tmp_path, 1, values(1))
    assert synced[0].endswith(".part")
    assert synced[1:] == [tmp_path.name]


def test_remove(tmp_path):
    save(tmp_path, 0.1)
    checkpoints.remove(tmp_path)
    assert not tmp_path.exists()
    checkpoints.remove(tmp_path)


# Damaged -----------------------------------------------------------------------------------------


def write_state(folder, identity, past, **arrays):
    np.savez(folder / "state.npz", identity=np.array(identity), history=np.array(past), **arrays)


SOUND = '{"recipe": {}}'
ROW = '[{"epoch": 1, "accuracy": 0, "loss": 0, "val_accuracy": %s, "val_loss": 0,'
ROW += ' "learning_rate": 0, "seconds": 0}]'


@pytest.mark.parametrize(
    ("identity", "past"),
    [
        ("{", "[]"),
        (SOUND, "[]"),
        ("[]", ROW % 0),
        (SOUND, "{}"),
        (SOUND, "[1]"),
        (SOUND, '[{"val_accuracy": 0}]'),
        (SOUND, ROW % '"high"'),
        (SOUND, ROW % "NaN"),
        (SOUND, ROW % "1e999"),
        (SOUND, "[" * 100_000),
        ([0.5, 1], ROW % 0),
        ("{}", ROW % 0),
        ('{"recipe": "original"}', ROW % 0),
    ],
)
def test_damaged_texts(tmp_path, identity, past):
    write_state(tmp_path, identity, past)
    for read in (checkpoints.load, checkpoints.look):
        with pytest.raises(RunError, match=r"state.npz: .*delete it to begin again"):
            read(tmp_path)


def test_the_texts_of_these_tests_are_sound_otherwise(tmp_path):
    write_state(tmp_path, SOUND, ROW % 0)
    assert checkpoints.load(tmp_path).values == []
    assert checkpoints.look(tmp_path)[0] == {"recipe": {}}


def test_missing_or_damaged_best_names_the_folder_to_delete(tmp_path):
    for content in (None, b"PK\x03\x04"):
        if content:
            checkpoints.best_file(tmp_path, 3).write_bytes(content)
        with pytest.raises(RunError, match=r"best-3.npz: cannot be read .*delete the folder"):
            checkpoints.load_best(tmp_path, 3)


def test_a_file_that_may_not_be_read_is_not_called_damaged(tmp_path, monkeypatch):
    save(tmp_path, 0.1)

    def refuse(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(files.zipfile, "ZipFile", refuse)
    with pytest.raises(RunError, match=r"state.npz: cannot be read .*; make it readable, or try"):
        checkpoints.load(tmp_path)


def test_others_may_look_at_a_checkpoint(tmp_path):
    save(tmp_path, 0.1)
    assert checkpoints.state_file(tmp_path).stat().st_mode & 0o777 == 0o644


def test_a_large_model_can_be_read_back_but_no_bomb(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "LARGEST", 10_000)
    file = tmp_path / "large.npz"
    np.savez(file, a=np.zeros(10_000, np.uint8))
    assert files.read_arrays(file, "")["a"].sum() == 0
    np.savez_compressed(file, a=np.zeros(20_000, np.uint8))
    with pytest.raises(RunError, match="it unpacks to 20"):
        files.read_arrays(file, "")


def test_nothing_is_unpickled(tmp_path):
    bomb = np.array([Bomb(tmp_path / "exploded")], dtype=object)
    write_state(tmp_path, SOUND, ROW % 0, **{"0000": bomb})
    with pytest.raises(RunError, match=r"state.npz: cannot be read .*allow_pickle=False"):
        checkpoints.load(tmp_path)
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize("name", ["state.npz", "best-1.npz"])
def test_damaged_bytes_give_our_error_only(tmp_path, name):
    save(tmp_path, 0.1)

    def read():
        loaded = checkpoints.load(tmp_path)
        best = checkpoints.load_best(tmp_path, 1)
        # The archive's checksums leave nothing else to be read than what was written.
        assert loaded.history == history(0.1)
        assert_values(loaded.values, 1)
        assert_values(best, 1)

    read_damaged(tmp_path / name, tmp_path / name, read)


def test_a_member_hidden_by_a_damaged_list_is_missed(tmp_path):
    """The first entry of the zip's list says that all that follows is its comment."""
    save(tmp_path, 0.1)
    file = tmp_path / "best-1.npz"
    content = bytearray(file.read_bytes())
    entry, following = content.find(b"PK\1\2"), content.rfind(b"PK\1\2")
    end = content.rfind(b"PK\5\6")
    content[entry + 32 : entry + 34] = (end - following).to_bytes(2, "little")
    file.write_bytes(content)
    with pytest.raises(RunError, match=r"best-1\.npz: cannot be read \(members are missing\)"):
        checkpoints.load_best(tmp_path, 1)
