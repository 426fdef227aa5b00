"""Is one configuration better than another? Gains with intervals over images and over seeds.

A gain is the mean over seeds of one configuration minus that of the other, on the same images; its
interval is one of :mod:`fer_lib.report.intervals`. Accuracies are taken to spread alike between the
seeds of all configurations, losses are not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fer_lib import evaluation
from fer_lib.data import EMOTIONS
from fer_lib.errors import RunError
from fer_lib.report import intervals
from fer_lib.runs import Run

#: Resampled test sets; a share of 95 % is then known to half a point.
RANKING_DRAWS = 2000


@dataclass(frozen=True)
class Gain:
    """A difference between two configurations, first minus second.

    Attributes:
        value: the difference of the means over seeds.
        low, high: its interval, see the module.
        seeds: how many seeds the first and the second have.
        p_value: of McNemar's exact test if both have one seed; None otherwise, and for a loss.
    """

    value: float
    low: float
    high: float
    seeds: tuple[int, int]
    p_value: float | None


def gain(
    first: Sequence[Run],
    second: Sequence[Run],
    split: str,
    measure: str = "accuracy",
    others: Sequence[Sequence[Run]] = (),
    level: float = intervals.LEVEL,
) -> Gain:
    """The gain of one configuration over another on the same images.

    Args:
        first, second: the runs of each, one a seed, at least one.
        split: "validation" or "test".
        measure: "accuracy" (a fraction) or "loss" (nats).
        others: runs of configurations whose seeds tell how these spread; each run counts once, so
            those of ``first`` and ``second`` among them are left out.
        level: of the interval of an accuracy.

    Raises:
        RunError: the runs did not see the same images in the same order.
    """
    _check_same_images([*first, *second], split)
    a, b = (
        np.stack([image_scores(run, split, measure) for run in runs]) for runs in (first, second)
    )
    value = float(a.mean() - b.mean())
    given = {run.folder for run in (*first, *second)}
    lent = [[run for run in runs if run.folder not in given] for runs in others]
    further = [
        np.stack([image_scores(run, split, measure) for run in runs]) for runs in lent if runs
    ]
    if measure == "accuracy":
        low, high = intervals.difference(a, b, further, level)
    else:
        low, high = intervals.unequal_difference(a, b, further)
    p_value = None
    if measure == "accuracy" and len(a) == len(b) == 1:
        arguments = (run.probabilities(split) for run in (first[0], second[0]))
        p_value = evaluation.mcnemar(first[0].labels(split), *arguments)
    return Gain(value, low, high, (len(a), len(b)), p_value)


def shared_spread(groups: Sequence[Sequence[Run]], split: str) -> float:
    """What seeds change on all images alike, as a standard deviation of accuracies.

    Args:
        groups: the runs of each configuration, one a seed.
        split: "validation" or "test".

    Returns:
        The root of :func:`fer_lib.report.intervals.seed_variance`; NaN if none has several seeds.
    """
    several = [[image_scores(run, split) for run in runs] for runs in groups if len(runs) > 1]
    variance, degrees = intervals.seed_variance([np.stack(scores) for scores in several])
    return float(np.sqrt(variance)) if degrees else float("nan")


def same_images(runs: Sequence[Run], split: str) -> bool:
    """Whether the runs saw the same images in the same order, as far as the labels tell."""
    return all(np.array_equal(runs[0].labels(split), run.labels(split)) for run in runs[1:])


def _check_same_images(runs: Sequence[Run], split: str) -> None:
    if not same_images(runs, split):
        raise RunError(
            f"{runs[0].folder} and {runs[-1].folder}: their {split} images differ in content or "
            "order, so they cannot be compared; train both from the same file"
        )


def image_scores(run: Run, split: str, measure: str = "accuracy") -> np.ndarray:
    """What each image adds to a mean (float, N): 1 if right, or its cross-entropy in nats."""
    labels, probabilities = run.labels(split), run.probabilities(split)
    if measure == "accuracy":
        return evaluation.correct(labels, probabilities).astype(float)
    return evaluation.cross_entropy(labels, probabilities)


def standard_error(run: Run, split: str, measure: str = "accuracy") -> float:
    """The standard error of a run's mean over the images of a split."""
    scores = image_scores(run, split, measure)
    return float(scores.std(ddof=1) / np.sqrt(len(scores)))


def ranking_share(found: Sequence[Run], split: str, holds) -> float:
    """In which share of resampled test sets a statement about the classes' F1 holds.

    All seeds are tested on the same resampled images, and their F1 is averaged.

    Args:
        found: the runs of one configuration, one a seed.
        split: "validation" or "test".
        holds: takes mean F1 scores (float, draws x 7) and gives booleans (draws).

    Raises:
        RunError: the runs did not see the same images in the same order.
    """
    _check_same_images(found, split)
    labels = found[0].labels(split)
    answers = [evaluation.predictions(labels, run.probabilities(split)) for run in found]
    # Images with the same label and the same answers are drawn together.
    kinds, counts = np.unique(np.stack([labels, *answers]), axis=1, return_counts=True)
    rng = np.random.default_rng(0)
    drawn = rng.multinomial(counts.sum(), counts / counts.sum(), size=RANKING_DRAWS)
    truth, classes = kinds[0].astype(int), len(EMOTIONS)
    scores = []
    for answer in kinds[1:].astype(int):
        cells = np.eye(classes**2)[truth * classes + answer]
        scores.append(f1_scores((drawn @ cells).reshape(-1, classes, classes)))
    return float(np.mean(holds(np.mean(scores, axis=0))))


def mean_f1(found: Sequence[Run], split: str) -> np.ndarray:
    """F1 of each class (float, 7) on a split, averaged over seeds."""
    return np.mean([f1_scores(_confusion(run, split)) for run in found], axis=0)


def f1_scores(matrices: np.ndarray) -> np.ndarray:
    """F1 of each class (float, ... x 7) from confusion matrices (... x 7 x 7); 0 for no image."""
    hits = np.diagonal(matrices, axis1=-2, axis2=-1)
    sizes = matrices.sum(axis=-1) + matrices.sum(axis=-2)
    return np.divide(2.0 * hits, sizes, out=np.zeros(hits.shape), where=sizes > 0)


def _confusion(run: Run, split: str) -> np.ndarray:
    return evaluation.confusion(run.labels(split), run.probabilities(split))
