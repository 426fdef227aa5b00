"""Histories of several seeds as one curve with its range."""

from collections.abc import Sequence

import pandas as pd

from fer_lib.runs import Run


def over_seeds(found: Sequence[Run], column: str) -> pd.DataFrame:
    """A column of the histories by epoch: ``min``, ``mean`` and ``max`` over the seeds."""
    curves = [run.history.set_index("epoch")[column] for run in found]
    return pd.concat(curves).groupby("epoch").agg(["min", "mean", "max"])
