"""Accuracies as points: every seed, its interval, and what was published."""

import matplotlib as mpl

from fer_lib.report import published
from fer_lib.report.accuracies import accuracies, interval
from fer_lib.report.figures.panels import INK, STYLE, model_colour, panel, row, svg
from fer_lib.report.naming import model_title
from fer_lib.report.selection import Report


def accuracy_points(report: Report):
    """Every seed of every model as a point, with the published value beside it."""
    return row([_points_panel(report, split) for split in ("validation", "test")])


@mpl.rc_context(STYLE)
def _points_panel(report: Report, split: str) -> str:
    figure, axes = panel(f"{split} accuracy, %", height=2.9)
    for place, model in enumerate(report.models):
        colour = model_colour(report, model)
        found = report.seeds(model)
        values = [100 * value for value in accuracies(found, split)]
        if found:
            low, high = (100 * end for end in interval(found, split))
            axes.plot([low, high], [place, place], color=colour, linewidth=5, alpha=0.3)
        axes.plot(values, [place] * len(values), "o", color=colour, markersize=5)
        axes.plot(
            100 * published.accuracy(model, split),
            place,
            marker="D",
            color=INK,
            markerfacecolor="none",
            markersize=6,
            linestyle="none",
        )
    axes.set_yticks(range(len(report.models)), [model_title(model) for model in report.models])
    axes.invert_yaxis()
    alt = f"{split} accuracy: dots are seeds, bars the 95 % interval, diamonds published values."
    return svg(figure, f"points-{split}", alt)
