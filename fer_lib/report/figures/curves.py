"""Learning curves: accuracy and loss, epoch by epoch, of one run or of all models."""

import matplotlib as mpl
import numpy as np

from fer_lib.report.figures.panels import COLOURS, STYLE, model_colour, panel, row, svg
from fer_lib.report.naming import model_title, run_title
from fer_lib.report.seed_curves import over_seeds
from fer_lib.report.selection import Report
from fer_lib.runs import Run

#: The panels of the original's figure 1: columns of a history, and their headings.
QUANTITIES = {
    "accuracy": "training accuracy",
    "val_accuracy": "validation accuracy",
    "loss": "training loss",
    "val_loss": "validation loss",
}
#: Of the validation accuracies, the lowest; the differences between models are far smaller.
LEFT_OUT = 0.15


def learning_curves(run: Run):
    """Accuracy and loss of a run, epoch by epoch, on the training and the validation images."""
    return row([_run_panel(run, quantity) for quantity in ("accuracy", "loss")])


@mpl.rc_context(STYLE)
def _run_panel(run: Run, quantity: str) -> str:
    history = run.history
    figure, axes = panel(f"{run_title(run)}: {quantity}")
    # A line through few epochs is easily overlooked.
    points = {"marker": "o" if len(history) < 8 else "", "markersize": 4}
    for column, name, colour in (
        (quantity, "training", COLOURS[0]),
        (f"val_{quantity}", "validation", COLOURS[1]),
    ):
        axes.plot(history["epoch"], history[column], color=colour, label=name, **points)
    axes.axvline(run.info["best_epoch"], color="#808080", linestyle=":", label="best epoch")
    axes.set(xlabel="epoch", ylabel=quantity)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.legend(fontsize=8)
    last = history.iloc[-1]
    alt = (
        f"{quantity.capitalize()} of {run_title(run)} over {len(history)} epochs, at the end "
        f"{last[quantity]:.3f} in training and {last['val_' + quantity]:.3f} in validation."
    )
    return svg(figure, f"{run.name}-{run.seed}-{quantity}", alt)


@mpl.rc_context(STYLE)
def all_curves(report: Report):
    """Figure 1 of the original: the curves of all models, a panel for each quantity.

    A line is the mean over a model's seeds, a band goes from the lowest to the highest.
    """
    models = [model for model in report.models if report.seeds(model)]
    panels = []
    for column, label in QUANTITIES.items():
        figure, axes = panel(label)
        means = []
        for model in models:
            colour = model_colour(report, model)
            found = over_seeds(report.seeds(model), column)
            axes.fill_between(
                found.index, found["min"], found["max"], color=colour, alpha=0.2, lw=0
            )
            axes.plot(found["mean"], color=colour, linewidth=1.2)
            means.append(found["mean"])
        axes.set(xlabel="epoch")
        if column == "val_accuracy" and means:
            axes.set_ylim(bottom=np.quantile(np.concatenate(means), LEFT_OUT))
        axes.xaxis.get_major_locator().set_params(integer=True)
        panels.append(svg(figure, f"all-{column}", f"{label} of {len(models)} models by epoch."))
    return row(panels, legend={model_title(m): model_colour(report, m) for m in models})
