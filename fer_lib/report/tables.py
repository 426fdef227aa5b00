"""The tables of the book, published values beside reproduced ones; each is a :class:`Table`."""

import numpy as np

from fer_lib import evaluation, recipes
from fer_lib.data import EMOTIONS, SPLITS
from fer_lib.report import numbers, published, run_tables
from fer_lib.report.claims import Judged
from fer_lib.report.exhibits import Table, percent, signed, table
from fer_lib.report.results import Results, title

#: Headings of the columns of Table 1, and the decimals of its cells.
TABLE1 = {
    "train": "training accuracy, %",
    "train_loss": "training loss",
    "val": "validation accuracy, %",
    "val_loss": "validation loss",
}
MISSING = "not yet run"


def _mean(values: np.ndarray, scale: float = 100, digits: int = 1) -> str:
    """Mean ± standard deviation over runs; the value alone of one run."""
    if not len(values):
        return MISSING
    text = f"{scale * values.mean():.{digits}f}"
    return f"{text} ± {scale * values.std(ddof=1):.{digits}f}" if len(values) > 1 else text


def summary(results: Results) -> Table:
    """Validation and test accuracy, published and reproduced."""
    rows = {}
    for name in results.models:
        values = {column: results.values(name, column) for column in ("val", "test")}
        said = {column: published.value(name, column) for column in values}
        shown = numbers.of_name(results, name)
        rows[title(name)] = {
            "validation, published": percent(said["val"], 2),
            "validation, here": _mean(values["val"]),
            "difference": signed(100 * (numbers.mean(values["val"]) - said["val"])),
            "test, published": percent(said["test"], 0),
            "test, here": _mean(values["test"]),
            "test, other images": f"{shown['low']}–{shown['high']}",
            "runs": str(len(values["val"])),
        }
    return table(rows)


def table1(results: Results) -> Table:
    """Table 1 of the original: each cell has the published value, then the reproduced one."""
    rows = {}
    for name in results.models:
        rows[title(name)] = row = {}
        for column, heading in TABLE1.items():
            is_loss = column.endswith("loss")
            said = published.value(name, column)
            was = "–" if np.isnan(said) else f"{said:.2f}" if is_loss else percent(said, 2)
            row[f"{heading}, published"] = was
            here = results.values(name, column)
            row[f"{heading}, here"] = _mean(here, *((1, 2) if is_loss else (100, 1)))
    return table(rows)


def differences(results: Results) -> Table:
    """Reproduced minus published, and in standard deviations between a model's runs."""
    rows = {}
    for name in results.models:
        rows[title(name)] = row = {}
        for column in ("val", "val_loss"):
            values = results.values(name, column)
            gap = numbers.mean(values) - published.value(name, column)
            scale, unit = (1, "nats") if column == "val_loss" else (100, "points")
            own = values.std(ddof=1) if len(values) > 1 else np.nan
            spread = own if column == "val_loss" else results.spread(column)
            row[f"{TABLE1[column].removesuffix(', %')}, {unit}"] = signed(
                scale * gap, 2 if column == "val_loss" else 1
            )
            row[f"in deviations of {'its' if column == 'val_loss' else 'all'} runs"] = signed(
                gap / (spread * np.sqrt(1 + 1 / max(len(values), 1)))
            )
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


def sizes(results: Results) -> Table:
    """Parameters, multiply-adds and layers with a kernel of each model that has a run."""
    rows = {}
    for name in results.names:
        for run in results.of(name)[:1]:
            if title(run.model) in rows or "layers" not in run.info:
                continue
            layers = run.info["layers"]
            total = sum(layer["parameters"] for layer in layers)
            dense = sum(layer["parameters"] for layer in layers if layer["type"] == "Dense")
            rows[title(run.model)] = {
                "parameters": f"{total:,}",
                "in dense layers, %": percent(dense / total),
                "multiply-adds, million": f"{run.info['multiply_adds'] / 1e6:,.1f}",
                "layers with a kernel": str(sum(layer["multiply_adds"] > 0 for layer in layers)),
            }
    return table(rows)


def layers_of(results: Results, name: str) -> Table:
    """A model's layers, from its first run."""
    run = next(iter(results.of(name)), None)
    return run_tables.layers(run.info["layers"] if run else [])


def recipe_list(results: Results) -> Table:
    """The recipes of the study: in what each differs from the first."""
    names = dict.fromkeys(entry.recipe for entry in results.entries)
    first, *others = [recipes.get(name) for name in names]
    plain = vars(recipes.Recipe("plain"))
    rows = {}
    for recipe in (first, *others):
        base = plain if recipe is first else vars(first)
        changed = [
            key.replace("_", " ") + ("" if value is True else f" {value}")
            for key, value in vars(recipe).items()
            if key not in ("name", "expected") and value != base[key]
        ]
        rows[recipe.name] = {"differs from the first by": ", ".join(changed) or "–"}
    return table(rows)


def accuracies(results: Results, *names: str) -> Table:
    """Accuracy on both held-out splits; of all names of the study if none is given."""
    rows = {}
    for name in names or results.names:
        shown = numbers.of_name(results, name)
        rows[title(name)] = {
            "validation, %": _mean(results.values(name, "val")),
            "test, %": _mean(results.values(name, "test")),
            "test, other images": f"{shown['low']}–{shown['high']}",
            "test loss": _mean(results.values(name, "test_loss"), 1, 2),
            "runs": str(len(results.values(name, "test"))),
        }
    return table(rows)


def pretrained(results: Results) -> Table:
    """The published pretrained network beside its stand-in by both recipes and model 2."""
    names = [published.B0, *(n for n in results.names if "lite0" in n), "model2"]
    rows = {}
    for name in names:
        said = name == published.B0
        rows[f"{title(name)}, published" if said else title(name)] = {
            heading: percent(published.value(name, column), 0)
            if said
            else _mean(results.values(name, column))
            for column, heading in (("val", "validation, %"), ("test", "test, %"))
        } | {"runs": "1" if said else str(len(results.of(name)))}
    return table(rows)


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


def calibration(results: Results) -> Table:
    """Mean confidence beside accuracy on the test images, and the calibration error."""
    return table(
        {
            title(name): {
                "confidence, %": _mean(results.values(name, "confidence")),
                "accuracy, %": _mean(results.values(name, "test")),
                "calibration error, %": _mean(results.values(name, "ece")),
                "loss": _mean(results.values(name, "test_loss"), 1, 2),
            }
            for name in results.models
        }
    )


def epochs(results: Results) -> Table:
    """The last epoch beside the best by validation accuracy."""
    return table(
        {
            title(name): {
                heading: _mean(results.values(name, column))
                for column, heading in (
                    ("val", "validation, last epoch"),
                    ("val_best", "validation, best epoch"),
                    ("test", "test, last epoch"),
                    ("test_best", "test, best epoch"),
                )
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
