"""Static figures: small panels of inline SVG that follow the page's colours and a phone's width.

Every figure is a row of panels that wraps, so text keeps its size on a narrow screen. Text and axes
have the colour of the surrounding text (``currentColor``), in light and dark alike; the colours of
the lines have a contrast of 3 to 1 on white and on black.
"""

import html
import io
import re
from collections.abc import Iterable, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from fer_lib import evaluation, published
from fer_lib.data import EMOTIONS, SPLITS
from fer_lib.report import Report, model_title, title
from fer_lib.runs import Run

#: Colours of the models, and of the first two lines of any plot.
COLOURS = (
    *("#0173b2", "#c27a00", "#02906a", "#d05a00", "#b65fa3", "#8a6d4b", "#7a7a7a", "#c0392b"),
)
#: Stands for the surrounding text's colour until the SVG is written.
INK = "#010203"
STYLE = {
    "svg.fonttype": "none",
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.titlesize": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#808080",
    "grid.alpha": 0.3,
    "legend.frameon": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}
#: Width and height in inches that fit a phone of 375 pixels.
PANEL = (3.3, 2.6)
#: A blue that thickens with the share, so that ink stays legible on it in light and dark.
SHARES = LinearSegmentedColormap.from_list("shares", [(0.0, 0.45, 0.7, 0.0), (0.0, 0.45, 0.7, 0.7)])


@mpl.rc_context(STYLE)
def learning_curves(run: Run):
    """Accuracy and loss of a run, epoch by epoch, on the training and the validation images."""
    panels = []
    for column, label in (("accuracy", "accuracy"), ("loss", "loss")):
        figure, axes = _panel(f"{title(run)}: {label}")
        for number, (prefix, name) in enumerate((("", "training"), ("val_", "validation"))):
            axes.plot(
                run.history["epoch"],
                run.history[prefix + column],
                color=COLOURS[number],
                label=name,
                marker="o" if len(run.history) < 8 else "",
                markersize=4,
            )
        axes.axvline(run.info["best_epoch"], color="#808080", linestyle=":", label="best epoch")
        axes.set(xlabel="epoch", ylabel=label)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.legend(fontsize=8)
        last = run.history.iloc[-1]
        panels.append(
            svg(
                figure,
                f"{run.name}-{run.seed}-{column}",
                f"{label.capitalize()} of {title(run)} over {len(run.history)} epochs, at the end "
                f"{last[column]:.3f} in training and {last['val_' + column]:.3f} in validation.",
            )
        )
    return row(panels)


@mpl.rc_context(STYLE)
def all_curves(report: Report):
    """Figure 1 of the original: the curves of all models, a panel for each quantity."""
    quantities = {
        "accuracy": "training accuracy",
        "val_accuracy": "validation accuracy",
        "loss": "training loss",
        "val_loss": "validation loss",
    }
    models = [model for model in report.models if report.seeds(model)]
    panels = []
    for column, label in quantities.items():
        figure, axes = _panel(label)
        for model in models:
            for run in report.seeds(model):
                axes.plot(
                    run.history["epoch"],
                    run.history[column],
                    color=model_colour(report, model),
                    linewidth=1.2,
                )
        axes.set(xlabel="epoch")
        axes.xaxis.get_major_locator().set_params(integer=True)
        panels.append(svg(figure, f"all-{column}", f"{label} of {len(models)} models by epoch."))
    return row(panels, legend={model_title(m): model_colour(report, m) for m in models})


def model_colour(report: Report, model: str) -> str:
    """The colour of a model in every figure."""
    return COLOURS[report.models.index(model) % len(COLOURS)]


def confusion_matrix(run: Run, split: str = "test"):
    """The confusion matrix of a run, each row in percent of its images."""
    return row([_confusion_panel([run], split, title(run))])


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
    figure, axes = _panel(name, height=3.3)
    seaborn.heatmap(
        shares,
        ax=axes,
        cmap=SHARES,
        vmin=0,
        vmax=100,
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


def accuracy_points(report: Report):
    """Every seed of every model as a point, with the published value beside it."""
    return row([_points_panel(report, split) for split in ("validation", "test")])


@mpl.rc_context(STYLE)
def _points_panel(report: Report, split: str) -> str:
    figure, axes = _panel(f"{split} accuracy, %", height=2.9)
    for place, model in enumerate(report.models):
        colour = model_colour(report, model)
        values = [100 * run.info["metrics"][split]["accuracy"] for run in report.seeds(model)]
        if values:
            low, high = (100 * end for end in _wilson(report.seeds(model), split))
            axes.plot([low, high], [place, place], color=colour, linewidth=5, alpha=0.3)
        axes.plot(values, [place] * len(values), "o", color=colour, markersize=5)
        axes.plot(
            100 * _published(model, split),
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


def _published(model: str, split: str) -> float:
    if split == "validation":
        table = published.TABLE1["val_accuracy"]
        return table.get(model, float("nan"))
    scores = published.REPORTS.get(model)
    return float("nan") if scores is None else scores.loc["accuracy", "f1-score"]


def _wilson(found: Sequence[Run], split: str) -> tuple[float, float]:
    count = len(found[0].labels(split))
    mean = np.mean([run.info["metrics"][split]["accuracy"] for run in found])
    return evaluation.accuracy_interval(round(mean * count), count)


@mpl.rc_context(STYLE)
def class_shares(counts: dict[str, list[int]]):
    """The share of each emotion in each split, as bars."""
    figure, axes = _panel("share of each split's images, %", height=3.0)
    places = np.arange(len(EMOTIONS))
    for number, split in enumerate(SPLITS):
        values = 100 * np.array(counts[split]) / sum(counts[split])
        axes.barh(places + 0.27 * (number - 1), values, 0.25, color=COLOURS[number], label=split)
    axes.set_yticks(places, EMOTIONS)
    axes.invert_yaxis()
    axes.legend(fontsize=8)
    largest, smallest = np.argmax(counts["train"]), np.argmin(counts["train"])
    alt = (
        f"Shares of the emotions in the three splits: {EMOTIONS[largest]} is the most frequent, "
        f"{EMOTIONS[smallest]} the rarest."
    )
    return row([svg(figure, "class-shares", alt)])


@mpl.rc_context(STYLE)
def reliability(report: Report, models: Iterable[str], split: str = "test"):
    """Reliability diagrams: accuracy against confidence, in bins of equal width."""
    panels = []
    for model in models:
        for run in report.seeds(model)[:1]:
            table = evaluation.reliability(run.labels(split), run.probabilities(split))
            figure, axes = _panel(f"{model_title(model)}, seed {run.seed}", height=2.7)
            axes.plot([0, 1], [0, 1], color="#808080", linestyle=":")
            sizes = 4 + 110 * table["count"] / table["count"].sum()
            colour = model_colour(report, model)
            axes.plot(table["confidence"], table["accuracy"], color=colour, linewidth=1)
            axes.scatter(table["confidence"], table["accuracy"], s=sizes, color=colour)
            axes.set(xlabel="confidence", ylabel="accuracy", xlim=(0, 1), ylim=(0, 1))
            error = run.info["metrics"][split]["expected_calibration_error"]
            alt = f"Reliability of {title(run)}: expected calibration error {error:.3f}."
            panels.append(svg(figure, f"reliability-{model}", alt))
    return row(panels)


def row(panels: Sequence[str], legend: dict[str, str] | None = None):
    """Panels side by side where there is room, one below the other where there is not.

    Args:
        panels: what :func:`svg` returns.
        legend: colours by name, shown above.
    """
    from IPython.display import HTML

    items = "".join(
        f'<li><span style="background:{colour}"></span>{html.escape(name)}</li>'
        for name, colour in (legend or {}).items()
    )
    shown = f'<ul class="fer-legend">{items}</ul>' if items else ""
    style = "display:flex;flex-wrap:wrap;gap:0.5rem"
    return HTML(f'{shown}<div class="fer-panels" style="{style}">{"".join(panels)}</div>')


def svg(figure: Figure, name: str, alt: str) -> str:
    """A figure as an inline SVG whose ink is the surrounding text's colour.

    Args:
        figure: drawn in :data:`STYLE`.
        name: unique on the page: ids in the SVG begin with it.
        alt: what a reader who does not see it should know.
    """
    key = re.sub(r"\W+", "-", name)
    stream = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": key}):
        figure.savefig(stream, format="svg", metadata={"Date": None})
    text = stream.getvalue()
    text = text[text.index("<svg") :].replace(INK, "currentColor")
    text = re.sub(r'\bid="', f'id="{key}-', text)
    text = re.sub(r'href="#', f'href="#{key}-', text)
    text = text.replace("url(#", f"url(#{key}-")
    label = html.escape(alt, quote=True)
    return text.replace("<svg ", f'<svg role="img" aria-label="{label}" style="max-width:100%" ', 1)


def _panel(heading: str, height: float = PANEL[1]):
    figure = Figure(figsize=(PANEL[0], height), layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(heading)
    return figure, axes
