"""When a run first reached the target, and what it had spent by then."""

import dataclasses

import numpy as np
import pytest
from sample_runs import write_sample_run

from fer_lib import quality, report
from fer_lib.report import markup


@pytest.fixture
def study(tmp_path):
    """Model 2 by two recipes; only the fast one gets to 65 %."""

    def made(*, skill=1.3):
        write_sample_run(tmp_path, "model2", "original", 0, scale=20, skill=skill)
        write_sample_run(tmp_path, "model2", "fast", 0, scale=20, skill=2.5, epochs=14)
        (tmp_path / "study.toml").write_text(
            "".join(
                f'[[runs]]\nmodels = ["model2"]\nrecipe = "{recipe}"\nseeds = [0]\n'
                for recipe in ("original", "fast")
            )
        )
        return report.load(tmp_path)

    return made


def test_the_first_epoch_at_the_target_counts(study):
    run = study().seeds("model2", "fast")[0]
    found = quality.reach(run, 0.65)
    accuracies = run.history["val_accuracy"].to_numpy()
    assert found.reached
    assert accuracies[found.epochs - 1] >= 0.65 > accuracies[: found.epochs - 1].max()
    assert found.seconds == pytest.approx(run.history["seconds"][: found.epochs].sum())
    images = sum(run.info["data"]["counts"]["train"])
    assert found.multiply_adds == found.epochs * images * 3 * run.info["multiply_adds"]


def test_a_run_that_never_gets_there_is_a_bound(study):
    made = study()
    found = quality.reaches(made)
    original = found["original"][0]
    assert not original.reached
    assert str(original) == f"never in 50 epochs (best {original.best:.4f})"
    ratio, is_bound = quality.saving(found, "fast")
    assert is_bound
    assert ratio == pytest.approx(50 / found["fast"][0].epochs)
    assert quality.recipe_frame(found).loc["original", "epochs"] == "more than 50.0"
    assert "more than" in quality.text(made)


def test_failed_runs_count_for_those_that_get_there(study):
    found = quality.reaches(study())
    (fast,), (failed,) = found["fast"], found["original"]
    both = quality.cost([fast, failed])
    assert (both.reached, both.seeds) == (1, 2)
    assert both.epochs == fast.epochs + 50
    assert both.multiply_adds == fast.multiply_adds + failed.multiply_adds
    assert not both.is_bound
    twice = quality.cost([fast, fast, failed])
    assert twice.epochs == fast.epochs + 25
    assert quality.saving({"original": [fast, failed], "fast": [fast]}, "fast") == (
        pytest.approx((fast.epochs + 50) / fast.epochs),
        False,
    )


def test_times_on_different_machines_are_not_added_up(study):
    found = quality.reaches(study())
    one = found["fast"][0]
    other = dataclasses.replace(one, trained_on="NVIDIA H200", seconds=one.seconds + 2)
    assert np.isnan(quality.cost([one, other]).seconds)
    twice = {"fast": [one, dataclasses.replace(other, trained_on=one.trained_on)]}
    assert quality.cost(twice["fast"]).seconds == pytest.approx(one.seconds + 1)
    frame = quality.recipe_frame({"fast": [one, other]})
    assert frame.loc["fast", "training time"] == markup.NOTHING
    assert list(quality.seed_frame({"fast": [one]})["trained on"]) == ["sample"]


def test_no_ratio_where_the_fast_recipe_fails(study):
    found = quality.reaches(study(), target=0.99)
    assert np.isnan(quality.saving(found, "fast")[0])


def test_the_verdict_has_its_bar(study):
    (verdict,) = quality.verdicts(study())
    assert verdict.bar == 3
    assert verdict.holds


def test_without_a_fast_run_nothing_is_claimed(tmp_path):
    write_sample_run(tmp_path, "model2", "original", 0, scale=20)
    (tmp_path / "study.toml").write_text(
        '[[runs]]\nmodels = ["model2"]\nrecipe = "original"\nseeds = [0]\n'
    )
    found = report.load(tmp_path)
    assert quality.verdicts(found) == []
    assert "fast has no run yet" in quality.text(found)
