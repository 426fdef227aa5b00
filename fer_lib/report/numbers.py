"""The numbers that the book's sentences use, such as ``{{ model6.test }}``.

Every value prints itself as text and compares as a number, so that a page can both show it and
check what it says of it (the role ``fact`` of ``book/_ext/report_pages.py``).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import binomtest

from fer_lib import evaluation, paths
from fer_lib.data import EMOTIONS, votes
from fer_lib.report import benchmarks, claims, published
from fer_lib.report.columns import COLUMNS, disgusted_lead
from fer_lib.report.exhibits import signed
from fer_lib.report.results import Results
from fer_lib.report.statistics import Part, compare
from fer_lib.runs import Run, study


class Shown(float):
    """A number with the text that stands for it in a sentence; NaN is a dash."""

    def __new__(cls, value: float, text: str):
        made = super().__new__(cls, value)
        made.text = "–" if np.isnan(value) else text
        return made

    def __getnewargs__(self) -> tuple[float, str]:
        return float(self), self.text  # Sphinx pickles its settings

    def __str__(self) -> str:
        return self.text


#: The columns in which names are compared with model 2.
OVER = ("test", "Disgusted")


def scale(column: str) -> tuple[int, int]:
    """What a column's values are multiplied by, and their decimals; losses are in nats."""
    return (1, 2) if column.endswith("loss") else (1 if column == "count" else 100, 1)


def shown(value: float, column: str = "", digits: int | None = None) -> Shown:
    """A value of a column as it is written; without a column a share (0-1) in percent."""
    factor, usual = scale(column)
    return Shown(factor * value, f"{factor * value:.{usual if digits is None else digits}f}")


def gap(value: float, column: str = "") -> Shown:
    """A difference of two values of a column, with its sign."""
    factor, digits = scale(column)
    return Shown(factor * value, signed(factor * value, digits))


def interval(part: Part) -> str:
    """The interval of a comparison as "−0.2 to +1.7"; a dash with too few runs."""
    low, high = gap(part.low, part.column), gap(part.high, part.column)
    return "–" if np.isnan(low) else f"{low} to {high}"


def count(value: float) -> Shown:
    return Shown(value, f"{value:,.0f}")


def context(results: Results) -> dict[str, Any]:
    """Everything that a page may name, as nested dictionaries of :class:`Shown` and texts."""
    # A report of other runs has dashes for the names that only the committed study has.
    committed = Results(results.root, tuple(study.entries(paths.ROOT / "runs" / "study.toml")), {})
    names = dict.fromkeys([*results.names, *committed.names, published.B0])
    judged = claims.judge(results)
    verdicts = [one.verdict for one in judged.values()]
    seconds = sum(run.info.get("seconds", 0) for run in results.runs)
    return {
        **{name: of_name(results, name) for name in names},
        "claims": {key: _claim(one) for key, one in judged.items()},
        "verdicts": {word.split()[0]: count(verdicts.count(word)) for word in claims.VERDICTS}
        | {
            "all": count(len(verdicts)),
            "comparisons": count(
                sum(len(one.parts) for one in judged.values() if one.rule in ("above", "below"))
            ),
        },
        "study": {
            "runs": count(len(results.runs)),
            "missing": count(len(results.entries) - len(results.made)),
            "on_gpu": count(sum(run.info["device"] != "CPU" for run in results.runs)),
            "hours": count(seconds / 3600),
        },
        "data": _data(results),
        "speed": {
            key: Shown(value, f"{value:,.{2 if value < 10 else 0}f}")
            for key, value in benchmarks.numbers().items()
        },
        "trust": _trust(results),
        "elsewhere": _elsewhere(results),
    }


def _claim(judged: claims.Claim) -> dict[str, Any]:
    """A claim's verdict, and the first of the comparisons that decide it."""
    first = judged.parts[0]
    gain = gap(first.value, first.column)
    return {"verdict": judged.verdict, "gain": gain, "interval": interval(first)}


def of_name(results: Results, name: str) -> dict[str, Any]:
    """A name's means over runs, its test accuracy's interval for other images, what was published.

    ``off``: how far the published value lies from the mean; beyond 1 another run hardly falls.
    """
    means = {column: results.mean(name, column) for column in COLUMNS}
    said = {column: published.value(name, column) for column in COLUMNS}
    values, images = results.values(name, "val"), sum(results.counts["test"])
    low = high = np.nan
    if len(values):
        right = binomtest(round(means["test"] * images), images)
        low, high = right.proportion_ci(method="wilson")
    return {
        "runs": count(len(values)),
        **{column: shown(means[column], column) for column in COLUMNS},
        "low": shown(low),
        "high": shown(high),
        "range": shown(np.ptp(values) if len(values) else np.nan),
        "published": {column: shown(said[column], column) for column in COLUMNS},
        "gap": {column: gap(means[column] - said[column], column) for column in COLUMNS},
        "off": {
            column: shown(abs(means[column] - said[column]) / results.reach(name, column), "count")
            for column in COLUMNS
        },
        "over_model2": {column: _over(results, name, "model2", column) for column in OVER},
        "called": {
            true: dict(zip(EMOTIONS, map(shown, row), strict=True))
            for true, row in zip(EMOTIONS, answers(results.of(name)), strict=True)
        },
    }


def _over(results: Results, name: str, other: str, column: str) -> Shown:
    """The difference of two names with its interval, as "+0.8 (−0.2 to +1.7)"."""
    part = compare("", results.values(name, column), results.values(other, column))
    value = gap(part.value)
    return Shown(value, f"{value} ({interval(part)})")


def answers(runs: Sequence[Run]) -> np.ndarray:
    """Of each emotion's test images the share (0-1) that runs call each: 7 x 7; 0 without runs."""
    shares = [evaluation.confusion(run.labels("test"), run.probabilities("test")) for run in runs]
    return np.mean(shares or [np.zeros((len(EMOTIONS),) * 2)], axis=0)


def _data(results: Results) -> dict[str, Shown]:
    """Counts of the data's audit, of its classes and splits."""
    train, audit = results.counts["train"], results.record.info["audit"] if results.record else {}
    copies = audit.get("test_copies_of_train_or_validation", np.nan)
    counts = {name: value for name, value in audit.items() if isinstance(value, int)}
    counts |= dict(zip(EMOTIONS, train, strict=True))
    counts |= {"inexact": published.INEXACT, "ratio": max(train) / min(train), "copies": copies}
    counts["one_in"] = sum(results.counts["test"]) / copies
    return {name: count(value) for name, value in counts.items()}


def _trust(results: Results) -> dict[str, Shown]:
    """What copies, agreement of voters and choice of an epoch are worth, over Table 1's runs."""
    of_models = results.table[results.table["name"].isin(results.models)]
    sides = {
        "chosen_val": (of_models, "val_best", "val"),
        "chosen_test": (of_models, "test_best", "test"),
        "copies": (results.on_masks("copies"), "all", "no copies"),
        "voters": (results.on_masks("voters"), "unanimous", "no majority"),
    }
    gaps = {
        name: gap(table[more].mean() - table[less].mean() if len(table) else np.nan)
        for name, (table, more, less) in sides.items()
    }
    lead = results.on_masks("copies", "model3", "model6", score=disgusted_lead)
    gaps["Disgusted_lead"] = gap(lead.mean().get("no copies", np.nan))
    masks, shares = results.masks("voters"), [np.nan] * 3
    if masks:
        arrays, unanimous = results.record.arrays, masks["unanimous"]
        same = votes.favourites(arrays["test_votes"]) == arrays["test_labels"]
        networks = results.on_masks("voters")["unanimous"].mean()
        shares = same.mean(), same[unanimous].mean(), networks
    names = ("voters_choice", "unanimous_choice", "unanimous_networks")
    return gaps | dict(zip(names, map(shown, shares), strict=True))


def _elsewhere(results: Results) -> dict[str, dict[str, Shown]]:
    """What well-known networks are said to reach, at how many times model 2's arithmetic."""
    base = results.mean("model2", "arithmetic")
    return {
        key: {
            "accuracy": shown(one["accuracy"], digits=2),
            "times": count(one["arithmetic"] / base),
        }
        for key, one in published.ELSEWHERE.iterrows()
    }
