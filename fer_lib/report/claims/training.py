"""Section 4: what the original says of training, overfitting and L2 regularization."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from fer_lib import recipes
from fer_lib.data import EMOTIONS
from fer_lib.report import comparison, intervals, markup
from fer_lib.report.accuracies import accuracies, mean_accuracies
from fer_lib.report.claims.evidence import (
    HAIR,
    as_built,
    compare_with_original,
    ends,
    formats,
    not_run,
)
from fer_lib.report.claims.models import MODELS
from fer_lib.report.claims.verdicts import (
    CLOSE,
    MARGIN,
    Claim,
    Evidence,
    Verdict,
    claim,
    does_not_help,
    is_true,
    weigh,
)
from fer_lib.report.naming import model_title
from fer_lib.report.selection import Report
from fer_lib.runs import Run

#: Epochs whose range says how settled the end of a run is.
LAST = 5
#: Recipes with an L2 penalty that may stop the learning, from the lowest on.
TOO_HIGH = ("l2-high", "l2-extreme", "l2-utmost")


def model3_best_in_training(report: Report) -> Claim:
    others = [model for model in MODELS if model != "model3"]
    parts = [_leads_in_training(report, "model3", other) for other in others]
    judged = claim("4", "Model 3 is the best during training (in training accuracy).", parts)
    by_part = zip(others, parts, strict=True)
    decisive = [other for other, part in by_part if part.verdict == judged.verdict]
    judged = as_built(report, judged, "model3", *decisive)
    evidence = [*judged.evidence, *_by_validation(report, "model3")]
    return dataclasses.replace(judged, evidence=evidence)


def _by_validation(report: Report, model: str) -> list[str]:
    """Where a model stands by the other accuracy that "during training" may mean."""
    means = mean_accuracies(report, "validation")
    if model not in means or len(means) < 2:
        return []
    best = max(means, key=means.get)
    others = f"the highest is that of {model_title(best)}, {markup.percent(means[best], 2)}"
    return [
        f"Read as validation accuracy, which is not judged: {model_title(model)} is at "
        f"{markup.percent(means[model], 2)}, {'the highest' if best == model else others}."
    ]


def _leads_in_training(report: Report, model: str, other: str) -> Evidence:
    """The lead must exceed what other seeds would give or, with one each, what chance would."""
    names = [model_title(model), model_title(other)]
    found = [report.seeds(one) for one in (model, other)]
    if not all(found):
        return not_run(name for name, runs in zip(names, found, strict=True) if not runs)
    images = sum(report.counts["train"])
    low, high = _lead(*found, images)
    verdict = _sign(low, high)
    sentence = (
        f"{names[0]} against {names[1]}: {markup.points((low + high) / 2)} points of training "
        f"accuracy (95 % interval {ends(low, high)}; "
        f"{markup.join(str(len(runs)) for runs in found)} seeds)."
        f"{formats(names, *found, verdict, lambda *sides: _sign(*_lead(*sides, images)))}"
    )
    otherwise = {_sign(low + shift, high + shift) for shift in (-HAIR, HAIR)}
    return Evidence(
        sentence + f" {CLOSE}" * (otherwise != {verdict}), verdict, frozenset(otherwise)
    )


def _lead(first: list[Run], second: list[Run], images: int) -> tuple[float, float]:
    """The interval of a lead in training accuracy on so many images."""
    sides = [
        np.array([run.history["accuracy"].iloc[-1] for run in runs]) for runs in (first, second)
    ]
    means = [side.mean() for side in sides]
    chance = 2 * np.sqrt(sum(mean * (1 - mean) for mean in means) / images)
    # The spread of seeds, where one is seen, has the chance of single images in it.
    half = intervals.seeds_half_width(*sides) or chance
    return means[0] - means[1] - half, means[0] - means[1] + half


def _sign(low: float, high: float) -> Verdict:
    """For a difference that must lie above zero."""
    return Verdict.UNDECIDABLE if low <= 0 <= high else is_true(low > 0)


def all_overfit(report: Report) -> Claim:
    text = "All models overfit: training accuracy ends far above validation accuracy."
    parts = []
    for model in MODELS:
        found = report.seeds(model)
        parts.append(_overfits(found) if found else not_run([model_title(model)]))
    return claim("4", text, parts)


def _overfits(found: list[Run]) -> Evidence:
    """The training accuracy must exceed the validation accuracy by more than sampling explains."""
    last = [run.history.iloc[-1] for run in found]
    gap = np.mean([row["accuracy"] - row["val_accuracy"] for row in last])
    error = comparison.standard_error(found[0], "validation")
    sentence = (
        f"{model_title(found[0].model)}: {markup.points(gap)} points (standard error of the "
        f"validation accuracy {100 * error:.1f})."
    )
    return Evidence(sentence, is_true(gap > 0) if abs(gap) > 2 * error else Verdict.UNDECIDABLE)


def l2_does_not_help(report: Report) -> Claim:
    parts = [
        compare_with_original(report, recipe, does_not_help) for recipe in ("l2-small", "l2-middle")
    ]
    return claim("4", "L2 regularization does not yield a significant improvement.", parts)


def l2_stops_learning(report: Report) -> Claim:
    parts = [_stops_learning(report, recipe) for recipe in TOO_HIGH]
    verdict, is_narrow = weigh(parts, _any_of)
    text = "L2 set too high stops the learning."
    return Claim("4", text, [part.sentence for part in parts], verdict, is_narrow=is_narrow)


def _any_of(verdicts: Sequence[Verdict]) -> Verdict:
    """One penalty at which learning stops is enough."""
    return Verdict.CONFIRMED if Verdict.CONFIRMED in verdicts else verdicts[-1]


def _stops_learning(report: Report, recipe: str) -> Evidence:
    """Nothing is learned if the accuracy is within a point of always answering one class."""
    found = report.seeds("model2", recipe)
    weight = (found[0].recipe if found else {}).get("l2", recipes.RECIPES[recipe].l2)
    name = f"Model 2 ({recipe}, weight {weight:g})"
    if not found:
        return not_run([name])
    counts = np.array(report.counts["validation"])
    constant = counts.max() / counts.sum()
    accuracy = np.mean(accuracies(found, "validation"))
    answers = np.concatenate([run.probabilities("validation").argmax(axis=1) for run in found])
    shares = np.bincount(answers, minlength=len(EMOTIONS)) / len(answers)
    epochs = np.concatenate([run.history["val_accuracy"] for run in found])
    last = min(LAST, *(len(run.history) for run in found))
    ends = np.mean([run.history["val_accuracy"].tail(last) for run in found], axis=0)
    verdicts = [_stopped(value, constant) for value in ends]
    sentence = (
        f"{name} ends at {markup.percent(accuracy)} validation accuracy and answers "
        f"{EMOTIONS[shares.argmax()]} for {markup.percent(shares.max())} of the images; always "
        f"answering the most frequent emotion gives {markup.percent(constant)}. At the end of "
        f"{(epochs < constant + MARGIN).sum()} of its {len(epochs)} epochs it was below "
        f"that or less than {100 * MARGIN:.0f} point above, which counts as stopped; so it was in "
        f"{verdicts.count(Verdict.CONFIRMED)} of the last {len(ends)}, at "
        f"{markup.span(ends, markup.percent)}."
    )
    return Evidence(sentence, _stopped(accuracy, constant), frozenset(verdicts))


def _stopped(accuracy: float, constant: float) -> Verdict:
    """That learning goes on says nothing of larger penalties."""
    return Verdict.CONFIRMED if accuracy < constant + MARGIN else Verdict.OPEN
