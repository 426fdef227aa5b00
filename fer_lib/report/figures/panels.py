"""What all figures share: small panels of inline SVG in the page's colours.

Every figure is a row of panels that wraps, so text keeps its size on a narrow screen. Text and axes
have the colour of the surrounding text (``currentColor``), in light and dark alike; the colours of
the lines have a contrast of 3 to 1 on white and on black.
"""

import html
import io
import re
from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.figure import Figure

from fer_lib.report.selection import Report

#: Colours of the models, and of the first two lines of any plot.
COLOURS = ("#0173b2", "#c27a00", "#02906a", "#d05a00", "#b65fa3", "#8a6d4b", "#7a7a7a", "#c0392b")
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


def model_colour(report: Report, model: str) -> str:
    """The colour of a model in every figure."""
    return COLOURS[report.models.index(model) % len(COLOURS)]


def panel(heading: str, height: float = PANEL[1]):
    """An empty panel with a heading: a figure as wide as a phone (inches), and its axes."""
    figure = Figure(figsize=(PANEL[0], height), layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(heading)
    return figure, axes


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
