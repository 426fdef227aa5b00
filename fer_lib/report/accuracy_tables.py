"""Tables of accuracies: the main one, published beside reproduced, and the test results."""

import numpy as np
import pandas as pd

from fer_lib.report import markup, published
from fer_lib.report.accuracies import accuracies, interval_text
from fer_lib.report.markup import NOTHING, mean_spread
from fer_lib.report.naming import model_title
from fer_lib.report.selection import Report


def summary_table(report: Report):
    """The main table: accuracy on both held-out splits, published beside reproduced."""
    frame = summary_frame(report)
    frame.columns = [tuple(name.split(", ")) for name in frame]
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
        # The original prints its test accuracies with two digits only.
        for split, digits in (("validation", 2), ("test", 0)):
            target = published.accuracy(model, split)
            values = accuracies(found, split)
            gap = np.mean(values) - target if values else float("nan")
            row[f"{split}, published"] = markup.number(100 * target, digits)
            row[f"{split}, reproduced"] = mean_spread(values, 2, 100)
            row[f"{split}, difference"] = markup.points(gap, max(digits, 1))
        rows[model_title(model)] = row | {"test, 95 % interval (images)": interval_text(found)}
    return pd.DataFrame.from_dict(rows, orient="index")


def test_results(report: Report, groups: list[tuple[str, str]] | None = None):
    """Accuracy on both held-out splits, with interval and every seed, row by row.

    Args:
        report: the runs.
        groups: pairs of model and recipe; None for the main recipe's.
    """
    shown = groups if groups is not None else [(model, report.recipe) for model in report.models]
    several = len({recipe for _, recipe in shown}) > 1
    rows = {}
    for model, recipe in shown:
        name = f"{model_title(model)}, {recipe}" if several else model_title(model)
        rows[name] = _test_row(report, model, recipe)
    return markup.table(
        pd.DataFrame.from_dict(rows, orient="index"),
        "Accuracy after the last epoch, in percent. The interval (95 %) is what another draw of "
        "test images could give.",
    )


def _test_row(report: Report, model: str, recipe: str) -> dict[str, str]:
    found = report.seeds(model, recipe)
    on_test = accuracies(found, "test")
    macro_f1 = [run.metrics["test"]["macro_f1"] for run in found]
    return {
        "validation": mean_spread(accuracies(found, "validation"), 1, 100),
        "test, published": markup.number(100 * published.accuracy(model, "test"), 0),
        "test": mean_spread(on_test, 1, 100),
        "interval": interval_text(found),
        "macro F1": mean_spread(macro_f1, 3),
        "each seed, test": " · ".join(f"{100 * value:.1f}" for value in on_test) or NOTHING,
    }
