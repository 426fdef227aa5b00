"""Confusion matrices: which emotion is taken for which."""

from collections.abc import Iterable, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.colors import LinearSegmentedColormap, PowerNorm

from fer_lib import evaluation
from fer_lib.data import EMOTIONS
from fer_lib.report.figures.panels import INK, STYLE, panel, row, svg
from fer_lib.report.naming import model_title, run_title
from fer_lib.report.selection import Report
from fer_lib.runs import Run

#: A blue that thickens with the share, so that ink stays legible on it in light and dark.
SHARES = LinearSegmentedColormap.from_list("shares", [(0.0, 0.45, 0.7, 0.0), (0.0, 0.45, 0.7, 0.7)])


def confusion_matrix(run: Run, split: str = "test"):
    """The confusion matrix of a run, each row in percent of its images."""
    return row([_confusion_panel([run], split, run_title(run))])


def confusion_matrices(report: Report, models: Iterable[str], split: str = "test"):
    """Confusion matrices of several models, seeds added up."""
    return row(
        [
            _confusion_panel(found, split, model_title(model))
            for model in models
            if (found := report.seeds(model))
        ]
    )


@mpl.rc_context(STYLE)
def _confusion_panel(found: Sequence[Run], split: str, name: str) -> str:
    import seaborn

    counts = sum(evaluation.confusion(run.labels(split), run.probabilities(split)) for run in found)
    shares = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure, axes = panel(name, height=3.3)
    seaborn.heatmap(
        shares,
        ax=axes,
        cmap=SHARES,
        norm=PowerNorm(0.5, 0, 100),  # so that the cells off the diagonal can be told apart
        annot=True,
        fmt=".0f",
        annot_kws={"color": INK, "size": 8.5},
        cbar=False,
        linewidths=0,
        xticklabels=EMOTIONS,
        yticklabels=EMOTIONS,
    )
    axes.set(xlabel="answer of the model, % of the row", ylabel="true emotion")
    axes.grid(False)
    axes.tick_params(axis="x", rotation=45)
    axes.tick_params(axis="y", rotation=0)
    best, worst = np.argmax(np.diag(shares)), np.argmin(np.diag(shares))
    alt = (
        f"Confusion matrix of {name}: {EMOTIONS[best]} is recognised best "
        f"({shares[best, best]:.0f} %), {EMOTIONS[worst]} worst ({shares[worst, worst]:.0f} %)."
    )
    return svg(figure, f"confusion-{name}-{split}", alt)
