"""Is one configuration better than another? Gains with intervals over images and over seeds.

A gain is the mean over seeds of one configuration minus that of the other, on the same images. Two
things could have come out otherwise: the images and the seeds. A paired bootstrap over the images
covers the first, and of the second what each seed gets right by chance, image by image, as that
differs between images too. What is left to other seeds is what they share over all images: the
spread between the seeds' means beyond what the chance of single images explains (the estimators of
variance components in a crossed design, Searle, Casella and McCulloch 1992, "Variance Components",
chapter 4), with Student's t for so few seeds. The half-widths add as the sides of a right angle do.

The seeds of both configurations are taken to spread alike; further ones that do may lend theirs to
the estimate. Where no configuration has several seeds, what they share is unknown and left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fer_lib import evaluation
from fer_lib.data import EMOTIONS
from fer_lib.errors import RunError
from fer_lib.runs import Run

LEVEL = 0.95
#: Resamples of a bootstrap interval; its ends are then stable to a tenth of a point.
RESAMPLES = 9999
#: Resampled test sets; a share of 95 % is then known to half a point.
RANKING_DRAWS = 2000


@dataclass(frozen=True)
class Gain:
    """A difference between two configurations, first minus second.

    Attributes:
        value: the difference of the means over seeds.
        low, high: its interval at :data:`LEVEL`, see the module.
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
) -> Gain:
    """The gain of one configuration over another on the same images.

    Args:
        first, second: the runs of each, one a seed, at least one.
        split: "validation" or "test".
        measure: "accuracy" (a fraction) or "loss" (nats).
        others: runs of configurations whose seeds spread like these; each run counts once, so
            those of ``first`` and ``second`` among them are left out.

    Raises:
        RunError: the runs did not see the same images in the same order.
    """
    if not same_images([*first, *second], split):
        raise RunError(
            f"{first[0].folder} and {second[0].folder}: their {split} images differ in content or "
            "order, so they cannot be compared; train both from the same file"
        )
    a, b = (
        np.stack([image_scores(run, split, measure) for run in runs]) for runs in (first, second)
    )
    value = float(a.mean() - b.mean())
    given = {run.folder for run in (*first, *second)}
    lent = [[run for run in runs if run.folder not in given] for runs in others]
    further = [
        np.stack([image_scores(run, split, measure) for run in runs]) for runs in lent if runs
    ]
    low, high = interval(a, b, further)
    p_value = None
    if measure == "accuracy" and len(a) == len(b) == 1:
        arguments = (run.probabilities(split) for run in (first[0], second[0]))
        p_value = evaluation.mcnemar(first[0].labels(split), *arguments).p_value
    return Gain(value, low, high, (len(a), len(b)), p_value)


def interval(
    a: np.ndarray, b: np.ndarray, others: Sequence[np.ndarray] = ()
) -> tuple[float, float]:
    """The interval (at :data:`LEVEL`) of the mean of ``a`` minus that of ``b``, see the module.

    Args:
        a, b: what each image adds to each seed's mean (float, seeds x N), on the same images.
        others: the same of further configurations, which may have other images.
    """
    from scipy.stats import t

    value = a.mean() - b.mean()
    low, high = bootstrap_mean(a.mean(axis=0) - b.mean(axis=0))
    variance, degrees = seed_variance([a, b, *others])
    seeds = 0.0
    if degrees:
        seeds = t.ppf((1 + LEVEL) / 2, degrees) * np.sqrt(variance * (1 / len(a) + 1 / len(b)))
    return float(value - np.hypot(value - low, seeds)), float(value + np.hypot(high - value, seeds))


def seed_variance(groups: Sequence[np.ndarray]) -> tuple[float, int]:
    """What a seed adds to the variance of a mean on all images alike, and its degrees of freedom.

    Args:
        groups: what each image adds to each seed's mean (float, seeds x N), by configuration.

    Returns:
        The variance between the seeds' means, less what the scatter of single images between the
        seeds makes of it, at least 0; and 0 with 0 degrees if no configuration has several seeds.
    """
    several = [scores for scores in groups if len(scores) > 1]
    spread, degrees = pooled_spread([scores.mean(axis=1) for scores in several])
    if not degrees:
        return 0.0, 0
    # Of the means, so divided by the number of images.
    scatter = sum(
        (len(scores) - 1) * _scatter(scores).mean() / scores.shape[1] for scores in several
    )
    return max(spread**2 - scatter / degrees, 0.0), degrees


def _scatter(scores: np.ndarray) -> np.ndarray:
    """The variance of each image between seeds (float, N), their means set equal before."""
    return (scores - scores.mean(axis=1, keepdims=True)).var(axis=0, ddof=1)


def same_images(runs: Sequence[Run], split: str) -> bool:
    """Whether the runs saw the same images in the same order, as far as the labels tell."""
    return all(np.array_equal(runs[0].labels(split), run.labels(split)) for run in runs[1:])


def image_scores(run: Run, split: str, measure: str = "accuracy") -> np.ndarray:
    """What each image adds to a mean (float, N): 1 if right, or its cross-entropy in nats."""
    labels, probabilities = run.labels(split), run.probabilities(split)
    if measure == "accuracy":
        return evaluation.correct(labels, probabilities).astype(float)
    return evaluation.cross_entropy(labels, probabilities)


def bootstrap_mean(scores: np.ndarray) -> tuple[float, float]:
    """The percentile bootstrap interval (at :data:`LEVEL`) of a mean over images (scipy).

    Args:
        scores: what each image adds to the mean (float, N).
    """
    from scipy.stats import bootstrap

    if scores.min() == scores.max():
        return float(scores[0]), float(scores[0])
    interval = bootstrap(
        (scores,),
        np.mean,
        n_resamples=RESAMPLES,
        batch=100,
        confidence_level=LEVEL,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    return float(interval.low), float(interval.high)


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
    """
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


def seeds_half_width(a: np.ndarray, b: np.ndarray, others: Sequence[np.ndarray] = ()) -> float:
    """Half of Student's interval of a difference of means over seeds; 0 if no side has several.

    Args:
        a, b: a figure of each seed of both configurations (float, seeds).
        others: the same of configurations that spread alike.
    """
    from scipy.stats import t

    spread, degrees = pooled_spread([a, b, *others])
    if not degrees:
        return 0.0
    error = spread * np.sqrt(1 / len(a) + 1 / len(b))
    return float(t.ppf((1 + LEVEL) / 2, degrees) * error)


def pooled_spread(groups: Sequence[np.ndarray]) -> tuple[float, int]:
    """The standard deviation within groups that spread alike, and its degrees of freedom.

    Args:
        groups: a figure of each seed of each configuration (float, seeds); empty ones do not count.

    Returns:
        Both; NaN and 0 if no group has several seeds.
    """
    several = [np.asarray(scores) for scores in groups if len(scores) > 1]
    degrees = sum(len(scores) - 1 for scores in several)
    if not degrees:
        return float("nan"), 0
    squares = sum(((scores - scores.mean()) ** 2).sum() for scores in several)
    return float(np.sqrt(squares / degrees)), degrees
