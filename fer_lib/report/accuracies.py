"""Accuracies of one configuration over its seeds, and their interval over the images."""

from collections.abc import Sequence

import numpy as np

from fer_lib import evaluation
from fer_lib.report.comparison import image_scores, same_images
from fer_lib.report.intervals import bootstrap_mean
from fer_lib.report.markup import NOTHING
from fer_lib.report.selection import Report
from fer_lib.runs import Run


def accuracies(found: Sequence[Run], split: str) -> list[float]:
    """The accuracy of each run after the last epoch on "test", after the best on "test_best"."""
    return [run.metrics[split]["accuracy"] for run in found]


def mean_accuracies(report: Report, split: str) -> dict[str, float]:
    """The mean over seeds of every model of the main recipe that has been trained."""
    return {
        model: float(np.mean(accuracies(found, split)))
        for model in report.models
        if (found := report.seeds(model))
    }


def interval(found: Sequence[Run], split: str) -> tuple[float, float]:
    """The 95 % interval of the mean accuracy over seeds, for another draw of as many images.

    The bootstrap over what each image adds to the mean of several runs. For one run, and for runs
    on images in different orders, Wilson's, which is then too wide rather than too narrow.
    """
    if len(found) == 1 or not same_images(found, split):
        count = len(found[0].labels(split))
        hits = round(count * float(np.mean(accuracies(found, split))))
        return evaluation.accuracy_interval(hits, count)
    scores = np.stack([image_scores(run, split) for run in found])
    return bootstrap_mean(scores.mean(axis=0))


def interval_text(found: Sequence[Run], split: str = "test") -> str:
    """The same interval in percent, as "64.1–67.3"."""
    if not found:
        return NOTHING
    low, high = interval(found, split)
    return f"{100 * low:.1f}–{100 * high:.1f}"
