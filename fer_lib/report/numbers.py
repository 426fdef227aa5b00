"""The numbers that the book's sentences use, such as ``{{ model6.test }}``.

Every value prints itself as text and compares as a number, so that a page can both show it and
check what it says of it (the role ``fact`` of ``book/_ext/report_pages.py``).
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from fer_lib import evaluation, paths
from fer_lib.data import EMOTIONS, votes
from fer_lib.report import benchmarks, claims, published, results
from fer_lib.report.exhibits import signed
from fer_lib.report.results import Results
from fer_lib.runs import Run, study

#: Columns of :attr:`Results.table` that pages name; losses are in nats, all others are shares.
COLUMNS = ("train", "val", "test", "train_loss", "val_loss", "test_loss", "confidence", *EMOTIONS)
COPIES = "test_copy_of_train_or_validation"


class Shown(float):
    """A number with the text that stands for it in a sentence; NaN is a dash."""

    def __new__(cls, value: float, text: str):
        shown = super().__new__(cls, value)
        shown.text = "–" if np.isnan(value) else text
        return shown

    def __getnewargs__(self) -> tuple[float, str]:
        return float(self), self.text  # Sphinx pickles its settings

    def __str__(self) -> str:
        return self.text


def share(value: float) -> Shown:
    """A share (0-1) in percent, with one decimal."""
    return Shown(100 * value, f"{100 * value:.1f}")


def points(value: float) -> Shown:
    """A difference of two shares in percentage points, with its sign."""
    return Shown(100 * value, signed(100 * value))


def count(value: float) -> Shown:
    return Shown(value, f"{value:,.0f}")


def of_column(column: str, value: float, is_difference: bool = False) -> Shown:
    """A value of a column as it is written: a loss in nats, anything else in percent or points."""
    if column.endswith("loss"):
        return Shown(value, signed(value, 2) if is_difference else f"{value:.2f}")
    return points(value) if is_difference else share(value)


def mean(values: Iterable[float]) -> float:
    """The mean; NaN of nothing."""
    values = np.asarray(list(values), float)
    return float(values.mean()) if len(values) else float("nan")


def context(found: Results) -> dict[str, Any]:
    """Everything that a page may name, as nested dictionaries of :class:`Shown` and texts."""
    # A report of other runs has dashes for the names that only the committed study has.
    known = results.Results(
        found.root, tuple(study.entries(paths.ROOT / "runs" / "study.toml")), {}
    )
    names = dict.fromkeys([*found.names, *known.names, published.B0])
    judged = claims.judge(found)
    verdicts = [one.verdict for one in judged.values()]
    counted = {word.split()[0]: count(verdicts.count(word)) for word in claims.VERDICTS}
    seconds = sum(run.info.get("seconds", 0) for run in found.runs)
    return {
        **{name: of_name(found, name) for name in names},
        "spread": {column: share(found.spread(column)) for column in ("train", "val", "test")},
        "claims": {key: _of_claim(one) for key, one in judged.items()},
        "verdicts": counted | {"all": count(len(verdicts))},
        "study": {"runs": count(len(found.runs)), "hours": count(seconds / 3600)},
        "data": _data(found),
        "speed": {
            key: Shown(value, f"{value:,.{2 if value < 10 else 0}f}")
            for key, value in benchmarks.numbers().items()
        },
        "trust": _trust(found),
    }


def of_name(found: Results, name: str) -> dict[str, Any]:
    """A name's means over runs, its test accuracy's interval, what was published of it."""
    values = {column: found.values(name, column) for column in COLUMNS}
    means = {column: mean(values[column]) for column in COLUMNS}
    said = {column: published.value(name, column) for column in COLUMNS}
    images, low, high = sum(found.counts["test"]), np.nan, np.nan
    if len(values["test"]):
        low, high = evaluation.accuracy_interval(round(means["test"] * images), images)
    return {
        "runs": count(len(values["test"])),
        **{column: of_column(column, means[column]) for column in COLUMNS},
        "low": share(low),
        "high": share(high),
        "range": share(np.ptp(values["val"]) if len(values["val"]) else np.nan),
        "published": {column: of_column(column, said[column]) for column in COLUMNS},
        "gap": {c: of_column(c, means[c] - said[c], is_difference=True) for c in COLUMNS},
    }


def _of_claim(judged: claims.Judged) -> dict[str, Shown]:
    """The first comparison of a claim."""
    part = judged.parts[0]
    ends = {"gain": part.value, "low": part.low, "high": part.high}
    return {name: of_column(part.column, value, True) for name, value in ends.items()}


def _data(found: Results) -> dict[str, Shown]:
    """Counts of the data's audit, of its classes and splits."""
    train = found.counts["train"]
    audit = found.record.info["audit"] if found.record else {}
    copies = audit.get("test_copies_of_train_or_validation", np.nan)
    counts = {name: value for name, value in audit.items() if isinstance(value, int)}
    counts |= dict(zip(EMOTIONS, train, strict=True))
    counts |= {"inexact": published.INEXACT, "ratio": max(train) / min(train), "copies": copies}
    counts["one_in"] = sum(found.counts["test"]) / copies
    return {name: count(value) for name, value in counts.items()}


def _trust(found: Results) -> dict[str, Shown]:
    """What copies, agreement of voters and choice of an epoch are worth, over Table 1's runs."""
    runs = [run for model in found.models for run in found.of(model)]
    gains = {
        f"chosen_{split}": mean(
            value
            for model in found.models
            for value in found.values(model, f"{split}_best") - found.values(model, split)
        )
        for split in ("val", "test")
    }
    pairs = {"copies": ("all", "no copies"), "voters": ("unanimous", "no majority")}
    for kind, names in pairs.items():
        masks = masks_of(found, kind)
        sides = [[accuracy_on(run, masks[name]) for run in runs if masks] for name in names]
        gains[kind] = mean(np.subtract(*sides))
    return {name: points(value) for name, value in gains.items()}


def masks_of(found: Results, kind: str) -> dict[str, np.ndarray]:
    """Parts of the test images by their names: "copies", or "voters" by how far they agreed.

    Empty where the data has no record, or the record no votes.
    """
    if found.record is None:
        return {}
    if kind == "copies":
        copied = found.record.arrays[COPIES].astype(bool)
        return {"all": np.ones_like(copied), "no copies": ~copied, "copies": copied}
    if "test_votes" not in found.record.arrays:
        return {}
    codes = votes.agreement(found.record.arrays["test_votes"])
    return {name: codes == code for code, name in enumerate(votes.AGREEMENT)}


def accuracy_on(run: Run, mask: np.ndarray) -> float:
    """A run's accuracy on the test images of a mask; NaN if the mask is of other images."""
    if len(mask) != len(run.labels("test")) or not mask.any():
        return float("nan")
    return float(evaluation.correct(run.labels("test"), run.probabilities("test"))[mask].mean())
