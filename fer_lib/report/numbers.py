"""The numbers that the book's sentences use, such as ``{{ model6.test }}``.

Every value prints itself as text and compares as a number, so that a page can both show it and
check what it says of it (the role ``fact`` of ``book/_ext/report_pages.py``).
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from fer_lib import evaluation, paths
from fer_lib.data import EMOTIONS, votes
from fer_lib.report import claims, published, results
from fer_lib.report.exhibits import signed
from fer_lib.report.results import Results, title
from fer_lib.runs import Run, study

#: Columns of :attr:`Results.table` that are losses in nats; all other numbers are shares.
LOSSES = ("train_loss", "val_loss", "test_loss")
COLUMNS = ("train", "val", "test", "val_best", "test_best", "confidence", "ece", *EMOTIONS)
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


def nats(value: float) -> Shown:
    return Shown(value, f"{value:.2f}")


def loss_gap(value: float) -> Shown:
    """A difference of two losses, with its sign."""
    return Shown(value, signed(value, 2))


def count(value: float) -> Shown:
    return Shown(value, f"{value:,.0f}")


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
    names = list(dict.fromkeys([*found.names, *known.names, "efficientnetb0"]))
    judged = claims.judge(found)
    verdicts = [one.verdict for one in judged.values()]
    return {
        **{name: of_name(found, name) for name in names},
        "best": _extremes(found, max),
        "worst": _extremes(found, min),
        "spread": _spread(found),
        "claims": {key: _of_claim(one) for key, one in judged.items()},
        "verdicts": {
            "all": count(len(verdicts)),
            **{word.split()[0]: count(verdicts.count(word)) for word in claims.VERDICTS},
        },
        "study": {
            "runs": count(len(found.runs)),
            "missing": count(len(found.missing)),
            "hours": Shown(
                hours := sum(run.info.get("seconds", 0) for run in found.runs) / 3600,
                f"{hours:.0f}",
            ),
        },
        "data": _data(found),
        "provenance": {"inexact": count(published.INEXACT)},
        "trust": _trust(found),
    }


def of_name(found: Results, name: str) -> dict[str, Any]:
    """A name's means over runs, its test accuracy's interval, what was published of it."""
    values = {column: found.values(name, column) for column in (*COLUMNS, *LOSSES)}
    test = values["test"]
    images = sum(found.counts["test"])
    low, high = (
        evaluation.accuracy_interval(round(mean(test) * images), images)
        if len(test)
        else (np.nan,) * 2
    )
    return {
        "title": title(name),
        "runs": count(len(test)),
        **{column: share(mean(values[column])) for column in COLUMNS},
        **{column: nats(mean(values[column])) for column in LOSSES},
        "low": share(low),
        "high": share(high),
        "sd": share(values["val"].std(ddof=1) if len(test) > 1 else np.nan),
        "range": share(np.ptp(values["val"]) if len(test) else np.nan),
        "published": {
            **{column: share(published.value(name, column)) for column in COLUMNS},
            **{column: nats(published.value(name, column)) for column in LOSSES},
        },
        "gap": {
            **{c: points(mean(values[c]) - published.value(name, c)) for c in COLUMNS},
            **{c: loss_gap(mean(values[c]) - published.value(name, c)) for c in LOSSES},
        },
    }


def _extremes(found: Results, choose) -> dict[str, str]:
    """The model of Table 1 with the highest, or lowest, mean of each column."""
    shown = {}
    for column in ("train", "val", "test", "val_loss"):
        means = {m: mean(v) for m in found.models if len(v := found.values(m, column))}
        shown[column] = title(choose(means, key=means.get)) if means else "–"
    return shown


def _spread(found: Results) -> dict[str, Shown]:
    """Standard deviation between runs of one model, pooled over Table 1's models; in points."""
    return {column: share(found.spread(column)) for column in ("train", "val", "test")}


def _of_claim(judged: claims.Judged) -> dict[str, Any]:
    first = judged.parts[0]
    write = loss_gap if first.column.endswith("loss") else points
    return {
        "verdict": judged.verdict,
        "gain": write(first.value),
        "low": write(first.low),
        "high": write(first.high),
    }


def _data(found: Results) -> dict[str, Any]:
    """Counts of the data's audit, of its classes and splits."""
    train = np.array(found.counts["train"])
    sizes = {split: count(sum(counts)) for split, counts in found.counts.items()}
    audit = found.record.info["audit"] if found.record else {}
    copies = audit.get("test_copies_of_train_or_validation", np.nan)
    return {
        **sizes,
        **{name: count(value) for name, value in zip(EMOTIONS, train, strict=True)},
        **{name: count(value) for name, value in audit.items() if np.isscalar(value)},
        "copies": count(copies),
        "one_in": count(float(sizes["test"]) / copies),
        "ratio": count(train.max() / train.min()),
        "most": share(train.max() / train.sum()),
    }


def _trust(found: Results) -> dict[str, Shown]:
    """What copies, agreement of voters and choice of an epoch are worth, over Table 1's runs."""
    runs = [run for model in found.models for run in found.of(model)]
    gaps = {}
    for kind, first, second in (
        ("copies", "all", "no copies"),
        ("voters", "unanimous", "no majority"),
    ):
        masks = masks_of(found, kind)
        gaps[kind] = [
            accuracy_on(run, masks[first]) - accuracy_on(run, masks[second])
            for run in runs
            if masks
        ]
    table = found.table
    rows = table[table["name"].isin(found.models)] if len(table) else table
    chosen = {
        f"chosen_{split}": points(
            mean(rows[f"{split}_best"] - rows[split]) if len(rows) else np.nan
        )
        for split in ("val", "test")
    }
    return {name: points(mean(values)) for name, values in gaps.items()} | chosen


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
