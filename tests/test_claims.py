"""Verdicts follow from intervals by fixed rules; what the data cannot decide stays undecided."""

import dataclasses
import inspect
import re

import numpy as np
import pytest
from sample_runs import write_sample_run

from fer_lib import report
from fer_lib.data import EMOTIONS
from fer_lib.report import claims, comparison, published
from fer_lib.report.claims import (
    Verdict,
    classes,
    data,
    evidence,
    models,
    training,
    verdicts,
    wording,
)
from fer_lib.report.comparison import Gain

PRETRAINED = models.PRETRAINED_RECIPE


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
    assert verdicts.reduces(gain(-high, -low)) == helps
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
    alike = evidence.compare(found, ("model6", ""), ("model1", ""), verdicts.helps)
    apart = evidence.compare(found, ("model3", ""), ("model6", ""), verdicts.helps)
    assert "computed in" not in alike.sentence
    assert apart.sentence.endswith(" Model 3 computed in bfloat16, Model 6 in float32.")


def study_of_both_formats(folder):
    """A study of class weights, with the original recipe in either format beside it."""
    (folder / "study.toml").write_text(
        "".join(
            f'[[runs]]\nmodels = ["model2"]\nrecipe = "{recipe}"\nseeds = [0]\n'
            for recipe in ("original", "original-bfloat16", "class-weights")
        )
    )


def test_a_recipe_is_compared_with_the_original_in_its_own_format(tmp_path):
    study_of_both_formats(tmp_path)
    write_sample_run(tmp_path, "model2", scale=20)
    write_sample_run(tmp_path, "model2", "class-weights", scale=20)
    apart, by_training = data.class_weights(report.load(tmp_path)).evidence
    assert apart.startswith("Model 2 (class-weights) against Model 2 (original): ")
    write_sample_run(tmp_path, "model2", "original-bfloat16", scale=20)
    alike, same = data.class_weights(report.load(tmp_path)).evidence
    assert same == by_training and "Read as training accuracy, which is not judged" in same
    assert alike.startswith("Model 2 (class-weights) against Model 2 (original-bfloat16): ")
    beside = (
        "Not judged, as the formats differ: Model 2 (class-weights) against Model 2 (original): "
    )
    assert beside in alike and re.search(r"That comparison alone would give: [a-z ]+\.$", alike)


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


@pytest.mark.parametrize(("half", "is_narrow"), [(0.04, False), (0.0495, True), (0.0505, True)])
def test_a_lead_in_training_is_narrow_where_a_hair_would_undo_it(
    tmp_path, monkeypatch, half, is_narrow
):
    for model in models.MODELS:
        run = write_sample_run(tmp_path, model, scale=20)
        lead = 0.05 * (model == "model3")
        run.history.assign(accuracy=0.5 + lead).to_csv(run.folder / "history.csv", index=False)
    monkeypatch.setattr("fer_lib.report.intervals.seeds_half_width", lambda *_: half)
    claim = training.model3_best_in_training(report.load(tmp_path))
    assert claim.is_narrow is is_narrow
    assert (verdicts.CLOSE in claim.evidence[0]) is is_narrow
    assert claim.verdict == (Verdict.CONFIRMED if half < 0.05 else Verdict.UNDECIDABLE)


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
    part = verdicts.Evidence("So it is.", verdicts.helps(found))
    weighed = evidence._fragile(part, found, own, verdicts.helps)
    assert weighed.sentence == f"So it is.{remark}"
    assert (weighed.otherwise <= {weighed.verdict}) is not bool(remark)


def test_a_card_says_that_a_verdict_is_narrow():
    one = claims.Claim("4", "One.", ["Because."], Verdict.REFUTED, is_narrow=True)
    assert "**Verdict: refuted (narrowly)**" in wording.card(one)
    assert "**Verdict: refuted**" in wording.card(dataclasses.replace(one, is_narrow=False))


def test_a_comparison_of_losses_is_not_called_narrow(tmp_path, monkeypatch):
    write_sample_run(tmp_path, "model1", scale=20)
    write_sample_run(tmp_path, "model2", scale=20)
    monkeypatch.setattr(evidence, "_fragile", nearly)
    sides = report.load(tmp_path), ("model2", ""), ("model1", "")
    assert evidence.compare(*sides, verdicts.helps).otherwise == NEARLY
    assert not evidence.compare(*sides, verdicts.helps, measure="loss").otherwise


#: What an evidence that little would change could say instead, whatever it says.
NEARLY = frozenset(Verdict)


def nearly(part, *_):
    return part._replace(sentence=f"{part.sentence} {verdicts.CLOSE}", otherwise=NEARLY)


def test_evidence_is_not_narrow_for_what_is_not_judged(tmp_path, monkeypatch):
    study_of_both_formats(tmp_path)
    for recipe in ("original", "original-bfloat16", "class-weights"):
        write_sample_run(tmp_path, "model2", recipe, scale=20)
    weighed = iter([lambda part, *_: part, nearly])
    monkeypatch.setattr(evidence, "_fragile", lambda *given: next(weighed)(*given))
    judged = data.class_weights(report.load(tmp_path))
    assert verdicts.CLOSE in judged.evidence[0] and not judged.is_narrow


@pytest.mark.parametrize(
    ("share", "is_narrow"), [(0.97, False), (0.9505, True), (0.945, True), (0.052, True)]
)
def test_an_order_is_narrow_near_the_limit(tmp_path, monkeypatch, share, is_narrow):
    for model in ("model3", "model6"):
        write_sample_run(tmp_path, model, scale=20)
    monkeypatch.setattr("fer_lib.report.comparison.ranking_share", lambda *_: share)
    claim = classes.happy_is_best(report.load(tmp_path))
    assert claim.is_narrow is is_narrow
    assert (verdicts.NEAR in claim.evidence[0]) is is_narrow
    # A share below the limit is not printed as the limit.
    assert f"{share:.{1 + is_narrow}%}".replace("%", " %") in claim.evidence[0]


def clear(verdict: Verdict) -> verdicts.Evidence:
    return verdicts.Evidence("Clear.", verdict)


def narrow(verdict: Verdict, *otherwise: Verdict) -> verdicts.Evidence:
    return verdicts.Evidence("Narrow.", verdict, frozenset(otherwise))


YES, NO, MAYBE = Verdict.CONFIRMED, Verdict.REFUTED, Verdict.UNDECIDABLE


@pytest.mark.parametrize(
    ("parts", "is_narrow"),
    [
        ([clear(NO), narrow(YES, MAYBE)], False),
        ([clear(NO), narrow(NO, MAYBE)], False),
        ([narrow(NO, MAYBE), narrow(YES, MAYBE)], True),
        ([narrow(NO, MAYBE), narrow(NO, MAYBE)], True),
        ([clear(YES), narrow(YES, MAYBE)], True),
        ([clear(YES), clear(YES)], False),
        ([clear(MAYBE), narrow(MAYBE, YES)], False),
        ([clear(MAYBE), narrow(MAYBE, NO)], True),
        ([narrow(MAYBE, YES), narrow(MAYBE, YES)], True),
        ([clear(Verdict.NOT_RUN), narrow(YES, NO)], False),
    ],
)
def test_a_claim_is_as_narrow_as_what_its_verdict_hangs_on(parts, is_narrow):
    assert verdicts.claim("1", "Text.", parts).is_narrow is is_narrow


@pytest.mark.parametrize(
    ("gap", "verdict"),
    [(0.1, Verdict.CONFIRMED), (0.001, Verdict.UNDECIDABLE), (-0.1, Verdict.REFUTED)],
)
def test_all_overfit_where_training_is_far_ahead(tmp_path, gap, verdict):
    for model in models.MODELS:
        run = write_sample_run(tmp_path, model, scale=4)
        ahead = run.history.assign(accuracy=run.history["val_accuracy"] + gap)
        ahead.to_csv(run.folder / "history.csv", index=False)
    assert training.all_overfit(report.load(tmp_path)).verdict == verdict


BETTER, WORSE = {"skill": 2.2}, {"skill": 0.4}
C, R = Verdict.CONFIRMED, Verdict.REFUTED


@pytest.mark.parametrize(
    ("claim", "changed", "how", "verdict"),
    [
        (models.average_pooling, [("model2", "original")], BETTER, C),
        (models.average_pooling, [("model2", "original")], WORSE, R),
        (models.variations_beat_model1, [("model1", "original")], WORSE, C),
        (models.variations_beat_model1, [("model1", "original")], BETTER, R),
        (models.variations_lose_more, [("model1", "original")], BETTER, C),
        (models.variations_lose_more, [("model1", "original")], WORSE, R),
        (models.model6_improves_both, [("model1", "original")], WORSE, C),
        (models.model6_improves_both, [("model1", "original")], BETTER, R),
        (models.no_meaningful_gain, [("model2", "original")], BETTER, C),
        (models.no_meaningful_gain, [("model2", "original")], WORSE, R),
        (models.model3_highest_loss, [("model3", "original")], WORSE, C),
        (models.model3_highest_loss, [("model3", "original")], BETTER, R),
        (models.model3_beats_model6, [("model3", "original")], BETTER, C),
        (models.model3_beats_model6, [("model3", "original")], WORSE, R),
        (data.class_weights, [("model2", "class-weights")], WORSE, C),
        (data.class_weights, [("model2", "class-weights")], BETTER, R),
        (training.l2_does_not_help, [("model2", "l2-small"), ("model2", "l2-middle")], WORSE, C),
        (training.l2_does_not_help, [("model2", "l2-small"), ("model2", "l2-middle")], BETTER, R),
    ],
)
def test_every_comparison_is_judged_the_right_way_round(tmp_path, claim, changed, how, verdict):
    usual = [(model, "original") for model in models.MODELS]
    usual += [("model2", recipe) for recipe in ("class-weights", "l2-small", "l2-middle")]
    usual.append(("efficientnetb0", "original-pretrained"))
    for model, recipe in usual:
        skills = how if (model, recipe) in changed else {}
        write_sample_run(tmp_path, model, recipe, scale=4, **skills)
    assert claim(report.load(tmp_path)).verdict == verdict


@pytest.mark.parametrize(
    ("claim", "named", "best"),
    [
        (classes.happy_is_best, ["Happy"], True),
        (classes.fear_and_sad_are_worst, ["Fear", "Sad"], False),
        (classes.disgust_does_well, ["Disgusted"], True),
    ],
)
def test_orders_of_classes_are_read_the_right_way_round(study, monkeypatch, claim, named, best):
    places = [EMOTIONS.index(name) for name in named]
    for turned, verdict in ((False, C), (True, R)):
        f1 = np.full((1, len(EMOTIONS)), 0.6)
        f1[:, places] = 0.9 if best != turned else 0.3
        monkeypatch.setattr(
            comparison, "ranking_share", lambda found, split, holds, f1=f1: holds(f1).mean()
        )
        assert claim(study).verdict == verdict


def test_every_claim_of_the_original_is_judged():
    written = {
        function
        for module in (data, models, training, classes)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and inspect.signature(function).return_annotation is claims.Claim
    }
    assert written == set(claims.ALL) and len(claims.ALL) == len(written) == 17


@pytest.mark.parametrize(
    ("skills", "verdict"),
    [
        ({"l2-high": -3}, Verdict.CONFIRMED),
        ({"l2-high": 1}, Verdict.NOT_RUN),
        ({"l2-high": 1, "l2-extreme": 1}, Verdict.NOT_RUN),
        ({"l2-high": 1, "l2-extreme": -3, "l2-utmost": 1}, Verdict.CONFIRMED),
        ({"l2-high": 1, "l2-extreme": 1, "l2-utmost": -3}, Verdict.CONFIRMED),
        ({"l2-high": 1, "l2-extreme": 1, "l2-utmost": 1}, Verdict.OPEN),
    ],
)
def test_learning_has_stopped_if_one_answer_would_do_as_well(tmp_path, skills, verdict):
    for recipe, skill in skills.items():
        write_sample_run(tmp_path, "model2", recipe, skill=skill, scale=4)
    claim = training.l2_stops_learning(report.load(tmp_path))
    assert claim.verdict == verdict
    assert claim.evidence[0].startswith("Model 2 (l2-high, weight 0.01) ends at ")
    assert re.search(r"and answers \w+ for \d+\.\d % of the images", claim.evidence[0])


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


def test_what_seeds_change_on_all_images_is_told(tmp_path):
    (tmp_path / "study.toml").write_text(
        '[[runs]]\nmodels = ["model1"]\nrecipe = "original"\nseeds = [0, 1]\n'
    )
    write_sample_run(tmp_path, "model1", seed=0, skill=1.0, scale=8)
    assert claims.shared_noise(report.load(tmp_path)) == ""
    write_sample_run(tmp_path, "model1", seed=1, skill=2.0, scale=8)
    found = report.load(tmp_path)
    spread = comparison.shared_spread(found.seeds_by_model, "test")
    assert spread > 0.05 and f"{100 * spread:.1f} points of test acc" in claims.shared_noise(found)


def test_the_end_of_learning_is_that_of_the_shortest_run(tmp_path):
    (tmp_path / "study.toml").write_text(
        '[[runs]]\nmodels = ["model2"]\nrecipe = "l2-high"\nseeds = [0, 1]\n'
    )
    for seed, epochs in ((0, 3), (1, 8)):
        write_sample_run(tmp_path, "model2", "l2-high", seed, scale=20, epochs=epochs)
    (first, *_) = training.l2_stops_learning(report.load(tmp_path)).evidence
    assert "of the last 3, at" in first


@pytest.mark.parametrize(("skill", "is_apart"), [(1.3, False), (2.5, True)])
def test_runs_that_lie_further_apart_than_others_are_told(tmp_path, skill, is_apart):
    (tmp_path / "study.toml").write_text(
        '[[runs]]\nmodels = ["model1", "model2"]\nrecipe = "original"\nseeds = [0, 1, 2]\n'
        '[[runs]]\nmodels = ["efficientnet_lite0"]\nrecipe = "original-pretrained"\n'
        "seeds = [0, 1]\n"
    )
    for seed in (0, 1, 2):
        write_sample_run(tmp_path, "model1", seed=seed, scale=4)
        write_sample_run(tmp_path, "model2", seed=seed, scale=4, skill=1.4)
    write_sample_run(tmp_path, "efficientnet_lite0", PRETRAINED, scale=4)
    write_sample_run(tmp_path, "efficientnet_lite0", PRETRAINED, seed=1, scale=4, skill=skill)
    found = report.load(tmp_path)
    remarks = models.unsettled(found, found.seeds("efficientnet_lite0", PRETRAINED))
    assert bool(remarks) is is_apart
    assert not is_apart or remarks[0].startswith("The 2 runs of EfficientNet-Lite0 end up to ")
