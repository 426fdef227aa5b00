"""Reliability diagrams: is a model right as often as it is sure?"""

from collections.abc import Iterable

import matplotlib as mpl
import numpy as np

from fer_lib import evaluation
from fer_lib.report.figures.panels import STYLE, model_colour, panel, row, svg
from fer_lib.report.naming import model_title
from fer_lib.report.selection import Report
from fer_lib.runs import Run

#: Below so many different images, on average over the seeds, a bin's accuracy says nothing.
FEWEST = 20


@mpl.rc_context(STYLE)
def reliability(report: Report, models: Iterable[str], split: str = "test"):
    """Reliability diagrams: accuracy against confidence, in bins of equal width, all seeds."""
    return row(
        [
            _reliability_panel(found, split, model_colour(report, model))
            for model in models
            if (found := report.seeds(model))
        ]
    )


def _reliability_panel(found: list[Run], split: str, colour: str) -> str:
    labels = np.concatenate([run.labels(split) for run in found])
    probabilities = np.concatenate([run.probabilities(split) for run in found])
    table = evaluation.reliability(labels, probabilities)
    table = table[table["count"] >= FEWEST * len(found)]
    name = model_title(found[0].model)
    figure, axes = panel(name, height=2.7)
    axes.plot([0, 1], [0, 1], color="#808080", linestyle=":")
    sizes = 4 + 110 * table["count"] / table["count"].sum()
    axes.plot(table["confidence"], table["accuracy"], color=colour, linewidth=1)
    axes.scatter(table["confidence"], table["accuracy"], s=sizes, color=colour, clip_on=False)
    axes.set(xlabel="confidence", ylabel="accuracy", xlim=(0, 1), ylim=(0, 1))
    error = np.mean([run.metrics[split]["expected_calibration_error"] for run in found])
    alt = f"Reliability of {name}: expected calibration error {error:.3f}, mean over the seeds."
    return svg(figure, f"reliability-{found[0].model}", alt)
