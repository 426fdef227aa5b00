"""The one method by which the report compares: one number a run, Welch's interval over runs.

Welch, 1947, Biometrika 34. Intervals are of 95 % and say what other seeds would give on the same
images; Wilson's interval of an accuracy says what other images would change.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t, ttest_1samp, ttest_ind

#: One-sided: a whole 95 % interval on one side of a limit.
ALPHA = 0.025
#: One point of accuracy or F1: less is no meaningful gain.
MARGIN = 0.01
#: Runs a side; two give intervals so wide that they say nothing.
FEWEST = 3


@dataclass(frozen=True)
class Part:
    """One comparison of a claim.

    Attributes:
        label: what is compared, in words.
        column: of the results; "count" for counts of the data, "" where numbers are all there is.
        sizes: runs of each side.
        value: the difference of the means; NaN without runs.
        low, high: its 95 % interval; NaN with too few runs.
        limit: what the difference is held against.
        supports: one-sided p of the claim's opposite; NaN with too few runs.
        opposes: one-sided p of the claim.
    """

    label: str
    column: str
    sizes: tuple[int, ...]
    value: float
    low: float = np.nan
    high: float = np.nan
    limit: float = 0.0
    supports: float = np.nan
    opposes: float = np.nan


def compare(
    label: str,
    first: Sequence[float],
    second: Sequence[float] | None = None,
    *,
    column: str = "",
    limit: float = 0.0,
    below: bool = False,
) -> Part:
    """Holds the difference of two means, or one mean, against a limit.

    Args:
        label: what is compared.
        first: one number a run.
        second: of the other side; None compares ``first`` itself.
        column: see :class:`Part`.
        limit: in the unit of the values.
        below: whether the claim says "less than the limit" instead of "more".
    """
    first = np.asarray(first, float)
    sides = [first] if second is None else [first, np.asarray(second, float)]
    sizes = tuple(map(len, sides))
    if min(sizes) < FEWEST:
        value = float(np.subtract(*map(np.mean, [*sides, [0.0]][:2]))) if min(sizes) else np.nan
        return Part(label, column, sizes, value, limit=limit)

    def test(shift: float, side: str = "two-sided"):
        if second is None:
            return ttest_1samp(first - shift, 0, alternative=side)
        return ttest_ind(first - shift, sides[1], equal_var=False, alternative=side)

    low, high = test(0).confidence_interval(1 - 2 * ALPHA)
    above, under = (float(test(limit, side).pvalue) for side in ("greater", "less"))
    supports, opposes = (under, above) if below else (above, under)
    value = (low + high) / 2
    return Part(label, column, sizes, value, low, high, limit, supports, opposes)


def verdict(parts: Sequence[Part]) -> str:
    """What the parts of a claim say together.

    Returns:
        "refuted" if one part is, at 2.5 % divided by the number of parts; "confirmed" if all are;
        "too few runs" if one has fewer than three a side; else "undecided".
    """
    if min(np.nan_to_num([part.opposes for part in parts], nan=1)) * len(parts) < ALPHA:
        return "refuted"
    if any(np.isnan(part.supports) for part in parts):
        return "too few runs"
    return "confirmed" if max(part.supports for part in parts) < ALPHA else "undecided"


def reach(sides: Sequence[np.ndarray], runs: int) -> float:
    """How far from the mean of so many runs a further one falls, in 95 of 100 cases.

    Args:
        sides: one number a run of every model, whose standard deviation is pooled.
        runs: of the model itself.

    Returns:
        Half the width of the prediction interval; NaN where nothing says how runs differ.
    """
    sides = [np.asarray(side) for side in sides if len(side) > 1]
    free = sum(len(side) - 1 for side in sides)
    if not free or not runs:
        return np.nan
    squares = sum(((side - side.mean()) ** 2).sum() for side in sides)
    return float(t.ppf(1 - ALPHA, free) * np.sqrt(squares / free * (1 + 1 / runs))) or np.nan
