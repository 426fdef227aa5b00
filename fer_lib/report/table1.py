"""Table 1 of the original, published and reproduced, and how far the two are apart."""

import numpy as np
import pandas as pd

from fer_lib.report import comparison, markup, published
from fer_lib.report.intervals import pooled_spread
from fer_lib.report.markup import NOT_RUN, NOTHING, mean_spread
from fer_lib.report.naming import model_title
from fer_lib.report.selection import Report
from fer_lib.runs import Run

#: The columns of the table, by the names of a run's history, and their headings.
METRICS = {
    "accuracy": ("training", "accuracy"),
    "loss": ("training", "loss"),
    "val_accuracy": ("validation", "accuracy"),
    "val_loss": ("validation", "loss"),
}


def table1(report: Report):
    """Table 1 of the original: each model's published row above the reproduced one."""
    rows = {}
    for model in report.models:
        found = report.seeds(model)
        rows[model_title(model), "published"] = {("", "seeds"): NOTHING} | {
            heading: markup.number(published.in_table1(model, metric))
            for metric, heading in METRICS.items()
        }
        rows[model_title(model), "reproduced"] = {("", "seeds"): str(len(found))} | {
            heading: mean_spread(_last(run, metric) for run in found)
            for metric, heading in METRICS.items()
        }
    frame = pd.DataFrame(list(rows.values()), index=pd.MultiIndex.from_tuples(rows))
    return markup.table(
        frame, "Table 1: training and validation after the last epoch, published and reproduced."
    )


def differences(report: Report):
    """How far the validation figures are from the published ones, in two kinds of noise."""
    rows = {}
    for model in report.models:
        found = report.seeds(model)
        row = {}
        for metric, heading, unit in (
            ("val_accuracy", "validation accuracy", "points"),
            ("val_loss", "validation loss", "nats"),
        ):
            gap, error, spread = _difference(report, model, metric)
            written = markup.points(gap) if unit == "points" else markup.signed(gap, 3)
            row[heading, unit] = written if found else NOT_RUN
            row[heading, "standard errors"] = markup.signed(gap / error)
            row[heading, "spreads of seeds"] = markup.signed(gap / spread)
        rows[model_title(model)] = row
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return markup.table(
        frame,
        "Reproduced minus published: as it is, in standard errors of a mean over the validation "
        "images, and in standard deviations of what other seeds would give.",
    )


def _last(run: Run, metric: str) -> float:
    """A figure after the last epoch; those of the validation split from the probabilities.

    The history's loss is Keras's, which depends on the backend: see :func:`findings.capped_loss`.
    """
    if not metric.startswith("val_"):
        return run.history[metric].iloc[-1]
    return run.metrics["validation"][metric.removeprefix("val_")]


def _difference(report: Report, model: str, metric: str) -> tuple[float, float, float]:
    """A difference from Table 1, its standard error and the seeds' deviation; NaN if unknown.

    Accuracies spread alike between the seeds of all models, losses do not. The difference is that
    of one published run and a mean over seeds, whose variances add.
    """
    found = report.seeds(model)
    if not found:
        return (float("nan"),) * 3
    measure = metric.removeprefix("val_")
    groups = report.seeds_by_model if measure == "accuracy" else [found]
    spread, _ = pooled_spread([[_last(run, metric) for run in runs] for runs in groups])
    errors = [comparison.standard_error(run, "validation", measure) for run in found]
    return (
        float(np.mean([_last(run, metric) for run in found])) - published.in_table1(model, metric),
        float(np.mean(errors)),
        (spread or float("nan")) * np.sqrt(1 + 1 / len(found)),
    )
