"""Sentences on the test results: which emotions, which mistakes, which model of the two tested."""

from collections import Counter

import numpy as np

from fer_lib import evaluation
from fer_lib.data import EMOTIONS
from fer_lib.report import markup, published
from fer_lib.report.claims.evidence import describe
from fer_lib.report.comparison import Gain, gain, mean_f1, same_images
from fer_lib.report.naming import model_title
from fer_lib.report.selection import Report
from fer_lib.runs import Run


def confusions(report: Report) -> str:
    """The three pairs of emotions that are mistaken most often, over the models' means."""
    found = [report.seeds(model) for model in report.models if report.seeds(model)]
    if not found:
        return "No model has been trained yet."
    shares = np.stack([_confused_share(runs) for runs in found])
    mean = shares.mean(axis=0)
    np.fill_diagonal(mean, 0)
    pairs = np.dstack(np.unravel_index(np.argsort(mean, axis=None)[::-1][:3], mean.shape))[0]
    parts = [
        f"{EMOTIONS[truth]} for {EMOTIONS[answer]} ({_from_to(100 * shares[:, truth, answer])} %)"
        for truth, answer in pairs
    ]
    return (
        f"Most often taken for another, in percent of an emotion's images and from model to "
        f"model: {markup.join(parts)}."
    )


def _confused_share(runs: list[Run]) -> np.ndarray:
    """The share of each emotion's test images (7 x 7, rows) that get each answer, all seeds."""
    counts = sum(evaluation.confusion(r.labels("test"), r.probabilities("test")) for r in runs)
    return counts / counts.sum(axis=1, keepdims=True)


def _from_to(values: np.ndarray) -> str:
    low, high = f"{values.min():.0f}", f"{values.max():.0f}"
    return low if low == high else f"{low}–{high}"


def alike_orders(report: Report) -> str:
    """Whether the models rank the emotions alike, by F1 on the test images; "" for one model."""
    scores = {m: mean_f1(found, "test") for m in report.models if (found := report.seeds(m))}
    if len(scores) < 2:
        return ""
    orders = [tuple(np.argsort(-f1)) for f1 in scores.values()]
    usual, count = Counter(orders).most_common(1)[0]
    first = [
        EMOTIONS[place[0]] if len(set(place)) == 1 else "" for place in zip(*orders, strict=True)
    ]
    alike = [f"{name} is at place {rank}" for rank, name in enumerate(first, 1) if name]
    named = f" In all of them {markup.join(alike)}." if alike and count < len(orders) else ""
    if count == 1:
        return f"No two of the {len(orders)} models have the same order.{named}"
    which = "All" if count == len(orders) else f"{count} of the"
    return (
        f"{which} {len(orders)} models have the same order, "
        f"{', '.join(EMOTIONS[k] for k in usual)}.{named}"
    )


def tested(report: Report) -> str:
    """The two models that the original tested, beside each other; "" before both have runs."""
    first, second = report.seeds("model3"), report.seeds("model6")
    if not first or not second or not same_images([*first, *second], "test"):
        return ""
    found = gain(first, second, "test", others=report.seeds_by_model)
    printed = [markup.percent(published.accuracy(one, "test"), 0) for one in ("model3", "model6")]
    return (
        f"The original prints {printed[0]} for model 3 and {printed[1]} for model 6. Here "
        f"{_ranked(found)}: {describe(found, 'test')}"
    )


def _ranked(found: Gain) -> str:
    """Whether model 3 stands above model 6 here too."""
    if found.low <= 0 <= found.high:
        return "neither is ahead for sure, model 3 minus model 6"
    return f"the order is {'the same' if found.low > 0 else 'reversed'}, model 3 minus model 6"


def easier_split(report: Report) -> str:
    """On which of the two held-out splits the models are right more often; "" without runs."""
    from scipy.stats import binomtest

    gaps = [
        run.metrics["test"]["accuracy"] - run.metrics["validation"]["accuracy"]
        for found in report.seeds_by_model
        for run in found
    ]
    if not gaps:
        return ""
    mean = np.mean(gaps)
    easier, count = (
        ("test", sum(gap > 0 for gap in gaps))
        if mean > 0
        else ("validation", sum(gap < 0 for gap in gaps))
    )
    seem = ": they seem to be the easier ones" if binomtest(count, len(gaps)).pvalue < 0.05 else ""
    return (
        f"In {count} of {len(gaps)} runs the accuracy on the {easier} images is the higher one, by "
        f"{100 * abs(mean):.1f} points on average{seem}.{_copies(report)}"
    )


def _copies(report: Report) -> str:
    """How many images of the held-out splits are copies of training images."""
    if report.record is None:
        return ""
    audit = report.record.info["audit"]
    return (
        f" Of the test images {audit['test_copies_of_train']:,} are copies of training images, of "
        f"the validation images {audit['validation_copies_of_train']:,}."
    )


def classes(report: Report, model: str) -> str:
    """Which emotions a model recognises best and worst, by F1 on the test images."""
    found = report.seeds(model)
    if not found:
        return f"{model_title(model)} has not been trained yet."
    scores = mean_f1(found, "test")
    order = np.argsort(scores)
    named = [f"{EMOTIONS[k]} ({scores[k]:.2f})" for k in order]
    return (
        f"{model_title(model)} has its best F1 for {named[-1]} and {named[-2]}, its worst for "
        f"{named[0]} and {named[1]}."
    )
