"""Sections 3, 4 and 6: which model is said to be better than which."""

import dataclasses

import numpy as np

from fer_lib.report import markup, published
from fer_lib.report.accuracies import accuracies
from fer_lib.report.claims.evidence import as_built, compare
from fer_lib.report.claims.verdicts import MARGIN, Claim, claim, does_not_help, helps, reduces
from fer_lib.report.intervals import pair_difference
from fer_lib.report.naming import model_title
from fer_lib.report.selection import Report
from fer_lib.runs import Run

#: The models of Table 1; all but the first are variations of it.
MODELS = list(published.TABLE1.index)
VARIATIONS = MODELS[1:]

B0, LITE0 = "efficientnetb0", "efficientnet_lite0"
PRETRAINED_RECIPE = "original-pretrained"
#: Said where only the second has been trained.
STAND_IN = (
    "EfficientNetB0 has not been trained. EfficientNet-Lite0, the same network without "
    "squeeze-and-excitation and with ReLU6, stands in for it."
)


def average_pooling(report: Report) -> Claim:
    part = compare(report, ("model2", ""), ("model1", ""), helps)
    return claim("3", "Average instead of max pooling increases validation accuracy.", [part])


def variations_beat_model1(report: Report) -> Claim:
    parts = [compare(report, (m, ""), ("model1", ""), helps) for m in VARIATIONS]
    return claim("4", "All variations have a better validation accuracy than model 1.", parts)


def variations_lose_more(report: Report) -> Claim:
    parts = [
        compare(report, (model, ""), ("model1", ""), helps, measure="loss")
        for model in VARIATIONS
        if model != "model6"  # of which the original says the opposite, see the next claim
    ]
    text = "Models 2 to 5 have a higher validation loss than model 1."
    return claim("4", text, parts)


def model6_improves_both(report: Report) -> Claim:
    parts = [
        compare(report, ("model6", ""), ("model1", ""), helps),
        compare(report, ("model6", ""), ("model1", ""), reduces, measure="loss"),
    ]
    found = claim("4", "Model 6 improves both accuracy and loss over model 1.", parts)
    return as_built(report, found, "model6")


def no_meaningful_gain(report: Report) -> Claim:
    parts = [
        compare(report, (model, ""), ("model2", ""), does_not_help)
        for model in ("model4", "model5")
    ]
    text = "A larger kernel and an additional block do not improve the accuracy meaningfully."
    return as_built(report, claim("4", text, parts), "model4", "model5")


def model3_highest_loss(report: Report) -> Claim:
    parts = [
        compare(report, ("model3", ""), (model, ""), helps, measure="loss")
        for model in MODELS
        if model != "model3"
    ]
    return claim("4", "Model 3 has the highest validation loss.", parts)


def model3_beats_model6(report: Report) -> Claim:
    part = compare(report, ("model3", ""), ("model6", ""), helps, split="test")
    return claim("5", "Model 3 is slightly better than model 6 on the test set.", [part])


def efficientnet_is_no_better(report: Report) -> Claim:
    trained = [name for name in (B0, LITE0) if report.seeds(name, PRETRAINED_RECIPE)]
    judged = trained[0] if trained else B0
    parts = [
        compare(report, (judged, PRETRAINED_RECIPE), (model, ""), does_not_help) for model in MODELS
    ]
    found = claim("6", "EfficientNetB0 is no better than the other models.", parts)
    is_stand_in = judged == LITE0
    remarks = unsettled(report, report.seeds(judged, PRETRAINED_RECIPE))
    return dataclasses.replace(
        found,
        evidence=[*[STAND_IN] * is_stand_in, *remarks, *found.evidence],
        stand_in=is_stand_in,
        is_narrow=found.is_narrow or bool(remarks),
    )


def unsettled(report: Report, found: list[Run]) -> list[str]:
    """Says it if a network's own runs spread more than those of the models that lend theirs."""
    if not found:
        return []
    name = model_title(found[0].model)
    narrow = (
        "The intervals take the spread between seeds from all networks; for this one they may be "
        "too narrow."
    )
    if len(found) == 1:
        step = found[0].history["val_accuracy"].diff().iloc[-1]
        return [
            f"The validation accuracy of the one run of {name} still moved by "
            f"{markup.points(step)} points in its last epoch. {narrow}"
        ] * bool(abs(step) >= MARGIN)
    apart = np.ptp(accuracies(found, "validation"))
    usual = pair_difference([accuracies(runs, "validation") for runs in report.seeds_by_model])
    return [
        f"The {len(found)} runs of {name} end up to {100 * apart:.1f} points of validation "
        f"accuracy apart; of a model of Table 1, two runs differ by up to {100 * usual:.1f} in "
        f"95 % of all pairs. {narrow}"
    ] * bool(0 < usual < apart)
