"""What the figures share: how models look, panels that fit the page, labels where lines end."""

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from fer_lib.report.exhibits import INK, NARROW, Picture
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


def is_narrow(panel) -> bool:
    """Whether a panel is drawn for a phone."""
    return panel.figure.get_figwidth() <= NARROW


def picture(
    alt: str,
    headings: Mapping[str, str],
    draw_panel: Callable[[Axes, str], None],
    heights: tuple[float, float],
    marks: Mapping[str, dict] | None = None,
    beside: tuple[int, int] = (2, 1),
    keys: tuple[int, int] = (4, 2),
    **shared: bool,
) -> Picture:
    """A picture of panels above the key to their marks.

    Args:
        alt: what a reader who does not see it should know.
        headings: of the panels, by the name that ``draw_panel`` is given.
        draw_panel: draws one panel.
        heights: of a panel on a desk and on a phone, in inches.
        marks: what the key explains, each mark by its properties.
        beside, keys: panels and marks in a row on a desk and on a phone.
        shared: ``sharex``, ``sharey``.
    """

    def draw(width: float) -> Figure:
        device = int(width <= NARROW)
        columns = max(min(beside[device], len(headings)), 1)
        lines = max(math.ceil(len(headings) / columns), 1)
        figure = Figure(figsize=(width, lines * heights[device]))
        axes = figure.subplots(lines, columns, squeeze=False, **shared).flatten()
        for panel, heading in itertools.zip_longest(axes, headings.values()):
            panel.set(title=heading or "", visible=heading is not None)
            panel.tick_params(labelbottom=True)
        for panel, name in zip(axes, headings, strict=False):
            draw_panel(panel, name)
        if marks:
            key = [Line2D([], [], **{"color": INK, **look}, label=n) for n, look in marks.items()]
            below = {"loc": "outside lower center", "ncols": keys[device], "columnspacing": 1.2}
            figure.legend(handles=key, **below)
        return figure

    return Picture(draw, alt)


def rows(
    alt: str,
    headings: Mapping[str, str],
    labels: Iterable[str],
    draw_row: Callable[[Axes, str, int], None],
    height: float,
    marks: Mapping[str, dict],
    keys: tuple[int, int] = (4, 2),
) -> Picture:
    """A :func:`picture` of panels with the same rows, the first on top, drawn one by one."""
    labels = list(labels)

    def draw_panel(panel: Axes, name: str) -> None:
        for place in range(len(labels)):
            draw_row(panel, name, place)
        panel.set_yticks(range(len(labels)), labels)
        panel.set_ylim(max(len(labels), 1) - 0.5, -0.5)

    shared = {"sharex": True, "sharey": True}
    return picture(alt, headings, draw_panel, (height, height), marks, keys=keys, **shared)


def draw_runs(panel: Axes, place: float, values: Sequence[float], colour: str) -> None:
    """Every run as a point (percent), their mean as a stroke, its 95 % interval as a bar."""
    mean = compare("", values)
    panel.hlines(place, mean.low, mean.high, color=colour, **BAR)
    panel.plot(mean.value, place, "|", color=colour, markersize=17, mew=3)
    panel.plot(values, [place] * len(values), "o", color=colour, markersize=5, mec=INK, mew=0.5)


def draw_pair(panel: Axes, place: float, ours: float, other: float, colour: str, mark: dict):
    """A point and, at the end of a line, the mark of what it is compared with (percent)."""
    panel.hlines(place, ours, other, color=colour, lw=3, alpha=0.6)
    panel.plot(ours, place, **DOT, color=colour, markersize=8)
    panel.plot(other, place, **mark, color=INK)


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
