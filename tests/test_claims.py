"""Verdicts follow from intervals by fixed rules; what the data cannot decide stays undecided."""

import re

import pytest
from sample_runs import write_sample_run

from fer_lib import report
from fer_lib.report import claims, published
from fer_lib.report.claims import Verdict, classes, data, evidence, models, training, verdicts
from fer_lib.report.comparison import Gain


def gain(low, high):
    return Gain((low + high) / 2, low, high, (1, 1), 0.5)


@pytest.mark.parametrize(
    ("low", "high", "helps", "does_not_help"),
    [
        (0.011, 0.03, Verdict.CONFIRMED, Verdict.REFUTED),
        (0.002, 0.03, Verdict.CONFIRMED, Verdict.UNDECIDABLE),
        (-0.03, -0.01, Verdict.REFUTED, Verdict.CONFIRMED),
        (-0.02, 0.02, Verdict.UNDECIDABLE, Verdict.UNDECIDABLE),
        (-0.004, 0.004, Verdict.UNDECIDABLE, Verdict.CONFIRMED),
        (0.001, 0.004, Verdict.CONFIRMED, Verdict.CONFIRMED),
    ],
)
def test_rules_of_a_gain(low, high, helps, does_not_help):
    assert verdicts.helps(gain(low, high)) == helps
    assert verdicts.does_not_help(gain(low, high)) == does_not_help


@pytest.mark.parametrize(
    ("share", "verdict"),
    [(1.0, Verdict.CONFIRMED), (0.0, Verdict.REFUTED), (0.6, Verdict.UNDECIDABLE)],
)
def test_rule_of_an_order(share, verdict):
    assert verdicts.holds_in(share) == verdict


@pytest.mark.parametrize(
    ("parts", "verdict"),
    [
        ([Verdict.CONFIRMED, Verdict.CONFIRMED], Verdict.CONFIRMED),
        ([Verdict.CONFIRMED, Verdict.UNDECIDABLE], Verdict.UNDECIDABLE),
        ([Verdict.NOT_RUN, Verdict.UNDECIDABLE], Verdict.NOT_RUN),
        ([Verdict.NOT_RUN, Verdict.REFUTED], Verdict.REFUTED),
        ([], Verdict.NOT_RUN),
    ],
)
def test_rule_of_several_parts(parts, verdict):
    assert verdicts.all_of(parts) == verdict


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    root = tmp_path_factory.mktemp("runs")
    for model, skill in (("model1", 1.0), ("model2", 1.6), ("model3", 1.6), ("model6", 1.6)):
        write_sample_run(root, model, skill=skill, scale=4)
    return report.load(root)


def test_a_clear_gain_is_confirmed_and_a_missing_run_is_not_judged(study):
    assert models.average_pooling(study).verdict == Verdict.CONFIRMED
    assert data.class_weights(study).verdict == Verdict.NOT_RUN
    assert data.class_weights(study).evidence == ["Model 2 (class-weights): not yet run."]


def test_no_difference_between_equals_is_claimed(study):
    assert models.model3_beats_model6(study).verdict == Verdict.UNDECIDABLE


def test_a_comparison_names_the_formats_only_where_they_differ(tmp_path):
    write_sample_run(tmp_path, "model1", scale=20)
    write_sample_run(tmp_path, "model6", scale=20)
    write_sample_run(tmp_path, "model3", "original-bfloat16", scale=20)
    found = report.load(tmp_path)
    alike, _ = evidence.compare(found, ("model6", ""), ("model1", ""), verdicts.helps)
    apart, _ = evidence.compare(found, ("model3", ""), ("model6", ""), verdicts.helps)
    assert "computed in" not in alike
    assert apart.endswith(" Model 3 computed in bfloat16, Model 6 in float32.")


def test_a_recipe_is_compared_with_the_original_in_its_own_format(tmp_path):
    (tmp_path / "study.toml").write_text(
        "".join(
            f'[[runs]]\nmodels = ["model2"]\nrecipe = "{recipe}"\nseeds = [0]\n'
            for recipe in ("original", "original-bfloat16", "class-weights")
        )
    )
    write_sample_run(tmp_path, "model2", scale=20)
    write_sample_run(tmp_path, "model2", "class-weights", scale=20)
    (apart,) = data.class_weights(report.load(tmp_path)).evidence
    assert apart.startswith("Model 2 (class-weights) against Model 2 (original): ")
    write_sample_run(tmp_path, "model2", "original-bfloat16", scale=20)
    (alike,) = data.class_weights(report.load(tmp_path)).evidence
    assert alike.startswith("Model 2 (class-weights) against Model 2 (original-bfloat16): ")
    beside = (
        "Not judged, as the formats differ: Model 2 (class-weights) against Model 2 (original): "
    )
    assert beside in alike and re.search(r"That alone: [a-z ]+\.$", alike)


def test_the_best_in_training_must_lead_by_more_than_noise(tmp_path):
    runs = {model: write_sample_run(tmp_path, model, scale=20) for model in models.MODELS}
    assert training.model3_best_in_training(report.load(tmp_path)).verdict == Verdict.UNDECIDABLE
    for model, verdict in (("model3", Verdict.CONFIRMED), ("model5", Verdict.REFUTED)):
        history = runs[model].history
        history["accuracy"] += {"model3": 0.05, "model5": 0.1}[model]
        history.to_csv(runs[model].folder / "history.csv", index=False)
        assert training.model3_best_in_training(report.load(tmp_path)).verdict == verdict


def test_a_lead_in_training_must_exceed_the_spread_of_seeds(tmp_path):
    for model in models.MODELS:
        for seed in (0, 1, 2):
            run = write_sample_run(tmp_path, model, scale=20, seed=seed)
            history = run.history
            history["accuracy"] += 0.05 * (model == "model3") + 0.04 * seed
            history.to_csv(run.folder / "history.csv", index=False)
    (tmp_path / "study.toml").write_text(
        '[[runs]]\nmodels = "cnns"\nrecipe = "original"\nseeds = [0, 1, 2]\n'
    )
    claim = training.model3_best_in_training(report.load(tmp_path))
    assert claim.verdict == Verdict.UNDECIDABLE
    assert claim.evidence[0].startswith("Model 3 against Model 1: +5.0 points of training accuracy")
    assert claim.evidence[0].endswith("; 3 and 3 seeds).")


def test_mcnemar_is_given_for_one_seed_each(tmp_path):
    for model in ("model1", "model2"):
        for seed in (0, 1):
            write_sample_run(tmp_path, model, scale=20, seed=seed)
    text = '[[runs]]\nmodels = ["model1", "model2"]\nrecipe = "original"\nseeds = [0]\n'
    (tmp_path / "study.toml").write_text(text)
    single = models.average_pooling(report.load(tmp_path)).evidence[0]
    assert re.search(r"; McNemar p = [\d.e-]+; one seed each\)\.", single)
    (tmp_path / "study.toml").write_text(text.replace("[0]", "[0, 1]"))
    several = models.average_pooling(report.load(tmp_path)).evidence[0]
    assert "McNemar" not in several and several.endswith("; 2 and 2 seeds).")


@pytest.mark.parametrize(
    ("found", "own", "remark"),
    [
        (gain(0.01, 0.03), gain(0.002, 0.04), ""),
        (gain(0.0005, 0.03), gain(0.0002, 0.04), f" {verdicts.CLOSE}"),
        (gain(-0.03, -0.0005), gain(-0.04, -0.0002), f" {verdicts.CLOSE}"),
        (
            gain(-0.02, -0.001),
            gain(-0.025, 0.0004),
            f" {verdicts.OWN_SEEDS} the interval would be −2.5 to +0.04, and the answer: "
            "undecidable at this sample size.",
        ),
    ],
)
def test_evidence_says_where_little_would_change_the_answer(found, own, remark):
    assert evidence._fragile(found, own, verdicts.helps) == remark
    claim = verdicts.claim("1", "Text.", [(f"A sentence.{remark}", Verdict.CONFIRMED)])
    assert claim.is_narrow is bool(remark)


def test_all_overfit_where_training_is_far_ahead(tmp_path):
    for model in models.MODELS:
        write_sample_run(tmp_path, model, scale=4)
    assert training.all_overfit(report.load(tmp_path)).verdict == Verdict.CONFIRMED


@pytest.mark.parametrize(
    ("skills", "verdict"),
    [
        ({"l2-high": -3}, Verdict.CONFIRMED),
        ({"l2-high": 1}, Verdict.NOT_RUN),
        ({"l2-high": 1, "l2-extreme": -3}, Verdict.CONFIRMED),
        ({"l2-high": 1, "l2-extreme": 1}, Verdict.OPEN),
    ],
)
def test_learning_has_stopped_if_one_answer_would_do_as_well(tmp_path, skills, verdict):
    for recipe, skill in skills.items():
        write_sample_run(tmp_path, "model2", recipe, skill=skill, scale=4)
    claim = training.l2_stops_learning(report.load(tmp_path))
    assert claim.verdict == verdict
    assert claim.evidence[0].startswith("Model 2 (l2-high, weight 0.01) ends at ")
    assert re.search(r"and answers \w+ for \d+\.\d % of the images", claim.evidence[0])


def test_lite0_stands_in_for_b0_only_while_b0_is_missing(tmp_path):
    for model in models.MODELS:
        write_sample_run(tmp_path, model, skill=1.6, scale=8)
    write_sample_run(tmp_path, "efficientnet_lite0", "original-pretrained", skill=0.8, scale=8)
    claim = models.efficientnet_is_no_better(report.load(tmp_path))
    first, second, third, *_ = claim.evidence
    assert first == models.STAND_IN
    assert re.search(r"still moved by [+−]\d\.\d points in the last epoch\.", second)
    assert third.startswith("EfficientNet-Lite0 (original-pretrained) against Model 1")
    assert claim.outcome == f"{claim.verdict} for a stand-in"
    assert claims.verdict_counts([claim]).endswith(f"1 claims: 1 {claim.outcome}.")
    write_sample_run(tmp_path, "efficientnetb0", "original-pretrained", skill=0.8, scale=8)
    claim = models.efficientnet_is_no_better(report.load(tmp_path))
    assert claim.evidence[0].startswith("EfficientNetB0 (original-pretrained) against Model 1")
    assert claim.outcome == claim.verdict


def test_a_network_that_is_probably_another_is_named(tmp_path):
    for model in ("model1", "model6"):
        run = write_sample_run(tmp_path, model, scale=20)
        near = run.history.assign(accuracy=published.in_table1(model, "accuracy"))
        near.to_csv(run.folder / "history.csv", index=False)
    before = models.model6_improves_both(report.load(tmp_path))
    near.assign(accuracy=near["accuracy"] - 0.1).to_csv(run.folder / "history.csv", index=False)
    after = models.model6_improves_both(report.load(tmp_path))
    *same, remark = after.evidence
    assert same == before.evidence and after.verdict == before.verdict
    assert remark.startswith("The training accuracy of Model 6 (−10.0 points) is far from the publ")


def test_the_counts_of_the_data_refute_the_original(study):
    claim = data.data_counts(study)
    assert claim.verdict == Verdict.REFUTED
    assert "The file has 436 training images of Disgusted." in claim.evidence


def test_orders_of_classes(study):
    assert classes.happy_is_best(study).verdict == Verdict.CONFIRMED


def test_every_claim_can_be_printed(study):
    judged = claims.judge(study)
    assert len({claim.text for claim in judged}) == len(judged)
    for claim in judged:
        text = claims.card(claim)
        assert str(claim.verdict) in text and all(part in text for part in claim.evidence)
    counted = claims.verdict_counts(judged)
    assert counted.startswith(f"The original report's {len(judged)} claims: ")
