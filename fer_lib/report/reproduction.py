"""How near the reproduced figures of Table 1 come to the published ones, in words."""

from collections.abc import Mapping

import numpy as np

from fer_lib.report import markup, published
from fer_lib.report.accuracies import accuracies
from fer_lib.report.intervals import pair_difference
from fer_lib.report.naming import model_title
from fer_lib.report.seed_curves import over_seeds
from fer_lib.report.selection import Report
from fer_lib.runs import Run

#: A mean training accuracy further than this from the published one is named.
APART = 0.03


def validation(report: Report) -> str:
    """Which published validation accuracies the seeds reach."""
    if report.is_demo:
        return "The published figures are no measure for runs on other images."
    found = {model: report.seeds(model) for model in published.TABLE1.index}
    several = [model for model, runs in found.items() if len(runs) > 1]
    single = [model for model, runs in found.items() if len(runs) == 1]
    usual = pair_difference([accuracies(runs, "validation") for runs in report.seeds_by_model])
    parts = [
        *_among_seeds(
            {model: found[model] for model in several},
            "validation",
            published.TABLE1["val_accuracy"],
        ),
        *(_beside_one_run(model, found[model], usual) for model in single),
    ]
    return " ".join(parts) or "No model of Table 1 has been trained yet."


def test(report: Report) -> str:
    """Where the two published test accuracies lie among the seeds."""
    if report.is_demo:
        return ""
    printed = {model: published.accuracy(model, "test") for model in published.TABLE1.index}
    several = {
        model: report.seeds(model)
        for model, value in printed.items()
        if not np.isnan(value) and len(report.seeds(model)) > 1
    }
    sentences = _among_seeds(several, "test", printed)
    return f"{' '.join(sentences)} It was printed in whole percents." if sentences else ""


def _among_seeds(
    found: dict[str, list[Run]], split: str, printed: Mapping[str, float]
) -> list[str]:
    """Models with several seeds: whether the published value lies between them."""
    within, above, below = [], [], []
    for model, runs in found.items():
        values, there = accuracies(runs, split), printed[model]
        place = above if there > max(values) else below if there < min(values) else within
        place.append(model_title(model))
    clauses = [
        f"{words} {markup.join(names)}"
        for names, words in (
            (within, "lies between the seeds of"),
            (above, "is higher than every seed of"),
            (below, "is lower than every seed of"),
        )
        if names
    ]
    return [f"The published {split} accuracy {', and '.join(clauses)}."] if clauses else []


def _beside_one_run(model: str, runs: list[Run], usual: float) -> str:
    """A model with one seed: whether another seed could make the difference."""
    gap = accuracies(runs, "validation")[0] - published.in_table1(model, "val_accuracy")
    text = (
        f"{model_title(model)} has one seed, {markup.points(gap)} points from the published value"
    )
    if not usual:
        return f"{text}."
    may = "may" if abs(gap) < usual else "hardly would"
    return (
        f"{text}; two runs of one model differ by up to {100 * usual:.1f} points in 95 % of all "
        f"pairs, so another seed {may} explain it."
    )


def training(report: Report) -> str:
    """Which training accuracies are too far from the published ones for the same network."""
    gaps, far = _training_gaps(report), far_in_training(report)
    if not far:
        return ""
    near = max((abs(gap) for model, gap in gaps.items() if model not in far), default=np.nan)
    named = [f"{model_title(model)} ({markup.points(gap)} points)" for model, gap in far.items()]
    others = "" if np.isnan(near) else f", the others at most {100 * near:.1f} points"
    return (
        f"Training accuracy is more than {100 * APART:.0f} points from the published for "
        f"{markup.join(named)}{others}: what is "
        "built here by these names is probably not quite what the original trained ({doc}`models` "
        "lists what it leaves open), and claims on them are about the networks as built here."
    )


def far_in_training(report: Report) -> dict[str, float]:
    """The models with such a training accuracy, the furthest first, and how far it is."""
    if report.is_demo:
        return {}
    gaps = _training_gaps(report)
    far = sorted((m for m in gaps if abs(gaps[m]) > APART), key=lambda m: -abs(gaps[m]))
    return {model: gaps[model] for model in far}


def _training_gaps(report: Report) -> dict[str, float]:
    """Training accuracy after the last epoch, mean over the seeds, minus the published one."""
    return {
        model: over_seeds(found, "accuracy")["mean"].iloc[-1]
        - published.in_table1(model, "accuracy")
        for model in published.TABLE1.index
        if (found := report.seeds(model))
    }
