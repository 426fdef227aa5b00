"""Intervals of a mean over images and seeds, and of the difference of two.

Two things could have come out otherwise: the images and the seeds. A paired bootstrap over the
images covers the first, and of the second what each seed gets right by chance, image by image, as
that differs between images too. What is left to other seeds is what they share over all images: the
spread between the seeds' means beyond what the chance of single images explains (the estimators of
variance components in a crossed design, Searle, Casella and McCulloch 1992, "Variance Components",
chapter 4), with Student's t for so few seeds.

Everywhere the scores of a configuration are what each image adds to each seed's mean (float, seeds
x N). scipy loads at the first call.
"""

import functools
from collections.abc import Sequence

import numpy as np

LEVEL = 0.95
#: Resamples of a bootstrap interval; its ends are then stable to a tenth of a point.
RESAMPLES = 9999


def difference(
    a: np.ndarray, b: np.ndarray, others: Sequence[np.ndarray] = (), level: float = LEVEL
) -> tuple[float, float]:
    """The interval of the mean of ``a`` minus that of ``b`` where all seeds spread alike.

    The half-widths of both parts add as the sides of a right angle do. Where no configuration has
    several seeds, what seeds share is unknown and left out.

    Args:
        a, b: the scores of both, on the same images.
        others: those of further configurations that spread alike, which may have other images.
        level: of the interval.
    """
    from scipy.stats import t

    value = a.mean() - b.mean()
    low, high = bootstrap_mean(a.mean(axis=0) - b.mean(axis=0), level)
    variance, degrees = seed_variance([a, b, *others])
    seeds = 0.0
    if degrees:
        seeds = t.ppf((1 + level) / 2, degrees) * np.sqrt(variance * (1 / len(a) + 1 / len(b)))
    return float(value - np.hypot(value - low, seeds)), float(value + np.hypot(high - value, seeds))


def unequal_difference(
    a: np.ndarray, b: np.ndarray, others: Sequence[np.ndarray] = ()
) -> tuple[float, float]:
    """The same where the seeds of one configuration may spread more than those of another.

    Each side has a spread of its own, with the degrees of freedom of Welch and Satterthwaite. A
    single seed takes the largest spread that any configuration has. A spread that enters twice is
    one estimate, not two.

    Args:
        a, b: the scores of both, on the same images.
        others: those of further configurations.
    """
    from scipy.stats import t

    means = a.mean(axis=0) - b.mean(axis=0)
    several = [scores for scores in (a, b, *others) if len(scores) > 1]
    variance = means.var(ddof=1) / len(means)
    terms: dict[int, tuple[float, int]] = {}
    for scores in (a, b):
        lender = scores if len(scores) > 1 else max(several, key=_between, default=None)
        if lender is not None:
            # The images' variance has this part of the seeds' already.
            variance -= _scatter(lender).mean() / lender.shape[1] / len(scores)
            before, _ = terms.get(id(lender), (0.0, 0))
            terms[id(lender)] = (before + _between(lender) / len(scores), len(lender) - 1)
    variance = max(variance, 0.0) + sum(term for term, _ in terms.values())
    squares = sum(term**2 / degrees for term, degrees in terms.values())
    degrees = variance**2 / squares if squares else np.inf
    half = float(t.ppf((1 + LEVEL) / 2, degrees) * np.sqrt(variance))
    return float(means.mean()) - half, float(means.mean()) + half


def _between(scores: np.ndarray) -> float:
    """The variance between the seeds' means."""
    return float(scores.mean(axis=1).var(ddof=1))


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


def bootstrap_mean(scores: np.ndarray, level: float = LEVEL) -> tuple[float, float]:
    """The percentile bootstrap interval of a mean over images (scipy).

    Args:
        scores: what each image adds to the mean (float, N).
        level: of the interval.
    """
    if scores.min() == scores.max():
        return float(scores[0]), float(scores[0])
    return _bootstrap(scores.astype(np.float64).tobytes(), level)


@functools.lru_cache(maxsize=256)  # with other seeds beside it, the same pair is asked for again
def _bootstrap(content: bytes, level: float) -> tuple[float, float]:
    from scipy.stats import bootstrap

    scores = np.frombuffer(content)
    interval = bootstrap(
        (scores,),
        np.mean,
        n_resamples=RESAMPLES,
        batch=100,
        confidence_level=level,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    return float(interval.low), float(interval.high)


def seeds_half_width(a: np.ndarray, b: np.ndarray) -> float:
    """Half of the interval of a difference of means over seeds that may spread unlike (Welch's).

    A single seed takes the other side's spread.

    Args:
        a, b: a figure of each seed of both configurations (float, seeds).

    Returns:
        It, or 0 if neither side has several seeds that differ.
    """
    from scipy.stats import t

    if min(len(a), len(b)) < 2:
        return pair_difference([a, b]) * np.sqrt((1 / len(a) + 1 / len(b)) / 2)
    terms = np.array([np.var(side, ddof=1) / len(side) for side in (a, b)])
    if not terms.any():
        return 0.0
    degrees = terms.sum() ** 2 / (terms**2 / [len(a) - 1, len(b) - 1]).sum()
    return float(t.ppf((1 + LEVEL) / 2, degrees) * np.sqrt(terms.sum()))


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


def pair_difference(groups: Sequence[Sequence[float]]) -> float:
    """What two runs of one configuration differ by at most in 95 % of all pairs (Student's t).

    Args:
        groups: a figure of each seed of each configuration; 0 if none has several.
    """
    from scipy.stats import t

    spread, degrees = pooled_spread(groups)
    return float(t.ppf((1 + LEVEL) / 2, degrees) * np.sqrt(2) * spread) if degrees else 0.0
