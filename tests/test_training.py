"""An interrupted run becomes the uninterrupted one; what does not belong together is refused."""

import dataclasses
import functools
import json
import math
import signal

import keras
import numpy as np
import pytest
import tiny
import tiny_runs
from tiny_runs import assert_same, train

from fer_lib import data, models, runs
from fer_lib.errors import RunError, TrainingError
from fer_lib.training import checkpoints, fitting, machine


def scratch(root, recipe=tiny.RECIPE, seed=0):
    return checkpoints.folder(root, f"{tiny.NAME}-{recipe.name}", seed)


def saved_epochs(root):
    return len(checkpoints.load(scratch(root)).history)


@pytest.fixture(scope="module")
def whole(tmp_path_factory, tiny_dataset):
    """The uninterrupted run. Do not write into its folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(models.MODELS, tiny.NAME, tiny.model)
        return train(tmp_path_factory.mktemp("whole"), tiny_dataset)


STEPS_AN_EPOCH = math.ceil(tiny.SIZES[0] / tiny.RECIPE.batch_size)


def after_step(patch, number, act):
    """Lets something happen to the model after a step, counted from 1 over all epochs."""
    step = keras.Model.train_on_batch

    def acting(self, *arguments, **keywords):
        logs = step(self, *arguments, **keywords)
        if int(self.optimizer.iterations) == number:
            act(self)
        return logs

    patch.setattr(keras.Model, "train_on_batch", acting)


@pytest.fixture
def interrupt(monkeypatch):
    """Lets Ctrl-C be pressed in an epoch (counted from 1), after some of its batches."""
    # A shell lets its background jobs ignore it.
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)

    def press(model):
        monkeypatch.undo()
        monkeypatch.setitem(models.MODELS, tiny.NAME, tiny.model)
        signal.raise_signal(signal.SIGINT)

    yield lambda epoch, batches: after_step(
        monkeypatch, (epoch - 1) * STEPS_AN_EPOCH + batches, press
    )
    signal.signal(signal.SIGINT, usual)


# What a run leaves behind ------------------------------------------------------------------------


def test_run_says_what_it_is(whole, tiny_dataset):
    info = json.loads((whole.folder / "run.json").read_text())
    assert whole.folder.parts[-2:] == ("tiny-quick", "seed0")
    assert (info["name"], info["model"], info["seed"]) == ("tiny-quick", "tiny", 0)
    assert info["recipe"] == dataclasses.asdict(tiny.RECIPE)
    assert info["data"] == {
        "name": "noise",
        "fingerprint": tiny_dataset.fingerprint,
        "counts": tiny_dataset.counts,
    }
    assert info["backend"] == machine.backend()
    assert info["versions"]["keras"] == keras.__version__
    assert info["code"] == machine.source_digest()
    assert info["parameters"] == sum(layer["parameters"] for layer in info["layers"])
    assert info["started"] <= info["finished"]


def test_history_has_a_row_an_epoch(whole):
    assert list(whole.history.columns) == list(runs.HISTORY_COLUMNS)
    assert whole.history["epoch"].tolist() == [1, 2, 3, 4]
    steps = math.ceil(tiny.SIZES[0] / tiny.RECIPE.batch_size)
    expected = [1e-3 * 0.98 ** (epoch * steps / 1000) for epoch in (1, 2, 3, 4)]
    np.testing.assert_allclose(whole.history["learning_rate"], expected, rtol=1e-5)
    assert whole.info["best_epoch"] == 1 + whole.history["val_accuracy"].argmax()


def test_predictions_are_in_the_order_of_the_data(whole, tiny_dataset):
    for split in runs.SPLITS:
        np.testing.assert_array_equal(whole.labels(split), getattr(tiny_dataset, split).labels)
        np.testing.assert_allclose(whole.probabilities(split).sum(axis=1), 1, rtol=1e-5)
    accuracy = np.mean(whole.probabilities("validation").argmax(1) == whole.labels("validation"))
    assert accuracy == pytest.approx(whole.history["val_accuracy"].iloc[-1])
    best = np.mean(whole.probabilities("validation", True).argmax(1) == whole.labels("validation"))
    assert best == pytest.approx(whole.history["val_accuracy"].max())


def test_nothing_but_the_lock_stays_in_the_scratch_folder(whole):
    left = [path.name for path in (whole.folder.parents[1] / ".checkpoints").iterdir()]
    assert left == ["tiny-quick-seed0.lock"]


def test_another_seed_gives_another_run(whole, tmp_path, tiny_model, tiny_dataset):
    short = dataclasses.replace(tiny.RECIPE, epochs=1)
    other = train(tmp_path, tiny_dataset, short, seed=1)
    assert other.folder.name == "seed1"
    assert not np.array_equal(other.probabilities("test"), whole.probabilities("test"))
    assert other.history["loss"][0] != whole.history["loss"][0]


# Interruption ------------------------------------------------------------------------------------


# In the first epoch, from which nothing is kept (so the same command gives the same run), in the
# middle of one, and after the last step of the last one.
@pytest.mark.parametrize(("epoch", "batches"), [(1, 2), (3, 1), (4, 5)])
def test_ctrl_c_costs_the_running_epoch_only(
    interrupt, whole, tmp_path, tiny_model, tiny_dataset, capsys, epoch, batches
):
    interrupt(epoch, batches)
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, tiny_dataset)
    assert not runs.exists(runs.folder(tmp_path, "tiny-quick", 0))
    if epoch > 1:
        assert saved_epochs(tmp_path) == epoch - 1
    capsys.readouterr()
    assert_same(train(tmp_path, tiny_dataset), whole)
    printed = capsys.readouterr().out
    assert printed.count("\n") == 4 - epoch + 1 + (epoch > 1)
    assert (f"resuming after epoch {epoch - 1}" in printed) == (epoch > 1)


def test_what_each_session_was_made_with_is_recorded(unfinished, whole, tiny_dataset, monkeypatch):
    monkeypatch.setattr(machine, "device", lambda: "another card")
    info = train(unfinished, tiny_dataset).info
    made = [(session["first_epoch"], session["device"]) for session in info["sessions"]]
    assert made == [(1, "CPU"), (2, "another card")]
    assert [session["first_epoch"] for session in whole.info["sessions"]] == [1]


def test_interrupted_before_the_final_write(whole, tmp_path, tiny_model, tiny_dataset):
    tiny_runs.interrupt(tmp_path, tiny_dataset, runs, "write")
    assert saved_epochs(tmp_path) == 4
    assert_same(train(tmp_path, tiny_dataset), whole)


def test_finished_run_is_read_not_trained(tmp_path, tiny_model, tiny_dataset, monkeypatch, capsys):
    short = dataclasses.replace(tiny.RECIPE, epochs=1)
    first = train(tmp_path, tiny_dataset, short)
    # The process was killed before it could clean up.
    scratch(tmp_path).mkdir()
    monkeypatch.setattr(fitting, "fit", lambda *_: pytest.fail("trained a model"))
    again = train(tmp_path, tiny_dataset, short)
    assert again.info == json.loads(json.dumps(first.info))
    *epochs, last = capsys.readouterr().out.splitlines()[-2:]
    assert [line.split()[1] for line in epochs] == ["1/1"]
    assert "nothing to train" in last
    assert not scratch(tmp_path).exists()


# What does not belong together -------------------------------------------------------------------


@pytest.fixture
def unfinished(tmp_path, tiny_model, tiny_dataset, interrupt):
    """A runs folder with a run that was interrupted in its second epoch."""
    interrupt(2, 1)
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, tiny_dataset)
    return tmp_path


def refused(root, message, dataset, recipe=tiny.RECIPE):
    """The call is refused in one line and touches neither the checkpoint nor the finished run."""
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    with pytest.raises(RunError, match=message) as caught:
        train(root, dataset, recipe)
    assert "\n" not in str(caught.value)
    assert before == {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_unfinished_run_is_not_mixed(unfinished, whole, tiny_dataset, monkeypatch):
    other = dataclasses.replace(tiny.RECIPE, batch_size=8, l2=1e-3)
    refused(unfinished, r"unfinished.*batch_size 16, not 8, l2 0.0, not 0.001", tiny_dataset, other)
    refused(unfinished, r"fingerprint \w+, not \w+", tiny.dataset(seed=1))
    train_split = data.Split(tiny_dataset.train.images[::-1], tiny_dataset.train.labels[::-1])
    turned = dataclasses.replace(tiny_dataset, train=train_split)
    refused(unfinished, r"parameters \(image_order \w+, not \w+\)", turned)
    with monkeypatch.context() as patch:
        patch.setattr(machine, "backend", lambda: "jax")
        refused(unfinished, r"backend tensorflow, not jax", tiny_dataset)
    assert_same(train(unfinished, tiny_dataset), whole)


def test_finished_run_is_not_replaced(tmp_path, tiny_model, tiny_dataset, monkeypatch):
    short = dataclasses.replace(tiny.RECIPE, epochs=1)
    train(tmp_path, tiny_dataset, short)
    refused(tmp_path, r"finished run.*epochs 1, not 4", tiny_dataset)
    refused(tmp_path, r"finished run.*fingerprint", tiny.dataset(seed=1), short)
    (tmp_path / "tiny-quick" / "seed1").mkdir()
    (tmp_path / "tiny-quick" / "seed1" / "history.csv").touch()
    with pytest.raises(RunError, match=r"seed1: is there, but holds no run.json"):
        train(tmp_path, tiny_dataset, short, seed=1)
    # On another backend a finished run is as good as here.
    monkeypatch.setattr(machine, "backend", lambda: "jax")
    assert train(tmp_path, tiny_dataset, short).info["backend"] == "tensorflow"


def test_runs_of_a_model_that_was_changed_are_refused(unfinished, whole, tiny_dataset, monkeypatch):
    """The same shapes and weights, so that nothing else would notice."""
    other = functools.partial(tiny.model, pooling=("average",))
    with monkeypatch.context() as patch:
        patch.setitem(models.MODELS, tiny.NAME, other)
        refused(unfinished, r"unfinished.*\(architecture \w+, not \w+\)", tiny_dataset)
    assert_same(train(unfinished, tiny_dataset), whole)
    monkeypatch.setitem(models.MODELS, tiny.NAME, other)
    refused(unfinished, r"finished run.*\(architecture \w+, not \w+\)", tiny_dataset)


def test_runs_from_before_the_architecture_was_kept(unfinished, whole, tiny_dataset):
    checkpoint = checkpoints.load(scratch(unfinished))
    del checkpoint.identity["architecture"]
    checkpoints.save(scratch(unfinished), checkpoint)
    run = train(unfinished, tiny_dataset)
    assert_same(run, whole)
    run.info.pop("architecture")
    (run.folder / "run.json").write_text(json.dumps(run.info))
    assert "architecture" not in train(unfinished, tiny_dataset).info


def test_a_label_for_the_report_makes_no_other_run(unfinished, whole, tiny_dataset):
    labelled = dataclasses.replace(tiny.RECIPE, counts_as="original")
    assert_same(train(unfinished, tiny_dataset, labelled), whole)


def test_recipe_that_has_grown_since(unfinished, whole, tiny_dataset, monkeypatch):
    """A field that a run's recipe lacks had its default value then."""
    checkpoint = checkpoints.load(scratch(unfinished))
    older = {key: value for key, value in checkpoint.identity["recipe"].items() if key != "l2"}
    identity = {**checkpoint.identity, "recipe": older}
    checkpoints.save(scratch(unfinished), dataclasses.replace(checkpoint, identity=identity))
    penalised = dataclasses.replace(tiny.RECIPE, l2=1e-3)
    refused(unfinished, r"l2 0.0, not 0.001", tiny_dataset, penalised)
    run = train(unfinished, tiny_dataset)
    assert_same(run, whole)
    run.info["recipe"].pop("l2")
    (run.folder / "run.json").write_text(json.dumps(run.info))
    assert train(unfinished, tiny_dataset).info["recipe"] == older
    refused(unfinished, r"l2 0.0, not 0.001", tiny_dataset, penalised)


def test_checkpoint_from_before_the_order_of_the_images_was_kept(unfinished, whole, tiny_dataset):
    checkpoint = checkpoints.load(scratch(unfinished))
    del checkpoint.identity["image_order"]
    checkpoints.save(scratch(unfinished), checkpoint)
    assert_same(train(unfinished, tiny_dataset), whole)


def test_recipe_of_a_later_version(unfinished, tiny_dataset):
    checkpoint = checkpoints.load(scratch(unfinished))
    checkpoint.identity["recipe"]["mixup"] = 0.2
    checkpoints.save(scratch(unfinished), checkpoint)
    refused(unfinished, r"mixup 0.2, which this version of fer_lib does not know", tiny_dataset)


# Not a number ------------------------------------------------------------------------------------


def spoil(model):
    """Leaves nothing but NaN in the weights."""
    for variable in model.trainable_variables:
        variable.assign(np.full(variable.shape, np.nan))


# An epoch has five steps: in the middle of the second, and after its last step, so that only the
# validation sees it.
@pytest.mark.parametrize("step", [7, 10])
def test_nan_names_the_epoch_and_keeps_the_one_before(
    whole, tmp_path, tiny_model, tiny_dataset, monkeypatch, step
):
    with monkeypatch.context() as patch:
        after_step(patch, step, spoil)
        with pytest.raises(TrainingError, match=r"^epoch 2: .*not a number.*epoch 1 is kept"):
            train(tmp_path, tiny_dataset)
    assert saved_epochs(tmp_path) == 1
    assert_same(train(tmp_path, tiny_dataset), whole)


def test_nan_in_the_first_epoch(tmp_path, tiny_model, tiny_dataset):
    hot = dataclasses.replace(tiny.RECIPE, learning_rate=1e30)
    with pytest.raises(TrainingError, match=r"^epoch 1: .*learning_rate"):
        train(tmp_path, tiny_dataset, hot)
    assert checkpoints.load(scratch(tmp_path)) is None
