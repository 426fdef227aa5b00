"""Accuracies of one configuration over its seeds, and their interval over the images."""

from collections.abc import Sequence

import numpy as np

from fer_lib import evaluation
from fer_lib.report.markup import NOTHING
from fer_lib.report.selection import Report
from fer_lib.runs import Run


def accuracies(found: Sequence[Run], split: str) -> list[float]:
    """The accuracy of each run after the last epoch on "test", after the best on "test_best"."""
    return [run.info["metrics"][split]["accuracy"] for run in found]


def mean_accuracies(report: Report, split: str) -> dict[str, float]:
    """The mean over seeds of every model of the main recipe that has been trained."""
    return {
        model: float(np.mean(accuracies(found, split)))
        for model in report.models
        if (found := report.seeds(model))
    }


def interval(found: Sequence[Run], split: str) -> tuple[float, float]:
    """The Wilson interval (95 %) of the mean accuracy over seeds: another draw of the images."""
    count = len(found[0].labels(split))
    hits = round(np.mean(accuracies(found, split)) * count)
    return evaluation.accuracy_interval(hits, count)


def interval_text(found: Sequence[Run], split: str = "test") -> str:
    """The same interval in percent, as "64.1–67.3"."""
    if not found:
        return NOTHING
    low, high = interval(found, split)
    return f"{100 * low:.1f}–{100 * high:.1f}"
