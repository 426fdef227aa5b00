"""What the figures share: how models look, panels that fit the page, labels where lines end."""

from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from fer_lib.report.exhibits import INK, NARROW
from fer_lib.report.results import Results
from fer_lib.report.statistics import compare
from fer_lib.runs import Run

#: Each has a contrast of 3 or more on white and on #121212; two lie 30 or more apart (CIE 1976),
#: also for deuteranopes and protanopes (Machado et al. 2009). Line and marker tell them apart too.
COLOURS = ("#309cd8", "#d87800", "#c03030", "#0060d8", "#f06084", "#c00084")
STYLES = ("-", (0, (5, 1.5)), (0, (1, 1)), (0, (5, 1.5, 1, 1.5)), "-", (0, (3, 1)))
MARKERS = "os^vPX"
GREY = "#7a7a7a"
DOT = {"marker": "o", "linestyle": ""}
BAR = {"lw": 9, "alpha": 0.35}
#: What was published, wherever it stands.
PUBLISHED = {"marker": "D", "mfc": "none", "mew": 1.6, "linestyle": ""}
TRAINING = {"color": COLOURS[1], "linestyle": STYLES[1]}
VALIDATION = {"color": COLOURS[3], "linestyle": "-"}
#: The two lines of a panel that shows one model: the prefix of a history's column, name and look.
LINES = (("", "training", TRAINING), ("val_", "validation", VALIDATION))
LINE_HEIGHT = 15 / 72  # inches: of text of 11 points


def look(results: Results, name: str) -> dict:
    """Colour, line and marker of a name, the same in every figure."""
    place = [*results.names, name].index(name) % len(COLOURS)
    return {"color": COLOURS[place], "linestyle": STYLES[place], "marker": MARKERS[place]}


def panels(width: float, headings: Sequence[str], height: float, beside=(2, 1), **shared):
    """A figure and its panels: so many ``beside`` each other on a desk and on a phone (inches)."""
    columns = max(min(beside[int(width <= NARROW)], len(headings)), 1)
    rows = max(-(-len(headings) // columns), 1)
    figure = Figure(figsize=(width, rows * height))
    axes = figure.subplots(rows, columns, squeeze=False, **shared).flatten()
    for panel, heading in zip(axes, headings, strict=False):
        panel.set_title(heading)
        panel.tick_params(labelbottom=True)
    for unused in axes[len(headings) :]:
        unused.set_visible(False)
    return figure, list(axes[: len(headings)])


def key(figure: Figure, marks: dict[str, dict], beside=(4, 2)) -> None:
    """Explains marks, each by its properties, below the panels."""
    lines = [Line2D([], [], **{"color": INK, **mark}, label=name) for name, mark in marks.items()]
    columns = beside[int(figure.get_figwidth() <= NARROW)]
    figure.legend(handles=lines, loc="outside lower center", ncols=columns, columnspacing=1.2)


def rows(axes, labels: Iterable[str]) -> None:
    """Names the rows of a panel, the first on top."""
    labels = list(labels)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(max(len(labels), 1) - 0.5, -0.5)


def runs_row(axes, place: float, values: Sequence[float], colour: str) -> None:
    """Every run as a point (percent), their mean as a stroke, its 95 % interval as a bar."""
    mean = compare("", values)
    axes.hlines(place, mean.low, mean.high, color=colour, **BAR)
    axes.plot(mean.value, place, "|", color=colour, markersize=17, mew=3)
    axes.plot(values, [place] * len(values), "o", color=colour, markersize=5, mec=INK, mew=0.5)


def label_ends(axes, ends: Sequence[tuple[float, float, str, dict]]) -> None:
    """Names right of where lines end, moved apart: (x, y, name, look) of each."""
    ends = sorted(ends, key=lambda end: end[1])
    axes.figure.draw_without_rendering()
    gap = np.ptp(axes.get_ylim()) * LINE_HEIGHT * axes.figure.dpi / axes.bbox.height
    steps = gap * np.arange(len(ends))
    free = np.array([end[1] for end in ends]) - steps
    up, down = np.maximum.accumulate(free), np.minimum.accumulate(free[::-1])[::-1]
    options = {"textcoords": axes.get_yaxis_transform(), "va": "center", "annotation_clip": False}
    for (x, y, name, mark), place in zip(ends, (up + down) / 2 + steps, strict=True):
        arrow = {"arrowstyle": "-", "lw": 1.5, "shrinkA": 1, "shrinkB": 0}
        arrow |= {"color": mark["color"], "linestyle": mark["linestyle"]}
        axes.annotate(name, (x, y), (1.06, place), arrowprops=arrow, **options)


def by_epoch(runs: Sequence[Run], column: str) -> np.ndarray:
    """A column of the histories, runs x epochs; accuracies in percent."""
    scale = 100 if column.endswith("accuracy") else 1
    return scale * np.array([run.history[column] for run in runs])


def epochs(values: np.ndarray) -> np.ndarray:
    return np.arange(1, values.shape[-1] + 1)
