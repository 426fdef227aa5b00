"""Whole faults: killed processes, two at once, full and read-only disks, other backends."""

import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tiny
import tiny_runs
from tiny_runs import assert_same

from fer_lib import models, paths, runs
from fer_lib.errors import RunError
from fer_lib.training import checkpoints, fitting, one_epoch

SHORT = dataclasses.replace(tiny.RECIPE, epochs=2)


def train(root, dataset, recipe=SHORT):
    return tiny_runs.train(root, dataset, recipe)


# Processes ---------------------------------------------------------------------------------------


def test_second_process_says_so_and_a_kill_frees_the_run(
    tmp_path, tiny_model, tiny_dataset, monkeypatch
):
    many = dataclasses.replace(tiny.RECIPE, epochs=10_000)
    first = subprocess.Popen(
        [sys.executable, tiny.__file__, tmp_path, str(many.epochs)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert first.stdout.readline().startswith("epoch   1/10000")
        with pytest.raises(RunError, match="tiny-quick-seed0: is being trained by another process"):
            train(tmp_path, tiny_dataset, many)
        assert first.stdout.readline().startswith("epoch   2/10000"), "the first must go on"
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
    # The lock is free and the work is there: the same command goes on from it.
    saved = len(checkpoints.load(checkpoints.folder(tmp_path, "tiny-quick", 0)).history)
    assert saved >= 2
    monkeypatch.setattr(one_epoch, "fit", lambda *arguments: pytest.exit(str(arguments[-1])))
    with pytest.raises(pytest.exit.Exception, match=f"^{saved + 1}$"):
        train(tmp_path, tiny_dataset, many)


def test_a_killed_training_ends_as_if_nothing_had_happened(tmp_path, tiny_model, tiny_dataset):
    recipe = dataclasses.replace(tiny.RECIPE, epochs=60)
    command = [sys.executable, tiny.__file__, tmp_path, str(recipe.epochs)]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert first.stdout.readline().startswith("epoch   1/")
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert not runs.exists(runs.folder(tmp_path, "tiny-quick", 0)), "it was finished already"
    resumed = train(tmp_path, tiny_dataset, recipe)
    assert_same(resumed, train(tmp_path / "whole", tiny_dataset, recipe))


# Copies the state after the first of two epochs, as an interruption would leave it.
BACKEND = """
import dataclasses, pathlib, shutil, sys
import tiny
from fer_lib import compiled_epoch, fitting, models, runs, training

if sys.argv[2] == "as on an accelerator":
    compiled_epoch.suits = lambda: True
models.MODELS[tiny.NAME] = tiny.model
recipe = dataclasses.replace(tiny.RECIPE, epochs=2)
whole, resumed = pathlib.Path(sys.argv[1], "whole"), pathlib.Path(sys.argv[1], "resumed")
time_left = fitting._time_left

def copying(history, epochs):
    if not resumed.exists():
        shutil.copytree(whole / ".checkpoints", resumed / ".checkpoints")
    return time_left(history, epochs)

fitting._time_left = copying
one = training.train(tiny.NAME, recipe, 0, tiny.dataset(), whole)
other = training.train(tiny.NAME, recipe, 0, tiny.dataset(), resumed)
columns = [column for column in runs.HISTORY_COLUMNS if column != "seconds"]
assert one.history[columns].equals(other.history[columns]), (one.history, other.history)
for name, values in one.predictions.items():
    assert (values == other.predictions[name]).all(), name
print(one.info["backend"], one.info["device"], "tensorflow" in sys.modules)
"""


@pytest.mark.parametrize(
    ("backend", "way"), [("jax", "step by step"), ("jax", "as on an accelerator"), ("torch", "")]
)
def test_other_backends_train_and_resume_without_tensorflow(tmp_path, backend, way):
    pytest.importorskip(backend)
    done = subprocess.run(
        [sys.executable, "-c", BACKEND, tmp_path, way],
        env={**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": str(Path(tiny.__file__).parent)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "resuming after epoch 1" in done.stdout
    assert done.stdout.splitlines()[-1].split()[0] == backend
    assert done.stdout.endswith("False\n")


def test_package_is_light():
    """No backend, and not even Keras, before a model is built."""
    code = "import sys, fer_lib.training, fer_lib.runs; print('keras' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=paths.ROOT
    )
    assert done.stdout == "False\n"


# Disks -------------------------------------------------------------------------------------------


@contextlib.contextmanager
def mounted(folder, options):
    """A file system of its own in a folder; only root on Linux may mount one."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if not hasattr(os, "geteuid") or os.geteuid() or subprocess.run(mount).returncode:
        pytest.skip("needs the right to mount a small file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def checkpoint_size():
    """Bytes of the tiny model's state and best epoch together."""
    model = fitting.build(tiny.NAME, SHORT, 0)
    fitting.prepare(model, SHORT, 1, tiny.SIZES[0])
    return sum(v.numpy().nbytes for v in [*model.variables, *fitting._state(model)])


def test_disk_full_during_training(tmp_path, tiny_model, tiny_dataset, capsys):
    """Room for the first epoch's state, not for the second's beside it."""
    size = checkpoint_size()
    with mounted(tmp_path / "full", f"size={int(1.3 * size)}") as root:
        with pytest.raises(RunError, match=r"npz: cannot be written .*No space left") as caught:
            train(root, tiny_dataset)
        assert "\n" not in str(caught.value)
        scratch = checkpoints.folder(root, "tiny-quick", 0)
        assert len(checkpoints.load(scratch).history) == 1
        assert not list(scratch.glob("*.part"))
        # Somebody makes room.
        subprocess.run(["mount", "-o", f"remount,size={4 * size}", root], check=True)
        capsys.readouterr()
        run = train(root, tiny_dataset)
        assert "resuming after epoch 1" in capsys.readouterr().out
        assert_same(run, train(tmp_path / "whole", tiny_dataset))


def test_disk_full_during_the_final_write(tmp_path, tiny_model, tiny_dataset, monkeypatch):
    size = checkpoint_size()
    with mounted(tmp_path / "full", f"size={3 * size}") as root:
        ballast = root / "ballast"
        write = runs.write

        def write_on_a_full_disk(*arguments):
            with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(2**12))
            return write(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(runs, "write", write_on_a_full_disk)
            with pytest.raises(RunError, match=r"seed0: cannot be written .*No space left"):
                train(root, tiny_dataset)
        assert not list(root.rglob(".seed0*"))
        assert not runs.exists(runs.folder(root, "tiny-quick", 0))
        ballast.unlink()
        monkeypatch.setattr(one_epoch, "fit", lambda *_: pytest.fail("trained again"))
        run = train(root, tiny_dataset)
        assert len(run.history) == 2
        assert len(run.predictions["test"]) == tiny.SIZES[2]


def test_read_only_runs_folder(tmp_path, tiny_model, tiny_dataset):
    with mounted(tmp_path / "fixed", "ro") as root:
        with pytest.raises(RunError, match=r"cannot be written .*Read-only.*choose another") as e:
            train(root, tiny_dataset)
        assert "\n" not in str(e.value)


def test_runs_folder_that_is_a_file(tmp_path, tiny_model, tiny_dataset):
    root = tmp_path / "runs"
    root.write_text("")
    with pytest.raises(RunError, match=r"cannot be written .*Not a directory.*choose another"):
        train(root, tiny_dataset)


@pytest.mark.parametrize("name", ["tiny-quick", "tiny-quick/seed0"])
def test_an_obstacle_is_found_before_training(
    tmp_path, tiny_model, tiny_dataset, monkeypatch, name
):
    monkeypatch.setattr(fitting, "fit", lambda *_: pytest.fail("trained"))
    place = tmp_path / name
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(tmp_path / "gone")
    with pytest.raises(RunError, match=f"{name}: is (no folder.*move|a link.*delete)"):
        train(tmp_path, tiny_dataset)
    place.unlink()
    place.write_text("")
    with pytest.raises(RunError, match=f"{name}: is (no folder|there).*move it away"):
        train(tmp_path, tiny_dataset)


# Damaged states ----------------------------------------------------------------------------------


def test_damage_is_seen_before_anything_is_trained(tmp_path, tiny_model, tiny_dataset, monkeypatch):
    """A lost best epoch, a model whose code has changed, values of another type."""
    tiny_runs.interrupt(tmp_path, tiny_dataset, fitting, "_time_left", SHORT)
    monkeypatch.setattr(one_epoch, "fit", lambda *_: pytest.fail("trained"))
    scratch = checkpoints.folder(tmp_path, "tiny-quick", 0)
    state = checkpoints.load(scratch)

    texts = [np.full(value.shape, "x") for value in state.values]
    checkpoints.save(scratch, dataclasses.replace(state, values=texts))
    with pytest.raises(RunError, match="values do not fit the model"):
        train(tmp_path, tiny_dataset)

    checkpoints.save(scratch, state)
    with monkeypatch.context() as patch:
        patch.setitem(
            models.MODELS, tiny.NAME, lambda: models.cnns.cnn(tiny.NAME, filters=(2, 2, 2))
        )
        with pytest.raises(RunError, match=r"other parameters \(architecture \w+, not \w+\)"):
            train(tmp_path, tiny_dataset)
        # A checkpoint from before that was kept.
        older = {key: held for key, held in state.identity.items() if key != "architecture"}
        checkpoints.save(scratch, dataclasses.replace(state, identity=older))
        with pytest.raises(RunError, match="values do not fit the model, which has been changed"):
            train(tmp_path, tiny_dataset)

    checkpoints.save(scratch, state)
    checkpoints.best_file(scratch, 1).unlink()
    with pytest.raises(RunError, match=r"best-1.npz: cannot be read .*delete the folder"):
        train(tmp_path, tiny_dataset)
