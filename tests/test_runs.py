"""Run folders: written whole or not at all, read without trusting a byte of them."""

import json
import os
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from faults import BUDGET, Bomb, damaged, read_damaged
from hypothesis import given
from hypothesis import strategies as st

from fer_lib import evaluation, runs
from fer_lib.errors import RunError

COUNT = 14
SPLITS = ("train", *runs.SPLITS)


def predictions():
    random = np.random.default_rng(0)
    arrays = {}
    for split in runs.SPLITS:
        arrays[f"{split}_labels"] = (np.arange(COUNT) % 7).astype(np.uint8)
        for name in (split, f"{split}_best"):
            arrays[name] = random.dirichlet(np.ones(7), COUNT).astype(np.float32)
    return arrays


def figures(arrays):
    return {
        f"{split}{end}": evaluation.metrics(arrays[f"{split}_labels"], arrays[f"{split}{end}"])
        for split in runs.SPLITS
        for end in ("", "_best")
    }


FIGURES = figures(predictions())
INFO = {
    "name": "tiny-quick",
    "model": "tiny",
    "recipe": {"name": "quick", "epochs": 2},
    "seed": 0,
    "data": {"name": "noise", "fingerprint": "0" * 64, "counts": dict.fromkeys(SPLITS, [2] * 7)},
    "metrics": FIGURES,
    "best_epoch": 2,
    "multiply_adds": 7,
    "backend": "tensorflow",
    "versions": {"keras": "3"},
    "device": "CPU",
    "machine": {"processor": "any"},
    "started": "2026-01-01T00:00:00+00:00",
    "finished": "2026-01-01T00:01:00+00:00",
}
HISTORY = pd.DataFrame(
    [[1, 0.3, 1.8, 0.2, 1.9, 1e-3, 2.5], [2, 0.4, 1.7, 0.3, 1.8, 9e-4, 2.4]],
    columns=runs.HISTORY_COLUMNS,
)


@pytest.fixture
def run(tmp_path):
    return runs.write(tmp_path / "tiny-quick" / "seed0", INFO, HISTORY, predictions())


def use_all(folder):
    """Reads everything that a run folder holds."""
    run = runs.read(folder)
    assert run.metrics == run.info["metrics"]
    return run.info, run.history, run.predictions


# Whole -------------------------------------------------------------------------------------------


def test_what_is_written_is_read(run):
    info, history, arrays = use_all(run.folder)
    assert info == {"format": 1, **INFO}
    pd.testing.assert_frame_equal(history, HISTORY)
    for name, values in predictions().items():
        np.testing.assert_array_equal(arrays[name], values)
    assert runs.read(run.folder).probabilities("test", best=True).dtype == np.float32
    assert run.folder.stat().st_mode & 0o777 == 0o755
    assert (run.name, run.model, run.seed) == ("tiny-quick", "tiny", 0)


@pytest.mark.parametrize("sessions", [{}, [1], [{"first_epoch": 1, "device": "CPU"}]])
def test_damaged_sessions_are_refused(run, sessions):
    (run.folder / "run.json").write_text(json.dumps(run.info | {"sessions": sessions}))
    with pytest.raises(RunError, match="sessions are damaged; restore the file, or delete"):
        runs.read(run.folder)


def test_a_finished_run_is_not_overwritten(run):
    with pytest.raises(RunError, match="holds a finished run"):
        runs.write(run.folder, INFO, HISTORY, predictions())


def test_find_orders_and_skips_what_is_no_run(run, tmp_path):
    for name, seed in [("other-quick", 1), ("other-quick", 0)]:
        info = {**INFO, "name": name, "seed": seed}
        runs.write(runs.folder(tmp_path, name, seed), info, HISTORY, predictions())
    # What a killed final write, an unfinished training and the data set's record leave.
    shutil.copytree(run.folder, run.folder.with_name(".seed0-abcd"))
    shutil.copytree(run.folder, tmp_path / ".checkpoints" / "tiny-quick-seed0")
    (tmp_path / "data" / "0123").mkdir(parents=True)
    found = [(found.name, found.seed) for found in runs.find(tmp_path)]
    assert found == [("other-quick", 0), ("other-quick", 1), ("tiny-quick", 0)]


def test_find_in_a_folder_that_is_not_there(tmp_path):
    assert runs.find(tmp_path / "none") == []


def test_find_in_what_is_no_folder(tmp_path):
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("")
    link.symlink_to(tmp_path / "gone")
    for root in (file, link):
        with pytest.raises(RunError, match=f"{root.name}: is no folder"):
            runs.find(root)


def test_leftovers_of_a_killed_write_are_removed(tmp_path):
    folder = tmp_path / "tiny-quick" / "seed1"
    leftover = folder.with_name(".seed1-abcd")
    other = folder.with_name(".seed10-abcd")
    for path in (leftover, other):
        path.mkdir(parents=True)
        (path / "history.csv").write_text("epoch\n")
    runs.write(folder, INFO, HISTORY, predictions())
    assert sorted(path.name for path in folder.parent.iterdir()) == [".seed10-abcd", "seed1"]


def test_everything_is_on_the_disk_before_it_counts(tmp_path, monkeypatch):
    folder = tmp_path / "tiny-quick" / "seed0"
    synced = []

    def record(descriptor):
        name = Path(f"/proc/self/fd/{descriptor}").readlink().name
        synced.append((name, runs.exists(folder)))

    monkeypatch.setattr(os, "fsync", record)
    runs.write(folder, INFO, HISTORY, predictions())
    before = {name for name, there in synced if not there}
    assert before > {"run.json", "history.csv", "predictions.npz"}
    assert synced[-1] == ("tiny-quick", True)


@pytest.mark.parametrize("call", ["fsync", "mkdir"])
def test_a_write_that_fails_leaves_nothing(tmp_path, monkeypatch, call):
    def full(*arguments, **keywords):
        raise OSError(28, "No space left on device")

    folder = tmp_path / "tiny-quick" / "seed0"
    with monkeypatch.context() as patch:
        patch.setattr(os, call, full)
        with pytest.raises(RunError, match=r"seed0: cannot be written .*No space left.*make room"):
            runs.write(folder, INFO, HISTORY, predictions())
    assert list(tmp_path.rglob("*seed*")) == []
    assert runs.write(folder, INFO, HISTORY, predictions()).folder == folder


# Damaged -----------------------------------------------------------------------------------------


def edited(**changes):
    return json.dumps({"format": 1, **INFO, **changes})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "cannot be read"),
        ("[]", "not a run"),
        ("null", "not a run"),
        ('"run"', "not a run"),
        ('{"format": 1}', "not a run, it lacks"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 100_000, "nested too deeply"),
        ("9" * 5000, "cannot be read"),
        (edited(format=2), "format 2, this version reads 1"),
        (edited(format=[]), r"format \[\]"),
        (edited(metrics=None), "metrics is not of type dict"),
        (edited(metrics=FIGURES | {"test": None}), "metrics of test lack"),
        (edited(metrics={"validation": FIGURES["test"]}), "metrics of validation_best lack"),
        (
            edited(metrics=FIGURES | {"test": FIGURES["test"] | {"accuracy": "high"}}),
            "metrics of test lack one of accuracy",
        ),
        (edited(best_epoch="2"), "best_epoch is not of type int"),
        (edited(data=INFO["data"] | {"counts": {"train": [2] * 7}}), "data has no counts"),
        (edited(data=INFO["data"] | {"counts": [2] * 7}), "data has no counts"),
        (edited(metrics={"test": {"accuracy": float("nan")}}), "NaN is not a number of JSON"),
        (edited(seed=float("inf")), "Infinity is not a number of JSON"),
        (edited(seed=True), "seed is not of type int"),
        (edited(name=7), "name is not of type str"),
        (edited(recipe=[]), "recipe is not of type dict"),
        (edited(recipe={}), "recipe has no name"),
        (edited(recipe={"name": "quick", "epochs": True}), "recipe has no epochs"),
        (edited(recipe=INFO["recipe"] | {"precision": []}), "precision of recipe is not of type s"),
        (edited(recipe=INFO["recipe"] | {"counts_as": []}), "counts_as of recipe is not of type s"),
        (edited(recipe=INFO["recipe"] | {"l2": "low"}), "l2 of recipe is not of type float"),
        (edited(seconds="long"), "seconds is not a number; restore"),
        (edited(seconds=None), "seconds is not a number; restore"),
        (edited(seconds=True), "seconds is not a number; restore"),
        (edited(backend=None), "backend is not of type str"),
        (edited(versions=[]), "versions is not of type dict"),
        (edited(started="2026-01-01T00:00:00"), "started is no time"),
        (edited(finished="today"), "finished is no time"),
        (edited(finished=None), "finished is not of type str"),
        (edited(machine=None), "machine is not of type dict"),
        (edited(device=[]), "device is not of type str"),
        (edited(data=[]), "data is not of type dict"),
        (edited(data={"name": "FER2013"}), "data has no fingerprint"),
    ],
)
def test_damaged_run_json(run, content, message):
    (run.folder / "run.json").write_text(content)
    with pytest.raises(RunError, match=f"run.json: .*{message}") as caught:
        runs.read(run.folder)
    assert "\n" not in str(caught.value)


def test_run_json_of_other_bytes(run):
    (run.folder / "run.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RunError, match=r"run.json: cannot be read"):
        runs.read(run.folder)


def test_missing_run(tmp_path):
    with pytest.raises(RunError, match="no such run; train it"):
        runs.read(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "cannot be read"),
        ("epoch\n1\n", "no column accuracy, loss"),
        (",".join(runs.HISTORY_COLUMNS) + "\n", "no rows"),
        (",".join(runs.HISTORY_COLUMNS) + "\n1,0.1,0.1,0.1,0.1,0.1,soon\n", "not a number"),
        (",".join(runs.HISTORY_COLUMNS) + "\n1,0.1,,0.1,0.1,0.1,1\n", "not a number"),
        (",".join(runs.HISTORY_COLUMNS) + "\n1,0.1,inf,0.1,0.1,0.1,1\n", "not a number"),
        (",".join(runs.HISTORY_COLUMNS) + "\n2,0.1,1,0.1,0.1,0.1,1\n", "do not count from 1"),
        (HISTORY[:1].to_csv(index=False), "do not count from 1 to 2"),
        (HISTORY.assign(val_accuracy=0.3).to_csv(index=False), "another best epoch"),
    ],
)
def test_damaged_history(run, content, message):
    (run.folder / "history.csv").write_text(content)
    with pytest.raises(RunError, match=f"history.csv: .*{message}"):
        _ = runs.read(run.folder).history


def spoilt(name, values):
    return {**predictions(), name: values}


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({}, "lacks validation_labels"),
        (spoilt("test", np.ones((3, 7), np.float32)), r"test has shape \(3, 7\)"),
        (spoilt("test", np.full((COUNT, 7), np.nan, np.float32)), "test are not probabilities"),
        (spoilt("test_best", np.full((COUNT, 7), 2.0)), "test_best are not probabilities"),
        (spoilt("test_best", np.full((COUNT, 7), "1")), "test_best are not probabilities"),
        (spoilt("test_labels", np.full(COUNT, 7)), "test_labels are not labels"),
        (spoilt("test_labels", np.full(COUNT, 0.5)), "test_labels are not labels"),
        (spoilt("validation_labels", np.array(3)), "validation_labels are not labels"),
        (spoilt("test_labels", np.full(COUNT, 3)), "run.json has other counts of test labels"),
    ],
)
def test_damaged_predictions(run, arrays, message):
    np.savez(run.folder / "predictions.npz", **arrays)
    with pytest.raises(RunError, match=f"predictions.npz: .*{message}"):
        _ = runs.read(run.folder).predictions


@pytest.mark.parametrize("epochs", [3, 30_000_000, 10**20])
def test_a_recipe_of_other_epochs_than_the_history(run, epochs):
    (run.folder / "run.json").write_text(edited(recipe={"name": "quick", "epochs": epochs}))
    with pytest.raises(RunError, match=f"do not count from 1 to {epochs}"):
        _ = runs.read(run.folder).history


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("key", ["accuracy", "loss"])
def test_metrics_are_those_of_the_predictions(run, name, key):
    changed = FIGURES | {name: FIGURES[name] | {key: FIGURES[name][key] + 0.001}}
    (run.folder / "run.json").write_text(edited(metrics=changed))
    with pytest.raises(RunError, match=f"run.json: {key} of {name} is .*, predictions.npz gives"):
        _ = runs.read(run.folder).metrics


def test_a_run_in_the_folder_of_another_is_refused(run, tmp_path):
    shutil.copytree(run.folder, run.folder.with_name("seed1"))
    with pytest.raises(RunError, match=r"seed1: holds the run tiny-quick, seed 0; delete"):
        runs.find(tmp_path)
    shutil.rmtree(run.folder)
    with pytest.raises(RunError, match=r"seed 0; move it to .*tiny-quick/seed0"):
        runs.find(tmp_path)


def test_a_folder_without_its_run_json_is_not_written_over(run):
    (run.folder / "run.json").unlink()
    with pytest.raises(RunError, match=r"seed0: is there, but holds no run.json; move it away"):
        runs.write(run.folder, INFO, HISTORY, predictions())
    assert (run.folder / "history.csv").exists()


def test_whole_numbers_are_numbers_too(run):
    recipe = INFO["recipe"] | {"l2": 0, "precision": "mixed_bfloat16"}
    (run.folder / "run.json").write_text(edited(seconds=5, recipe=recipe))
    assert runs.read(run.folder).info["seconds"] == 5


def test_obstacles_around_a_runs_place_are_named(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    for path in (runs.folder(file, "tiny-quick", 0), file / "seed0"):
        with pytest.raises(RunError, match=r"file: is no folder, but .*seed0 .*; move it away"):
            runs.check_free(path)
    link = tmp_path / "seed0"
    link.symlink_to(tmp_path / "gone")
    with pytest.raises(RunError, match=r"seed0: is a link to no run; delete the link"):
        runs.check_free(link)
    runs.check_free(tmp_path / "new" / "tiny-quick" / "seed0")


def test_nothing_is_unpickled(run, tmp_path):
    bomb = np.array([Bomb(tmp_path / "exploded")], dtype=object)
    file = run.folder / "predictions.npz"
    np.savez(file, **spoilt("test", bomb))
    with pytest.raises(RunError, match=r"predictions.npz: cannot be read .*allow_pickle=False"):
        _ = runs.read(run.folder).predictions
    bomb.dump(file)
    with pytest.raises(RunError, match=r"predictions.npz: cannot be read"):
        _ = runs.read(run.folder).predictions
    np.load(file, allow_pickle=True)
    assert (tmp_path / "exploded").exists(), "the bomb was a dud"


def test_a_file_that_unpacks_to_gigabytes_is_refused(run, monkeypatch):
    monkeypatch.setattr("fer_lib.files.LARGEST", 2**20)
    np.savez_compressed(run.folder / "predictions.npz", test=np.zeros(2**19))
    with pytest.raises(RunError, match=r"unpacks to \d+ bytes"):
        _ = runs.read(run.folder).predictions


# Fuzzed ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["run.json", "history.csv", "predictions.npz"])
def test_damaged_bytes_give_our_error_only(run, name):
    read_damaged(run.folder / name, run.folder, lambda: use_all(run.folder))


def test_damaged_arrays_in_a_sound_archive_give_our_error_only(run):
    """The archive's checksums are right: only the array's own header and bytes are not."""
    file = run.folder / "predictions.npz"
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}

    @BUDGET
    @given(damaged(members["test.npy"][:160]))
    def read(content):
        with zipfile.ZipFile(file, "w") as archive:
            for name, whole in members.items():
                archive.writestr(name, content + whole[160:] if name == "test.npy" else whole)
        try:
            use_all(run.folder)
        except RunError as error:
            assert "predictions.npz" in str(error)

    read()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


def test_run_json_of_wrong_types_gives_our_error_only(run):
    file = run.folder / "run.json"

    @BUDGET
    @given(st.sampled_from(list(runs.REQUIRED_KEYS)), JSON)
    def read(key, value):
        file.write_text(json.dumps({"format": 1, **INFO, key: value}))
        try:
            info = runs.read(run.folder).info
        except RunError:
            return
        assert type(info[key]) is runs.REQUIRED_KEYS[key]
        runs.find(run.folder.parents[1])

    read()
