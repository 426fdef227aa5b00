"""The sweep: what is missing, outdated, running; what Snakemake would do about it."""

import dataclasses
import errno
import json
import os
import subprocess
import sys
import time
from datetime import datetime

import numpy as np
import papermill
import pytest
from sample_runs import write_sample_run

from fer_lib import faces, outdated, paths, progress, recipes, runs, sweep
from fer_lib.errors import RunError
from fer_lib.runs.study import Entry
from fer_lib.training import checkpoints, locks
from fer_lib.training.checkpoints import Checkpoint

ENTRIES = [Entry(model, "demo", seed) for model in ("model1", "model2") for seed in (0, 1)]
STUDY = '[[runs]]\nmodels = ["model1", "model2"]\nrecipe = "demo"\nseeds = [0, 1]\n'


@pytest.fixture
def root(tmp_path):
    """A folder of runs whose study holds the four entries."""
    folder = tmp_path / "runs"
    folder.mkdir()
    (folder / "study.toml").write_text(STUDY)
    return folder


def finish(root, entry, **changes):
    """Writes a finished run of four epochs by a recipe with some fields changed."""
    run = write_sample_run(root, entry.model, "demo", entry.seed, epochs=4, scale=500)
    run.info["recipe"].update(changes)
    (run.folder / "run.json").write_text(json.dumps(run.info))
    return run


def interrupt(root, entry, **changes):
    """Writes the checkpoint of a run after its first epoch of a minute."""
    scratch = checkpoints.folder(root, entry.name, entry.seed)
    scratch.mkdir(parents=True, exist_ok=True)
    identity = {"recipe": dataclasses.asdict(recipes.get("demo")) | changes}
    history = [dict.fromkeys(runs.HISTORY_COLUMNS, 0.5) | {"epoch": 1, "seconds": 60.0}]
    checkpoints.save(scratch, Checkpoint(identity, history, [np.zeros(1)]))
    return scratch


def test_missing(root):
    finish(root, ENTRIES[1])
    assert sweep.missing(ENTRIES, root) == [ENTRIES[0], *ENTRIES[2:]]


def test_a_run_in_another_precision_fills_the_place(root):
    (root / "study.toml").write_text(
        '[[runs]]\nmodels = ["model1", "model2"]\nrecipe = "original"\nseeds = [0]\n'
    )
    write_sample_run(root, "model1", "original-bfloat16", scale=500)
    planned = [Entry("model1", "original-bfloat16", 0), Entry("model2", "original", 0)]
    assert sweep.planned(root) == planned
    write_sample_run(root, "model1", scale=500)
    assert sweep.planned(root)[0] == Entry("model1", "original", 0)


def test_a_run_that_the_study_lists_fills_no_other_place(root):
    (root / "study.toml").write_text(
        "".join(
            f'[[runs]]\nmodels = ["model1"]\nrecipe = "{recipe}"\nseeds = [0]\n'
            for recipe in ("original", "original-bfloat16")
        )
    )
    write_sample_run(root, "model1", "original-bfloat16", scale=500)
    wanted = [Entry("model1", recipe, 0) for recipe in ("original", "original-bfloat16")]
    assert sweep.planned(root) == wanted
    assert sweep.missing(wanted, root) == wanted[:1]


def test_a_run_in_another_precision_that_is_begun_is_the_one_to_go_on_with(root):
    (root / "study.toml").write_text(
        '[[runs]]\nmodels = ["model1"]\nrecipe = "original"\nseeds = [0]\n'
    )
    assert sweep.planned(root)[0] == Entry("model1", "original", 0)
    begun = Entry("model1", "original-bfloat16", 0)
    scratch = checkpoints.folder(root, begun.name, 0)
    scratch.mkdir(parents=True)
    assert sweep.planned(root)[0] == Entry("model1", "original", 0), "no epoch is finished"
    with locks.lock(scratch):
        assert sweep.planned(root)[0] == begun
    interrupt(root, begun)
    assert sweep.planned(root)[0] == begun
    write_sample_run(root, "model1", scale=500)
    assert sweep.planned(root)[0] == Entry("model1", "original", 0)


def test_a_run_by_todays_recipe_is_not_outdated(root):
    finish(root, ENTRIES[0])
    interrupt(root, ENTRIES[1])
    assert not any(outdated.is_outdated(entry, root) for entry in ENTRIES)


def test_a_field_that_recipes_lost_outdates_a_run(root):
    finish(root, ENTRIES[0], warmup=3)
    assert outdated.is_outdated(ENTRIES[0], root)


def test_a_field_that_recipes_got_later_outdates_nothing(root):
    run = finish(root, ENTRIES[0])
    del run.info["recipe"]["fine_tuning_rate"]
    (run.folder / "run.json").write_text(json.dumps(run.info))
    assert not outdated.is_outdated(ENTRIES[0], root)


def test_outdated_runs_are_moved_whole(root):
    old = finish(root, ENTRIES[0], batch_size=7)
    interrupt(root, ENTRIES[1], epochs=9)
    assert [entry for entry in ENTRIES if outdated.is_outdated(entry, root)] == ENTRIES[:2]
    targets = [outdated.set_aside(entry, root) for entry in ENTRIES[:2]]
    assert runs.read(targets[0] / "run").recipe == old.recipe
    assert (targets[1] / "checkpoints" / "state.npz").exists()
    assert sweep.missing(ENTRIES, root) == ENTRIES
    assert runs.find(root) == []
    assert not any(outdated.is_outdated(entry, root) for entry in ENTRIES)


def test_a_current_run_is_not_set_aside(root):
    finish(root, ENTRIES[0])
    with pytest.raises(RunError, match="not outdated"):
        outdated.set_aside(ENTRIES[0], root)


def test_a_run_in_training_is_not_set_aside(root):
    scratch = interrupt(root, ENTRIES[0], epochs=9)
    with locks.lock(scratch), pytest.raises(RunError, match="is being trained"):
        outdated.set_aside(ENTRIES[0], root)


def test_progress_of_each_state(root, tmp_path):
    page = tmp_path / "page.ipynb"
    finish(root, ENTRIES[0])
    finish(root, ENTRIES[1], batch_size=7)
    scratch = interrupt(root, ENTRIES[2])
    ten_seconds_ago = time.time() - 10
    os.utime(checkpoints.state_file(scratch), (ten_seconds_ago, ten_seconds_ago))
    with locks.lock(scratch):
        found = [progress.read(entry, root, page) for entry in ENTRIES]
    states = [(one.state, one.epoch) for one in found]
    assert states == [("done", 4), ("outdated", 0), ("running", 1), ("left", 0)]
    assert found[2].seconds_left(None) == pytest.approx(170, abs=9)
    assert progress.read(ENTRIES[2], root, page).state == "interrupted"
    page.write_text(json.dumps({"metadata": {"papermill": {"exception": True}}}))
    assert progress.read(ENTRIES[3], root, page).state == "failed"


def test_a_run_that_finishes_while_it_is_looked_at_is_done(root, monkeypatch):
    scratch = interrupt(root, ENTRIES[0])

    def end(where):
        checkpoints.remove(where)
        finish(root, ENTRIES[0])
        return True

    monkeypatch.setattr(locks, "is_held", end)
    assert progress.read(ENTRIES[0], root, root / "page.ipynb").state == "done"
    assert not scratch.exists()


@pytest.mark.parametrize("content", ["[]", '{"metadata": null}', '{"metadata": {"papermill": 1}}'])
def test_a_page_that_is_no_notebook_says_nothing(root, content):
    page = root / "page.ipynb"
    page.write_text(content)
    assert progress.read(ENTRIES[0], root, page).state == "left"


@pytest.mark.parametrize(("number", "held"), [(errno.EROFS, False), (errno.EACCES, True)])
def test_nobody_trains_on_a_read_only_disk(root, monkeypatch, number, held):
    scratch = interrupt(root, ENTRIES[0])
    with locks.lock(scratch):
        pass

    def read_only(*arguments, **keywords):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "open", read_only)
    assert locks.is_held(scratch) is held


def test_an_outdated_run_is_not_moved_while_it_is_trained(root, monkeypatch):
    scratch = interrupt(root, ENTRIES[0], batch_size=7)
    with locks.lock(scratch):
        monkeypatch.setattr(locks, "is_held", lambda where: False)
        with pytest.raises(RunError, match="is being trained"):
            outdated.set_aside(ENTRIES[0], root)
    assert checkpoints.exists(scratch)


def test_report_adds_up():
    found = [
        progress.Progress(ENTRIES[0], "done", 4, 4, 900.0),
        progress.Progress(ENTRIES[2], "running", 2, 4, 1800.0),
        progress.Progress(ENTRIES[3], "left", 0, 4, None),
    ]
    text = progress.report(found, datetime(2026, 1, 1))
    assert "3 runs: 1 done, 1 running, 1 left" in text
    assert "ends about 2026-01-01 03:00" in text  # 1 h, then four epochs of half an hour


def test_an_epoch_is_expected_to_take_what_the_same_recipe_took():
    slow, fast = Entry("model1", "original", 1), Entry("model1", "fast", 1)
    found = [
        progress.Progress(Entry("model1", "original", 0), "done", 50, 50, 3600.0),
        progress.Progress(Entry("model1", "fast", 0), "done", 16, 16, 60.0),
        progress.Progress(slow, "left", 0, 2, None),
        progress.Progress(fast, "left", 0, 3, None),
    ]
    lines = progress.report(found, datetime(2026, 1, 1)).splitlines()
    assert lines[3].endswith("2:00 h") and lines[4].endswith("0:03 h")


def test_a_run_whose_epochs_are_all_done_is_not_unknown():
    entry = Entry("model1", "original", 0)
    text = progress.report([progress.Progress(entry, "running", 3, 3, 60.0)], datetime(2026, 1, 1))
    assert "not known" not in text and "ends about 2026-01-01 00:00" in text


def test_what_is_not_timed_is_named():
    found = [
        progress.Progress(Entry("model1", "original", 0), "running", 1, 3, 3600.0),
        progress.Progress(Entry("model2", "original", 0), "left", 0, 50, None),
    ]
    text = progress.report(found, datetime(2026, 1, 1))
    assert text.endswith("01 02:00, without model2, no epoch of which is timed yet")


def test_report_without_any_epoch():
    found = [progress.Progress(ENTRIES[0], "left", 0, 4, None)]
    assert "not known" in progress.report(found, datetime(2026, 1, 1))


def test_status_command(root, capsys):
    finish(root, ENTRIES[0])
    page = root / sweep.page_name(ENTRIES[1])
    page.write_text(json.dumps({"metadata": {"papermill": {"exception": True}}}))
    assert sweep.main(["status", "--runs", str(root), "--pages", str(root)]) == 0
    assert "4 runs: 1 done, 1 failed, 2 left" in capsys.readouterr().out


def test_a_damaged_run_hides_no_other(root, capsys):
    finish(root, ENTRIES[0])
    damaged = finish(root, ENTRIES[1])
    (damaged.folder / "run.json").write_text("{")
    checkpoints.state_file(interrupt(root, ENTRIES[2])).write_bytes(b"no zip")
    assert sweep.main(["status", "--runs", str(root), "--pages", str(root)]) == 2
    shown = capsys.readouterr()
    assert "4 runs: 1 done, 2 damaged, 1 left" in shown.out
    assert shown.err.count("error: ") == shown.err.count("\n") == 2


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left"), RuntimeError("died")])
def test_a_run_that_fails_leaves_the_others_standing(root, monkeypatch, capsys, error):
    tried = []

    def execute(entries, *_, **__):
        tried.extend(entries)
        if entries == ENTRIES[:1]:
            raise error

    monkeypatch.setattr(sweep, "execute", execute)
    monkeypatch.setattr(sweep, "check_data", lambda path: None)
    assert sweep.train(root, root, "") == 1
    assert tried == ENTRIES
    assert f"failed: model1-demo-seed0.ipynb: {error}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "--data", "faces.csv"], "the study needs FER2013"),
        (["train", "--data", "/none.csv"], "/none.csv"),
        (["set-aside", "model9-seed0"], "'model9-seed0' is unknown"),
        (["set-aside", "model1-demo-seed0"], "not outdated"),
    ],
)
def test_errors_are_one_line(root, capsys, monkeypatch, arguments, message):
    finish(root, ENTRIES[0])
    faces.write_csv(faces.dataset(train=7, validation=7, test=7), root / "faces.csv")
    monkeypatch.chdir(root)
    assert sweep.main([*arguments, "--runs", str(root)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and message in error and error.count("\n") == 1


def test_relative_paths_are_those_of_the_caller(root, monkeypatch):
    trained = []
    monkeypatch.setattr(sweep, "check_data", lambda path: None)
    monkeypatch.setattr(
        sweep, "execute", lambda entries, pages, **given: trained.append({"pages": pages, **given})
    )
    monkeypatch.chdir(root.parent)
    command = ["train", "--data", "fer2013.csv", "--runs", root.name, "--pages", "pages"]
    assert sweep.main(command) == 0
    here = root.parent
    given = {"pages": here / "pages", "data": str(here / "fer2013.csv"), "runs": str(root)}
    assert trained == 4 * [given]


def test_train_says_why_a_run_failed(root, monkeypatch, capsys):
    def fail(*_, **__):
        raise papermill.PapermillExecutionError(3, 3, "", "ValueError", "no room\nat all", [])

    monkeypatch.setattr(sweep, "execute", fail)
    monkeypatch.setattr(sweep, "check_data", lambda path: None)
    assert sweep.train(root, root, "") == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == f"failed: {root}/model1-demo-seed0.ipynb: ValueError: no room"
    assert len(lines) == 4


def test_train_with_an_unknown_backend_begins_nothing(root, monkeypatch, capsys):
    monkeypatch.setenv("KERAS_BACKEND", "nonsense")
    monkeypatch.setattr(sweep, "check_data", lambda path: None)
    monkeypatch.setattr(sweep, "execute", lambda *_, **__: pytest.fail("it was begun"))
    assert sweep.main(["train", "--runs", str(root)]) == 2
    assert capsys.readouterr().err.startswith("error: KERAS_BACKEND is 'nonsense'; choose")


def test_an_interruption_is_one_line(root, monkeypatch, capsys):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(sweep, "execute", interrupted)
    monkeypatch.setattr(sweep, "check_data", lambda path: None)
    assert sweep.main(["train", "--runs", str(root)]) == 130
    assert capsys.readouterr().err == "interrupted; the same command goes on\n"


@pytest.mark.parametrize("command", ["train", "status", "set-aside"])
def test_runs_that_are_no_folder_are_one_line(root, capsys, command):
    file = root / "study.toml"
    assert sweep.main([command, "--runs", str(file)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and f"{file}: is no folder" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("command", ["status", "set-aside"])
def test_runs_that_are_not_there_are_one_line(root, capsys, command):
    assert sweep.main([command, "--runs", str(root / "none")]) == 2
    assert f"{root / 'none'}: there is no such folder" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["run.json", "history.csv", "predictions.npz"])
def test_train_says_what_is_damaged_and_trains_the_rest(root, monkeypatch, capsys, name):
    finish(root, ENTRIES[0])
    damaged = finish(root, ENTRIES[1]).folder / name
    damaged.write_text("{")
    trained = []
    monkeypatch.setattr(sweep, "check_data", lambda path: None)
    monkeypatch.setattr(sweep, "execute", lambda entries, *_, **__: trained.extend(entries))
    assert sweep.train(root, root, "") == 1
    assert trained == ENTRIES[2:]
    error = capsys.readouterr().err
    assert error.startswith(f"error: {damaged}: ") and error.count("\n") == 1


def test_help_keeps_the_case_of_names(capsys):
    with pytest.raises(SystemExit):
        sweep.main(["set-aside", "--help"])
    shown = capsys.readouterr().out
    assert "Move runs whose recipe has changed to RUNS/.replaced" in shown
    assert "--pages" not in shown


def test_train_says_what_is_outdated(root, monkeypatch, capsys):
    for entry in ENTRIES:
        finish(root, entry, **({"batch_size": 7} if entry == ENTRIES[0] else {}))
    monkeypatch.setattr(sweep, "check_data", lambda path: None)
    assert sweep.main(["train", "--runs", str(root)]) == 1
    assert "another recipe than today's: model1-demo-seed0; move" in capsys.readouterr().err


def snakemake(folder, *arguments, config=("runs=runs", "book=book"), status=0):
    """Runs Snakemake in a folder that has runs but no sources; returns all that it printed."""
    pytest.importorskip("snakemake")
    command = [sys.executable, "-m", "snakemake", "--snakefile", paths.ROOT / "Snakefile"]
    options = ["--cores", "1", "--directory", folder, "--config", *config]
    done = subprocess.run(
        [*command, *arguments, *options], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == status, done.stderr
    return done.stdout + done.stderr


def test_snakemake_makes_what_is_missing_or_outdated_and_nothing_else(root, tmp_path):
    for entry in ENTRIES[:2]:
        finish(root, entry)
    finish(root, ENTRIES[2], batch_size=7)
    for number, file in enumerate(root.rglob("*")):  # as a clone leaves them: in no order
        os.utime(file, (1e9 + number % 7, 1e9 + number % 7))
    shown = snakemake(tmp_path, "--dry-run")
    made = [line.split("wildcards: ")[1] for line in shown.splitlines() if "wildcards" in line]
    trained = sorted(line for line in made if "time=" not in line)
    assert trained == ["name=model2-demo, seed=0", "name=model2-demo, seed=1"]
    assert shown.count("rule set_aside") == 1


def test_snakemake_with_all_runs_trains_nothing(root, tmp_path):
    for entry in ENTRIES:
        finish(root, entry)
    shown = snakemake(tmp_path, "--dry-run", "all_runs")
    assert "rule train" not in shown
    assert "Nothing to be done" in shown


def test_snakemake_sets_aside_by_the_documented_command(root, tmp_path):
    finish(root, ENTRIES[0], batch_size=7)
    snakemake(tmp_path, "--until", "set_aside")
    (moved,) = (root / ".replaced").iterdir()
    assert runs.read(moved / "run").recipe["batch_size"] == 7
    assert sweep.missing(ENTRIES, root) == ENTRIES


def test_snakemake_quotes_paths_with_spaces(root, tmp_path):
    folder = tmp_path / "with a space"
    folder.mkdir()
    root.rename(folder / "the runs")
    finish(folder / "the runs", ENTRIES[0], batch_size=7)
    config = ("runs=the runs", "book=the book", "data=the data.csv", "weights=the weights.h5")
    shown = snakemake(folder, "--dry-run", "--printshellcmds", config=config)
    assert (
        "papermill notebooks/train.ipynb 'the book/runs/model2-demo-seed0.ipynb' -p model model2 "
        "-p recipe demo -p seed 0 -p runs 'the runs' -p data 'the data.csv'\n"
    ) in shown
    assert f"FER_RUNS='{folder}/the runs' jupyter-book build 'the book' -W" in shown
    snakemake(folder, "--until", "set_aside", config=config[:2])
    assert len(list((folder / "the runs" / ".replaced").iterdir())) == 1


@pytest.mark.parametrize("key", ["dta", "fast", "epochs", "recipe", "model", "seed"])
def test_snakemake_refuses_what_would_make_other_runs(root, tmp_path, key):
    shown = snakemake(tmp_path, "--dry-run", config=("runs=runs", f"{key}=1"), status=1)
    assert f"--config {key}: is unknown here; choose from data, runs, book" in shown


@pytest.mark.parametrize("name", ["slurm", "kubernetes"])
def test_snakemake_reads_the_profiles(root, tmp_path, name):
    pytest.importorskip(f"snakemake_executor_plugin_{name}")
    pytest.importorskip("snakemake_storage_plugin_fs")
    profile = paths.ROOT / "profiles" / name
    shown = snakemake(tmp_path, "--dry-run", "all_runs", "--profile", profile)
    assert shown.count("rule train") == 4
    assert "gpu=1" in shown
