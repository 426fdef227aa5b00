"""An interrupted run becomes the uninterrupted one; what does not belong together is refused."""

import dataclasses
import itertools
import json
import subprocess
import sys

import keras
import numpy as np
import pytest
import report_runs
import tiny

from fer_lib import evaluation, models, recipes, runs, training
from fer_lib.errors import RunError, TrainingError
from fer_lib.training import augmentation, checkpoints, fitting, machine, one_epoch

SHORT = dataclasses.replace(tiny.RECIPE, epochs=1)
STEPS_AN_EPOCH = -(-tiny.SIZES[0] // tiny.RECIPE.batch_size)


def saved(root, name="tiny-quick"):
    """The epochs in a checkpoint."""
    state = checkpoints.load(checkpoints.folder(root, name, 0))
    return len(state.history) if state else 0


def at_step(patch, number, act):
    """Lets something happen to the model after a step, counted from 1 over all epochs."""
    step = keras.Model.train_on_batch

    def acting(self, *arguments, **keywords):
        logs = step(self, *arguments, **keywords)
        if int(self.optimizer.iterations) == number:
            act(self)
        return logs

    patch.setattr(keras.Model, "train_on_batch", acting)


def press_ctrl_c(*_):
    raise KeyboardInterrupt


def interrupt(root, epoch, batches, recipe=tiny.RECIPE):
    """Trains up to Ctrl-C after some batches of an epoch, counted from 1."""
    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        at_step(patch, (epoch - 1) * STEPS_AN_EPOCH + batches, press_ctrl_c)
        tiny.train(root, recipe)


def refused(root, message, *arguments, **keywords):
    """The call is refused in one line and touches neither the checkpoint nor the finished run."""
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    with pytest.raises(RunError, match=message) as caught:
        tiny.train(root, *arguments, **keywords)
    assert "\n" not in str(caught.value)
    assert before == {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


# What a run leaves behind ------------------------------------------------------------------------


def test_run_says_what_it_is(whole):
    info, recipe = runs.read(whole.folder).info, whole.recipe
    data = tiny.dataset()
    assert whole.folder.parts[-2:] == (f"tiny-{recipe['name']}", "seed0")
    assert (info["name"], info["model"], info["seed"]) == (f"tiny-{recipe['name']}", "tiny", 0)
    assert recipe == dataclasses.asdict(tiny.FULL)
    expected = {"name": "noise", "fingerprint": data.fingerprint, "counts": data.counts}
    assert info["data"] == expected
    assert (info["backend"], info["device"]) == (machine.backend(), machine.device())
    assert info["versions"]["keras"] == keras.__version__
    assert {"fer_lib", "python", "numpy"} <= set(info["versions"])
    assert info["backend"] in {name.removesuffix("-cpu") for name in info["versions"]}
    assert {"processor", "cores"} <= set(info["machine"])
    assert info["parameters"] == sum(layer["parameters"] for layer in info["layers"])
    assert info["started"] <= info["finished"]
    assert [session["first_epoch"] for session in info["sessions"]] == [1]
    assert whole.history["epoch"].tolist() == [1, 2, 3, 4]
    assert info["best_epoch"] == 1 + whole.history["val_accuracy"].argmax()
    left = [path.name for path in (whole.folder.parents[1] / ".checkpoints").iterdir()]
    assert left == [f"{whole.name}-seed0.lock"]


def test_predictions_are_in_the_order_of_the_data(whole):
    for split in runs.HELD_OUT:
        np.testing.assert_array_equal(whole.labels(split), getattr(tiny.dataset(), split).labels)
        np.testing.assert_allclose(whole.probabilities(split).sum(axis=1), 1, rtol=1e-5)
    accuracies = whole.history["val_accuracy"]
    assert whole.metrics["validation"]["accuracy"] == pytest.approx(accuracies.iloc[-1])
    assert whole.metrics["validation_best"]["accuracy"] == pytest.approx(accuracies.max())


def test_answers_of_every_epoch_and_means_over_views_are_kept(whole):
    answers = whole.predictions["test_answers"]
    assert (answers.dtype, answers.shape) == (np.uint8, (4, tiny.SIZES[2]))
    best = whole.info["best_epoch"] - 1
    np.testing.assert_array_equal(answers[-1], whole.probabilities("test").argmax(axis=1))
    np.testing.assert_array_equal(answers[best], whole.predictions["test_best"].argmax(axis=1))
    model = keras.models.load_model(whole.folder / "model.keras")
    images = tiny.dataset().validation.images
    expected = np.mean([model.predict(view) for view in augmentation.views(images)], axis=0)
    np.testing.assert_allclose(whole.predictions["validation_views"], expected, atol=1e-6)


# Keras alone loads each model and predicts the images.
WITHOUT_FER_LIB = """
import sys
sys.modules["fer_lib"] = None
import keras, numpy
images = numpy.load("images.npy")
models = [keras.models.load_model(file) for file in sys.argv[1:]]
numpy.save("found.npy", [model.predict(images, verbose=0) for model in models])
"""


def test_the_model_is_kept_and_needs_nothing_but_keras(whole, tmp_path, tiny_model):
    short = dataclasses.replace(SHORT, precision="mixed_bfloat16")
    made = [(whole, 1e-6), (tiny.train(tmp_path, short), 0.02)]
    np.save(tmp_path / "images.npy", tiny.dataset().test.images)
    files = [run.folder / "model.keras" for run, _ in made]
    subprocess.run([sys.executable, "-c", WITHOUT_FER_LIB, *files], check=True, cwd=tmp_path)
    for (run, atol), found in zip(made, np.load(tmp_path / "found.npy"), strict=True):
        np.testing.assert_allclose(found, run.probabilities("test"), atol=atol, rtol=0)


# Interruption ------------------------------------------------------------------------------------


def test_ctrl_c_costs_the_running_epoch_only(whole, tmp_path, tiny_model, capsys):
    """In the first epoch, from which nothing is kept, in the middle of one, after the last step."""
    for epoch, batches in ((1, 2), (3, 1), (4, 5)):
        interrupt(tmp_path, epoch, batches, tiny.FULL)
        assert not runs.exists(runs.folder(tmp_path, whole.name, 0))
        assert saved(tmp_path, whole.name) == epoch - 1
    run = tiny.train(tmp_path, tiny.FULL)
    tiny.assert_same(run, whole)
    assert [session["first_epoch"] for session in run.sessions] == [1, 3, 4]
    printed = capsys.readouterr().out
    resumed = [line for line in printed.splitlines() if line.startswith("resuming")]
    assert resumed == ["resuming after epoch 2", "resuming after epoch 3"]
    assert printed.count("left 0:00 h\n") == 4


def test_a_checkpoint_is_due_once_in_an_interval(tmp_path, tiny_model, monkeypatch):
    states, save = [], checkpoints.save
    with monkeypatch.context() as patch:
        patch.setattr(checkpoints, "INTERVAL", 1000)
        patch.setattr(checkpoints, "save", lambda *given: states.append(given) or save(*given))
        patch.setattr(runs, "write", press_ctrl_c)
        with pytest.raises(KeyboardInterrupt):
            tiny.train(tmp_path)
    assert [len(states), saved(tmp_path)] == [1, 4]
    monkeypatch.setattr(one_epoch, "fit", lambda *_: pytest.fail("trained again"))
    assert len(tiny.train(tmp_path).history) == 4


def test_a_second_process_says_so_and_a_kill_costs_little(tmp_path, tiny_model):
    recipe = dataclasses.replace(tiny.RECIPE, epochs=20)
    command = [sys.executable, tiny.__file__, tmp_path, str(recipe.epochs)]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert first.stdout.readline().startswith("epoch   1/20")
    with pytest.raises(RunError, match="tiny-quick-seed0: is being trained by another process"):
        tiny.train(tmp_path, recipe)
    assert first.stdout.readline().startswith("epoch   2/20"), "the first must go on"
    first.kill()
    first.wait()
    assert 0 < saved(tmp_path) < 20
    tiny.assert_same(tiny.train(tmp_path, recipe), tiny.train(tmp_path / "whole", recipe))


def test_an_epoch_whose_weights_were_not_kept_is_made_again(tmp_path, tiny_model, monkeypatch):
    interrupt(tmp_path, 2, 1, tiny.FULL)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(checkpoints, "keep", press_ctrl_c)
        tiny.train(tmp_path, tiny.FULL)
    assert saved(tmp_path, "tiny-full") == 1
    assert len(tiny.train(tmp_path, tiny.FULL).predictions["test_answers"]) == 4


def test_the_phases_of_a_recipe_are_resumed(tmp_path, monkeypatch):
    def in_two_phases():
        inner = tiny.model()
        body = keras.Model(inner.inputs, inner.layers[-2].output, name="backbone")
        image = keras.Input(body.input_shape[1:])
        return keras.Model(image, keras.layers.Dense(7, activation="softmax")(body(image)))

    monkeypatch.setitem(models.MODELS, tiny.NAME, in_two_phases)
    recipe = dataclasses.replace(tiny.RECIPE, frozen_epochs=2, epochs=3)
    trained, fit = [], one_epoch.fit

    def stopping(model, *others):
        trained.append(model.get_layer("backbone").trainable)
        row = fit(model, *others)
        return row if len(trained) % 2 else press_ctrl_c()

    with monkeypatch.context() as patch:
        patch.setattr(one_epoch, "fit", stopping)
        for _ in range(2):  # in the second epoch, and in the third, whose phase is the second
            with pytest.raises(KeyboardInterrupt):
                tiny.train(tmp_path, recipe)
        resumed = tiny.train(tmp_path, recipe)
    assert trained == [False, False, False, True, True]
    tiny.assert_same(resumed, tiny.train(tmp_path / "whole", recipe))


# What does not belong together -------------------------------------------------------------------


def test_unfinished_run_is_not_mixed(tmp_path, tiny_model, monkeypatch):
    interrupt(tmp_path, 2, 1)
    other = dataclasses.replace(tiny.RECIPE, batch_size=8, l2=1e-3)
    refused(tmp_path, r"holds a run with.*batch_size 16, not 8, l2 0.0, not 0.001", other)
    refused(tmp_path, r"fingerprint \w+, not \w+", data_seed=1)
    monkeypatch.setitem(models.MODELS, tiny.NAME, lambda: tiny.model(filters=(3,)))
    refused(tmp_path, "values do not fit the model, which has been changed")
    monkeypatch.setattr(machine, "backend", lambda: "jax")
    refused(tmp_path, r"backend tensorflow, not jax")


def test_finished_run_is_read_and_not_replaced(tmp_path, tiny_model, monkeypatch, capsys):
    first = tiny.train(tmp_path, SHORT)
    refused(tmp_path, r"holds a run with.*epochs 1, not 4")
    refused(tmp_path, r"holds a run with.*fingerprint", SHORT, data_seed=1)
    capsys.readouterr()
    monkeypatch.setattr(fitting, "fit", lambda *_: pytest.fail("trained a model"))
    # On another backend a finished run is as good as here.
    monkeypatch.setattr(machine, "backend", lambda: "jax")
    assert tiny.train(tmp_path, SHORT).info == json.loads(json.dumps(first.info))
    epoch, last = capsys.readouterr().out.splitlines()
    assert epoch.startswith("epoch   1/1")
    assert "nothing to train" in last


def test_every_committed_run_can_be_entered_again():
    """Though fields of recipes have come and gone since."""
    assert len(report_runs.committed().runs) >= 47
    for run in report_runs.committed().runs:
        asked = run.info | {"recipe": dataclasses.asdict(recipes.get(run.recipe["name"]))}
        training.check_same(run.folder, run.info, asked)
        for split, epoch in itertools.product(runs.HELD_OUT, ("", "_best")):
            figures = evaluation.metrics(run.labels(split), run.predictions[split + epoch])
            recorded = {key: run.metrics[split + epoch][key] for key in figures}
            assert recorded == pytest.approx(figures, rel=1e-5)


def test_another_weights_file_under_the_same_name_is_another_run(tmp_path):
    file, held = tmp_path / "body.weights.h5", []
    for content in (b"one", b"other"):
        file.write_bytes(content)
        held.append(training.identify("efficientnetb0", SHORT, 0, tiny.dataset(), str(file)))
    with pytest.raises(RunError, match=r"weights sha256 \w+, not sha256 \w+"):
        training.check_same(tmp_path, *held)


def test_a_folder_that_cannot_be_written_is_named(tmp_path, tiny_model):
    (tmp_path / "runs").write_text("")
    with pytest.raises(RunError, match=r"cannot be written .*choose another"):
        tiny.train(tmp_path / "runs")


# Not a number ------------------------------------------------------------------------------------


def spoil(model):
    """Leaves nothing but NaN in the weights."""
    for variable in model.trainable_variables:
        variable.assign(np.full(variable.shape, np.nan))


# In the middle of the second epoch, and after its last step, so that only the validation sees it.
@pytest.mark.parametrize("step", [7, 10])
def test_nan_names_the_epoch_and_keeps_the_one_before(tmp_path, tiny_model, step):
    with pytest.MonkeyPatch.context() as patch:
        at_step(patch, step, spoil)
        with pytest.raises(TrainingError, match=r"^epoch 2: .*not a number.*before it are kept"):
            tiny.train(tmp_path)
    assert saved(tmp_path) == 1


def test_the_report_needs_no_backend():
    code = "import sys, fer_lib.report.figures; print('keras' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"
