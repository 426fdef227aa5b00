"""The tables of the book, published values beside reproduced ones; each is a :class:`Table`."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fer_lib import evaluation
from fer_lib.data import EMOTIONS, SPLITS
from fer_lib.report import numbers, published
from fer_lib.report.claims import Claim
from fer_lib.report.exhibits import Table, percent, table
from fer_lib.report.results import Results, title
from fer_lib.runs import Run

#: Headings of columns of :attr:`Results.table`.
HEADINGS = {
    "train": "training accuracy, %",
    "train_loss": "training loss",
    "val": "validation, %",
    "val_loss": "validation loss",
    "test": "test, %",
    "test_loss": "test loss",
    "val_best": "validation at the best epoch, %",
    "test_best": "test at the best epoch, %",
    "test_views": "test, ten views, %",
    "confidence": "confidence, %",
    "ece": "calibration error, %",
    "Disgusted": "F1 of Disgusted, %",
}
#: Headings of the columns of a classification report.
SCORES = {"precision": "precision", "recall": "recall", "f1-score": "F1"}


def _spread(values: np.ndarray, column: str = "") -> str:
    """Mean ± standard deviation over runs; the value alone of one run, a dash where none has it."""
    if not len(values) or np.isnan(values).any():
        return "–" if len(values) else "not yet run"
    factor, digits = numbers.scale(column)
    text = f"{factor * np.mean(values):.{digits}f}"
    return f"{text} ± {factor * np.std(values, ddof=1):.{digits}f}" if len(values) > 1 else text


def means(results: Results, *wanted: str) -> Table:
    """Means over runs, and their number.

    Args:
        results: the runs.
        wanted: columns of the results, and names, Table 1's models where there is no name; also
            "published" for what the original printed, in brackets, and "images" for the interval
            of the test accuracy for other images.
    """
    columns = [one for one in wanted if one in HEADINGS]
    others = (*columns, "published", "images")
    names = [one for one in wanted if one not in others] or results.models
    rows = {title(name): {} for name in names}
    for name, row in zip(names, rows.values(), strict=True):
        for column in columns:
            said, heading = "–", HEADINGS[column]
            if "published" in wanted:
                digits = 0 if column == "test" else 2  # as the original prints them
                said = str(numbers.shown(published.value(name, column), column, digits))
                heading += " (published)"
            row[heading] = _beside(_spread(results.values(name, column), column), said)
        if "images" in wanted:
            row["on other test images"] = "{low}–{high}".format(**numbers.of_name(results, name))
        row["runs"] = len(results.of(name))
    return table(rows)


def _beside(here: str, said: str) -> str:
    """A value with the published one, if there is one, in brackets."""
    return here if said == "–" else f"{here} ({said})"


def class_report(results: Results, name: str) -> Table:
    """Precision, recall and F1 by emotion in percent: mean over runs (published)."""
    said = published.REPORTS.get(published.B0 if "lite0" in name else name)
    return classes(results.of(name), said)


def classes(runs: Sequence[Run], said: pd.DataFrame | None = None) -> Table:
    """Precision, recall and F1 on the test images in percent: mean over runs (``said``)."""
    reports = [
        evaluation.classification_report(run.labels("test"), run.probabilities("test"))
        for run in runs
    ] or [published.REPORTS["model3"] * np.nan]
    here, shown = sum(reports) / len(reports), {}
    printed = here * np.nan if said is None else said
    for column, heading in SCORES.items():
        texts = here[column].map(percent), printed[column].map(lambda value: percent(value, 0))
        shown[heading] = list(map(_beside, *texts))
    shown["images"] = here["support"].map("{:,.0f}".format, na_action="ignore")
    return Table(pd.DataFrame(shown, here.index, dtype=object).fillna("–"), stacks=False)


def class_counts(results: Results) -> Table:
    """Images by emotion and split, the share of the training images and the class weight."""
    counts = pd.DataFrame(results.counts, EMOTIONS)[list(SPLITS)]
    shares = counts["train"] / counts["train"].sum()
    counts.loc["all"] = counts.sum()
    shown = counts.map("{:,}".format)
    shown["training, published"] = pd.Series(published.TRAINING_COUNTS).map("{:,}".format)
    shown["share of training, %"] = shares.map(percent)
    shown["class weight"] = (1 / len(EMOTIONS) / shares).map("{:.2f}".format)
    return Table(shown.fillna("–"))


def masked(results: Results, kind: str) -> Table:
    """Test accuracy with and without copies ("copies"), or by agreement of voters ("voters")."""
    accuracies, rows = results.on_masks(kind), {}
    for name in accuracies.index.unique():
        rows[title(name)] = {
            f"{label} ({mask.sum():,})": _spread(accuracies.loc[[name], label])
            for label, mask in results.masks(kind).items()
        }
    return table(rows)


#: What is compared where it is not the validation accuracy.
COMPARED = {
    "train": ": training accuracy",
    "test": ": test accuracy",
    "val_loss": ": validation loss",
    "overfit": ": training − validation accuracy",
    "happy_lead": ": F1 of Happy − the next best",
    "fear_sad_lag": ": F1 of the third worst − Fear and Sad",
    "disgusted_lead": ": F1 of Disgusted − the mean",
}


def evidence(claim: Claim) -> Table:
    """The comparisons of a claim: difference in points (of a loss: in nats), interval, runs."""
    rows = {}
    for part in claim.parts:
        rows[part.label + COMPARED.get(part.column, "")] = {
            "difference": str(numbers.gap(part.value, part.column)),
            "95 % interval": numbers.interval(part),
            "runs": " and ".join(map(str, part.sizes)) or "–",
        }
    return table(rows)
