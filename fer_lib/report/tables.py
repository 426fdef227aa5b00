"""The tables of the book, published values beside reproduced ones; each is a :class:`Table`."""

import numpy as np

from fer_lib import evaluation
from fer_lib.data import EMOTIONS, SPLITS
from fer_lib.report import numbers, published
from fer_lib.report.claims import Judged
from fer_lib.report.exhibits import Table, percent, signed, table
from fer_lib.report.results import Results, title

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
    "confidence": "confidence, %",
    "ece": "calibration error, %",
}
MISSING = "not yet run"


def _scale(column: str) -> tuple[int, int]:
    """What a column's values are multiplied by, and their decimals: losses are no percents."""
    return (1, 2) if column.endswith("loss") else (100, 1)


def _mean(values: np.ndarray, column: str = "") -> str:
    """Mean ± standard deviation over runs; the value alone of one run."""
    if not len(values):
        return MISSING
    scale, digits = _scale(column)
    text = f"{scale * values.mean():.{digits}f}"
    return f"{text} ± {scale * values.std(ddof=1):.{digits}f}" if len(values) > 1 else text


def means(results: Results, *wanted: str) -> Table:
    """Means over runs, their number and the interval of the test accuracy for other images.

    Args:
        results: the runs.
        wanted: columns of the results, and names; Table 1's models where there is no name.
    """
    columns = [one for one in wanted if one in HEADINGS]
    rows = {}
    for name in [one for one in wanted if one not in columns] or results.models:
        rows[title(name)] = {
            HEADINGS[column]: _mean(results.values(name, column), column) for column in columns
        }
        if "test" in columns:
            shown = numbers.of_name(results, name)
            rows[title(name)]["test, other images"] = f"{shown['low']}–{shown['high']}"
        rows[title(name)]["runs"] = str(len(results.of(name)))
    return table(rows)


def published_beside(results: Results, *columns: str) -> Table:
    """Columns of Table 1's models, as published and as they came out here."""
    rows = {}
    for name in results.models:
        rows[title(name)] = row = {}
        for column in columns:
            said, values = published.value(name, column), results.values(name, column)
            scale, _ = _scale(column)
            digits = 0 if column == "test" else 2  # as the original prints them
            row[f"{HEADINGS[column]}, published"] = (
                "–" if np.isnan(said) else f"{scale * said:.{digits}f}"
            )
            row[f"{HEADINGS[column]}, here"] = _mean(values, column)
        row["runs"] = str(len(results.of(name)))
    return table(rows)


def class_report(results: Results, name: str) -> Table:
    """Precision, recall and F1 by emotion in percent: published, mean over runs, difference."""
    runs = results.of(name)
    reports = [
        evaluation.classification_report(run.labels("test"), run.probabilities("test"))
        for run in runs
    ]
    here = sum(reports) / len(reports) if reports else published.REPORTS["model3"] * np.nan
    said = published.REPORTS.get(published.B0 if "lite0" in name else name)
    rows = {}
    for label in here.index:
        rows[label] = row = {}
        for column in ("precision", "recall", "f1-score"):
            value, was = (
                here.loc[label, column],
                np.nan if said is None else said.loc[label, column],
            )
            if said is not None:
                row[f"{column}, published"] = percent(was, 0)
            row[f"{column}, here"] = percent(value)
            if said is not None and column == "f1-score":
                row["difference"] = signed(100 * (value - was))
        row["images"] = percent(here.loc[label, "support"] / 100, 0)
    return table(rows)


def class_counts(results: Results) -> Table:
    """Images by emotion and split, the share of the training images and the class weight."""
    counts = {split: np.array(results.counts[split]) for split in SPLITS}
    train = counts["train"]
    rows = {
        emotion: {split: f"{counts[split][k]:,}" for split in SPLITS}
        | {
            "training, published": f"{said:,}"
            if (said := published.TRAINING_COUNTS.get(emotion))
            else "–",
            "share of training, %": percent(train[k] / train.sum()),
            "class weight": f"{train.sum() / (len(train) * train[k]):.2f}",
        }
        for k, emotion in enumerate(EMOTIONS)
    }
    rows["all"] = {split: f"{counts[split].sum():,}" for split in SPLITS} | {"class weight": ""}
    return table(rows)


#: What the audit of the data counts.
AUDIT = {
    "images_in_all": "images in all",
    "distinct_images": "distinct images",
    "rows_sharing_pixels": "images whose pixels occur more than once",
    "test_copies_of_train": "test images that are copies of training images",
    "test_copies_of_train_or_validation": "… of training or validation images",
    "validation_copies_of_train": "validation images that are copies of training images",
    "conflicting_groups": "groups of identical images with different labels",
    "conflicting_rows": "images in these groups",
    "blank_images": "blank images",
}


def audit(results: Results) -> Table:
    """Copies, conflicting labels and blank images."""
    counted = results.record.info["audit"] if results.record else {}
    return table(
        {
            text: {"images": f"{counted.get(key, '–'):,}" if counted else "–"}
            for key, text in AUDIT.items()
        }
    )


def masked(results: Results, kind: str) -> Table:
    """Test accuracy with and without copies ("copies"), or by agreement of voters ("voters")."""
    masks = numbers.masks_of(results, kind)
    return table(
        {
            title(name): {
                f"{label} ({mask.sum():,})": _mean(
                    np.array([numbers.accuracy_on(run, mask) for run in results.of(name)])
                )
                for label, mask in masks.items()
            }
            for name in results.models
        }
    )


def evidence(judged: Judged) -> Table:
    """The comparisons of a claim: difference in points (of a loss: in nats), interval, runs."""
    rows = {}
    for part in judged.parts:
        is_loss = part.column.endswith("loss")
        scale = 1 if is_loss or part.column == "count" else 100
        value, low, high = (
            signed(scale * number, 2 if is_loss else 1)
            for number in (part.value, part.low, part.high)
        )
        rows[part.label + " (loss)" * is_loss] = {
            "difference": value,
            "95 % interval": low if low == "–" else f"{low} to {high}",
            "runs": " and ".join(map(str, part.sizes)) or "–",
        }
    return table(rows)
