"""Section 4: what the original says of training, overfitting and L2 regularization."""

import numpy as np

from fer_lib.report import comparison, markup
from fer_lib.report.accuracies import accuracies
from fer_lib.report.claims.evidence import compare, in_the_same_format, not_run
from fer_lib.report.claims.models import MODELS
from fer_lib.report.claims.verdicts import (
    MARGIN,
    Claim,
    Evidence,
    Verdict,
    claim,
    does_not_help,
    is_true,
)
from fer_lib.report.naming import model_title
from fer_lib.report.selection import Report
from fer_lib.runs import Run


def model3_best_in_training(report: Report) -> Claim:
    missing = [model_title(model) for model in MODELS if not report.seeds(model)]
    part = not_run(missing) if missing else _best_in_training(report)
    return claim("4", "Model 3 is the best during training (in accuracy).", [part])


def _best_in_training(report: Report) -> Evidence:
    """The lead must exceed two standard errors of a difference of accuracies on so many images."""
    means = {
        model: np.mean([run.history["accuracy"].iloc[-1] for run in report.seeds(model)])
        for model in MODELS
    }
    first, second = sorted(means, key=means.get, reverse=True)[:2]
    best = means[first]
    noise = 2 * np.sqrt(2 * best * (1 - best) / sum(report.counts["train"]))
    verdict = is_true(first == "model3") if best - means[second] > noise else Verdict.UNDECIDABLE
    named = [
        f"{model_title(model)} with {markup.percent(means[model], 2)}" for model in (first, second)
    ]
    return f"First is {named[0]}, second {named[1]}.", verdict


def all_overfit(report: Report) -> Claim:
    text = "All models overfit: training accuracy ends far above validation accuracy."
    parts = []
    for model in MODELS:
        found = report.seeds(model)
        parts.append(_overfits(found[0]) if found else not_run([model_title(model)]))
    return claim("4", text, parts)


def _overfits(run: Run) -> Evidence:
    """The training accuracy must exceed the validation accuracy by more than sampling explains."""
    last = run.history.iloc[-1]
    gap = last["accuracy"] - last["val_accuracy"]
    verdict = is_true(gap > 2 * comparison.standard_error(run, "validation"))
    return f"{model_title(run.model)}: {markup.points(gap)} points.", verdict


def l2_does_not_help(report: Report) -> Claim:
    parts = [
        compare(
            report, ("model2", recipe), in_the_same_format(report, "model2", recipe), does_not_help
        )
        for recipe in ("l2-small", "l2-middle")
    ]
    return claim("4", "L2 regularization does not yield a significant improvement.", parts)


def l2_stops_learning(report: Report) -> Claim:
    found = report.seeds("model2", "l2-high")
    part = _stops_learning(report, found) if found else not_run(["Model 2 (l2-high)"])
    return claim("4", "L2 set too high stops the learning.", [part])


def _stops_learning(report: Report, found: list[Run]) -> Evidence:
    """Nothing is learned if the accuracy is within a point of always answering one class."""
    counts = np.array(report.counts["validation"])
    constant = counts.max() / counts.sum()
    accuracy = np.mean(accuracies(found, "validation"))
    sentence = (
        f"Model 2 (l2-high) ends at {markup.percent(accuracy)} validation accuracy; always "
        f"answering the most frequent emotion gives {markup.percent(constant)}."
    )
    return sentence, is_true(accuracy < constant + MARGIN)
