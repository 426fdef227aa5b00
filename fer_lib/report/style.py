"""What the figures share: how models look, panels that fit the page, labels where lines end."""

import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from fer_lib.report.exhibits import INK, NARROW, Picture
from fer_lib.report.results import Results
from fer_lib.runs import Run

#: Each has a contrast of 3 or more on white and on #121212; two lie 30 or more apart (CIE 1976),
#: also for deuteranopes and protanopes (Machado et al. 2009). Line and marker tell them apart too.
COLOURS = ("#309cd8", "#d87800", "#c03030", "#0060d8", "#f06084", "#c00084")
STYLES = ("-", (0, (5, 1.5)), (0, (1, 1)), (0, (5, 1.5, 1, 1.5)), "-", (0, (3, 1)))
MARKERS = "os^vPX"
GREY = "#7a7a7a"
DOT = {"marker": "o", "linestyle": ""}
SQUARE = {"marker": "s", "markersize": 8, "mfc": "none", "mew": 2, "linestyle": ""}
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


def rows(
    alt: str,
    headings: Mapping[str, str],
    labels: Iterable[str],
    draw_row: Callable[[Axes, str, int], None],
    height: float,
    **options,
) -> Picture:
    """A picture of panels with the same rows, the first on top, drawn one by one."""
    labels = [textwrap.fill(label, 22) for label in labels]

    def draw_panel(panel: Axes, name: str) -> None:
        for place in range(len(labels)):
            draw_row(panel, name, place)
        panel.set_yticks(range(len(labels)), labels)
        panel.set_ylim(max(len(labels), 1) - 0.5, -0.5)

    return Picture(alt, headings, draw_panel, (height, height), shared="xy", **options)


def draw_pair(panel: Axes, place: float, ours: float, other: float, colour: str, mark: dict):
    """A point and, at the end of a line, the mark of what it is compared with (percent)."""
    panel.hlines(place, ours, other, color=colour, lw=3, alpha=0.6)
    panel.plot(ours, place, **DOT, color=colour, markersize=8)
    panel.plot(other, place, **mark, color=INK)


def label_ends(panel: Axes, lines: Sequence[pd.Series], looks: Mapping[str, dict]) -> None:
    """Names right of where lines end, moved apart; ``looks`` are by name, in the lines' order."""
    ends = [
        (line.iloc[-1], line.index[-1], *one)
        for line, one in zip(lines, looks.items(), strict=True)
    ]
    ends.sort(key=lambda end: end[0])
    panel.figure.draw_without_rendering()
    gap = np.ptp(panel.get_ylim()) * LINE_HEIGHT * panel.figure.dpi / panel.bbox.height
    steps = gap * np.arange(len(ends))
    free = np.array([end[0] for end in ends]) - steps
    up, down = np.maximum.accumulate(free), np.minimum.accumulate(free[::-1])[::-1]
    options = {"textcoords": panel.get_yaxis_transform(), "va": "center", "annotation_clip": False}
    for (y, x, name, mark), place in zip(ends, (up + down) / 2 + steps, strict=True):
        arrow = {"arrowstyle": "-", "lw": 1.5, "shrinkA": 1, "shrinkB": 0}
        arrow |= {"color": mark["color"], "linestyle": mark["linestyle"]}
        panel.annotate(name, (x, y), (1.06, place), arrowprops=arrow, **options)


def curves(runs: Sequence[Run], column: str) -> pd.DataFrame:
    """A column of the histories: a row an epoch, a column a run; accuracies in percent."""
    scale = 100 if column.endswith("accuracy") else 1
    return scale * pd.concat([run.history.set_index("epoch")[column] for run in runs], axis=1)
