"""When a run first reached the target, and what it had spent by then."""

import dataclasses

import numpy as np
import pytest
from sample_runs import write_sample_run

from fer_lib import quality, report


@pytest.fixture
def study(tmp_path):
    """Model 2 by two recipes; both get to 65 %, if the original has skill enough."""

    def made(*, skill=2.1):
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


def test_a_recipe_that_never_gets_there_has_no_cost(study):
    made = study(skill=1.3)
    found = quality.reaches(made)
    original = found["original"][0]
    assert not original.reached
    assert str(original) == "never in 50 epochs"
    frame = quality.recipe_frame(found)
    assert frame.loc["original", "runs at the target"] == "0 of 1"
    assert frame.loc["original", "epochs"] == frame.loc["original", "multiply-adds"] == "–"
    assert np.isnan(quality.saving(found, "fast"))
    assert quality.text(made).endswith("and the original does not always: no ratio can be given.")
    (verdict,) = quality.verdicts(made)
    assert not verdict.holds


def test_failed_runs_count_for_those_that_get_there(study):
    (fast,) = quality.reaches(study())["fast"]
    failed = dataclasses.replace(
        fast, reached=False, epochs=50, multiply_adds=50 * fast.multiply_adds // fast.epochs
    )
    both = quality.cost([fast, failed])
    assert (both.reached, both.runs) == (1, 2)
    assert both.epochs == fast.epochs + 50
    assert both.multiply_adds == fast.multiply_adds + failed.multiply_adds
    assert quality.cost([fast, fast, failed]).epochs == fast.epochs + 25
    ratio = quality.saving({"original": [fast, failed], "fast": [fast]}, "fast")
    assert ratio == pytest.approx((fast.epochs + 50) / fast.epochs)


def test_tables_say_what_each_run_was_trained_on(study):
    found = quality.reaches(study())
    assert set(quality.seed_frame(found)["trained on"]) == {"sample"}
    ratio = found["original"][0].epochs / found["fast"][0].epochs
    assert quality.recipe_frame(found).loc["fast", "the original needs"] == (
        f"{ratio:.1f} times as much"
    )


def test_no_ratio_where_the_fast_recipe_fails(study):
    assert np.isnan(quality.saving(quality.reaches(study(), target=0.99), "fast"))


def test_the_verdict_has_its_bar(study):
    made = study()
    (verdict,) = quality.verdicts(made)
    found = quality.reaches(made)
    assert verdict.bar == 3
    assert verdict.value == found["original"][0].epochs / found["fast"][0].epochs
    assert verdict.holds == (verdict.value >= 3)
    assert f"the original needs {verdict.value:.1f} times" in quality.text(made)
    lower = quality.saving(quality.reaches(made, target=0.64), "fast")
    assert f"it would be {lower:.1f} times at 64.00 %" in quality.text(made)
    assert f"from {verdict.value:.1f} to {verdict.value:.1f} (90 %" in quality.text(made)


def test_other_seeds_might_have_cost_more_or_less(study):
    found = quality.reaches(study())
    (fast,), (original,) = found["fast"], found["original"]
    failed = dataclasses.replace(original, reached=False)
    low, high = quality.saving_range({"original": [original, failed], "fast": [fast]})
    once = original.multiply_adds / fast.multiply_adds
    assert (low, high) == (once, np.inf), "both failed, or both got there"


def test_without_a_fast_run_nothing_is_claimed(tmp_path):
    write_sample_run(tmp_path, "model2", "original", 0, scale=20)
    (tmp_path / "study.toml").write_text(
        '[[runs]]\nmodels = ["model2"]\nrecipe = "original"\nseeds = [0]\n'
    )
    found = report.load(tmp_path)
    assert quality.verdicts(found) == []
    assert "fast has no run yet" in quality.text(found)
