"""Tables of results over all runs of a report, published beside reproduced."""

import numpy as np
import pandas as pd

from fer_lib import comparison, evaluation, markup, published
from fer_lib.data import EMOTIONS
from fer_lib.markup import NOT_RUN, NOTHING, mean_spread
from fer_lib.report import Report, model_title
from fer_lib.runs import Run

METRICS = {
    "accuracy": "training accuracy",
    "loss": "training loss",
    "val_accuracy": "validation accuracy",
    "val_loss": "validation loss",
}


def last_epoch(run: Run) -> pd.Series:
    """The figures of Table 1: the history's last row."""
    return run.history.iloc[-1]


def summary_table(report: Report):
    """The main table: accuracy on both held-out splits, published beside reproduced."""
    frame = summary_frame(report)
    frame.columns = pd.MultiIndex.from_tuples([tuple(name.split(", ")) for name in frame])
    caption = "Accuracy in percent after the last epoch, published and reproduced."
    return markup.table(frame, caption)


def summary_markdown(report: Report) -> str:
    """The main table in Markdown, as the README has it."""
    frame = summary_frame(report)
    lines = [["model", *frame.columns], ["---"] * (1 + frame.shape[1])]
    lines += [[name, *cells] for name, cells in zip(frame.index, frame.to_numpy(), strict=True)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def summary_frame(report: Report) -> pd.DataFrame:
    """The cells of the main table, as text."""
    rows = {}
    for model in report.models:
        found = report.seeds(model)
        row = {}
        targets = {"validation": _published(model, "val_accuracy")}
        targets["test"] = published_test_accuracy(model)
        for split, target in targets.items():
            values = _accuracies(found, split)
            gap = np.mean(values) - target if values else float("nan")
            # The original prints its test accuracies with two digits only.
            row[f"{split}, published"] = markup.number(100 * target, 2 if split[0] == "v" else 0)
            row[f"{split}, reproduced"] = mean_spread(values, 2, 100)
            row[f"{split}, difference"] = markup.points(gap)
        rows[model_title(model)] = row | {"test, 95 % interval": interval_text(found)}
    return pd.DataFrame.from_dict(rows, orient="index")


def table1(report: Report):
    """Table 1 of the original: each model's published row above the reproduced one."""
    rows = {}
    for model in report.models:
        last = [last_epoch(run) for run in report.seeds(model)]
        rows[model_title(model), "published"] = {"seeds": NOTHING} | {
            heading: markup.number(_published(model, metric)) for metric, heading in METRICS.items()
        }
        rows[model_title(model), "reproduced"] = {"seeds": str(len(last))} | {
            heading: mean_spread(row[metric] for row in last) for metric, heading in METRICS.items()
        }
    frame = pd.DataFrame(list(rows.values()), index=pd.MultiIndex.from_tuples(rows))
    return markup.table(
        frame, "Table 1: training and validation after the last epoch, published and reproduced."
    )


def differences(report: Report):
    """How far the validation figures are from the published ones, in sampling errors."""
    rows = {}
    for model in report.models:
        found = report.seeds(model)
        row = {}
        for metric, measure, scale in (("val_accuracy", "accuracy", 100), ("val_loss", "loss", 1)):
            heading = METRICS[metric]
            unit = "points" if measure == "accuracy" else "nats"
            row[heading, unit], row[heading, "sampling errors"] = _difference(
                found, model, metric, measure, scale
            )
        rows[model_title(model)] = row
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame.columns = pd.MultiIndex.from_tuples(frame.columns)
    return markup.table(
        frame,
        "Reproduced minus published; one sampling error is the standard error of a mean over the "
        "validation images.",
    )


def _difference(found, model, metric, measure, scale) -> tuple[str, str]:
    """A difference from the published figure, in its own units and in sampling errors."""
    target = _published(model, metric)
    if not found:
        return NOT_RUN, NOTHING
    difference = np.mean([last_epoch(run)[metric] for run in found]) - target
    errors = difference / comparison.sampling_error(found[0], "validation", measure)
    return markup.signed(scale * difference, 1 if scale > 1 else 3), markup.signed(errors)


def _published(model: str, metric: str) -> float:
    table = published.TABLE1
    return table.loc[model, metric] if model in table.index else float("nan")


def published_test_accuracy(model: str) -> float:
    """The accuracy of the original's classification report; NaN where it printed none."""
    scores = published.REPORTS.get(model)
    return float("nan") if scores is None else scores.loc["accuracy", "f1-score"]


def test_results(report: Report, groups: list[tuple[str, str]] | None = None):
    """Accuracy on both held-out splits, with interval and every seed, row by row.

    Args:
        report: the runs.
        groups: pairs of model and recipe; None for the main recipe's.
    """
    return markup.table(
        test_frame(report, groups),
        "Accuracy after the last epoch, in percent. The interval (95 %) is what another draw of "
        "test images could give.",
    )


def test_frame(report: Report, groups: list[tuple[str, str]] | None = None) -> pd.DataFrame:
    """The cells of :func:`test_results`, as text."""
    shown = groups if groups is not None else [(model, report.recipe) for model in report.models]
    several = len({recipe for _, recipe in shown}) > 1
    rows = {}
    for model, recipe in shown:
        found = report.seeds(model, recipe)
        name = model_title(model)
        rows[f"{name}, {recipe}" if several else name] = {
            "validation": mean_spread(_accuracies(found, "validation"), 1, 100),
            "test, published": markup.number(100 * published_test_accuracy(model), 0),
            "test": mean_spread(_accuracies(found, "test"), 1, 100),
            "interval": interval_text(found),
            "macro F1": mean_spread((r.info["metrics"]["test"]["macro_f1"] for r in found), 3),
            "each seed, test": _each(_accuracies(found, "test")),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _each(values: list[float]) -> str:
    return " · ".join(f"{100 * value:.1f}" for value in values) or NOTHING


def _accuracies(found: list[Run], split: str) -> list[float]:
    return [run.info["metrics"][split]["accuracy"] for run in found]


def interval_text(found: list[Run], split: str = "test") -> str:
    """The Wilson interval of the mean accuracy over seeds, as "64.1–67.3"."""
    if not found:
        return NOTHING
    count = len(found[0].labels(split))
    hits = round(np.mean(_accuracies(found, split)) * count)
    low, high = evaluation.accuracy_interval(hits, count)
    return f"{100 * low:.1f}–{100 * high:.1f}"


def class_report(report: Report, model: str, recipe: str = "", shown: str = ""):
    """A model's classification report on the test split, published beside reproduced.

    Args:
        report: the runs.
        model, recipe: which of them; "" for the main recipe.
        shown: the model whose published report stands beside it; "" for the same.
    """
    from IPython.display import Markdown

    found = report.seeds(model, recipe)
    original = published.REPORTS.get(shown or model)
    name = f"{model_title(model)}, recipe {recipe or report.recipe}"
    if not found and original is None:
        return Markdown(f"{name}: {NOT_RUN}.")
    tables = [
        evaluation.classification_report(run.labels("test"), run.probabilities("test"))
        for run in found
    ]
    frame = pd.DataFrame(index=[*EMOTIONS, "accuracy", "macro avg", "weighted avg"])
    for column in ("precision", "recall", "f1-score"):
        if original is not None:
            frame[column, "published"] = [markup.number(x, 2) for x in original[column]]
        if tables:
            frame[column, "reproduced"] = [
                _cell([table.loc[row, column] for table in tables]) for row in frame.index
            ]
    frame["", "support"] = (tables[0] if tables else original)["support"]
    frame.columns = pd.MultiIndex.from_tuples(frame.columns)
    seeds = f"mean ± spread of {len(found)} seeds" if len(found) > 1 else "one seed"
    seeds = seeds if found else NOT_RUN
    return markup.table(frame, f"{name}: classification report on the test split, {seeds}.")


def _cell(values: list[float]) -> str:
    return NOTHING if values and np.isnan(values[0]) else mean_spread(values, 2)
