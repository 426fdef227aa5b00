"""Reliability diagrams: is a model right as often as it is sure?"""

from collections.abc import Iterable

import matplotlib as mpl

from fer_lib import evaluation
from fer_lib.report.figures.panels import STYLE, model_colour, panel, row, svg
from fer_lib.report.naming import model_title, run_title
from fer_lib.report.selection import Report
from fer_lib.runs import Run


@mpl.rc_context(STYLE)
def reliability(report: Report, models: Iterable[str], split: str = "test"):
    """Reliability diagrams: accuracy against confidence, in bins of equal width."""
    return row(
        [
            _reliability_panel(run, split, model_colour(report, model))
            for model in models
            for run in report.seeds(model)[:1]
        ]
    )


def _reliability_panel(run: Run, split: str, colour: str) -> str:
    table = evaluation.reliability(run.labels(split), run.probabilities(split))
    figure, axes = panel(f"{model_title(run.model)}, seed {run.seed}", height=2.7)
    axes.plot([0, 1], [0, 1], color="#808080", linestyle=":")
    sizes = 4 + 110 * table["count"] / table["count"].sum()
    axes.plot(table["confidence"], table["accuracy"], color=colour, linewidth=1)
    axes.scatter(table["confidence"], table["accuracy"], s=sizes, color=colour, clip_on=False)
    axes.set(xlabel="confidence", ylabel="accuracy", xlim=(0, 1), ylim=(0, 1))
    error = run.info["metrics"][split]["expected_calibration_error"]
    alt = f"Reliability of {run_title(run)}: expected calibration error {error:.3f}."
    return svg(figure, f"reliability-{run.model}", alt)
