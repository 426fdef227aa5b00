"""What a page shows: a :class:`Picture` or a :class:`Table`, each as HTML for book and notebook."""

import html
import io
import itertools
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

#: Stands for the surrounding text's colour until the SVG is written.
INK = "#010203"
#: The report's look, by which every figure is drawn.
STYLE = mpl.rc_params_from_file(Path(__file__).with_suffix(".mplstyle"), use_default_template=False)
#: Widths in inches: of the text column on a desk, and on a phone of 390 pixels.
WIDE, NARROW = 8.2, 3.7
#: For the PNG to download, which is read on white.
DOTS_PER_INCH = 200


@dataclass(frozen=True)
class Picture:
    """Panels above the key to their marks, drawn twice: for a desk and for a phone.

    Attributes:
        alt: what a reader who does not see it should know.
        headings: of the panels, by the name that ``draw_panel`` is given.
        draw_panel: draws one panel.
        heights: of a panel on a desk and on a phone, in inches.
        marks: what the key explains, each mark by its properties.
        beside, keys: panels and marks in a row on a desk and on a phone.
        shared: the axes that the panels share, of "xy".
        drawn: the figures by width, once they are drawn.
    """

    alt: str
    headings: Mapping[str, str]
    draw_panel: Callable[[Axes, str], None]
    heights: tuple[float, float]
    marks: Mapping[str, dict] = field(default_factory=dict)
    beside: tuple[int, int] = (2, 1)
    keys: tuple[int, int] = (4, 2)
    shared: str = ""
    drawn: dict[float, Figure] = field(default_factory=dict)

    def figure(self, width: float = WIDE) -> Figure:
        """The figure of a width (inches), drawn and laid out once."""
        if width not in self.drawn:
            with mpl.rc_context(STYLE):
                figure = self.drawn[width] = self._draw(width, int(width <= NARROW))
                figure.draw_without_rendering()
                figure.set_layout_engine("none")
        return self.drawn[width]

    def _draw(self, width: float, device: int) -> Figure:
        columns = max(min(self.beside[device], len(self.headings)), 1)
        lines = max(math.ceil(len(self.headings) / columns), 1)
        figure = Figure(figsize=(width, lines * self.heights[device]))
        sharing = {"sharex": "x" in self.shared, "sharey": "y" in self.shared}
        panels = figure.subplots(lines, columns, squeeze=False, **sharing).flatten()
        for panel, heading in itertools.zip_longest(panels, self.headings.values()):
            panel.set(title=heading or "", visible=heading is not None)
            panel.tick_params(labelbottom=True)
        for panel, name in zip(panels, self.headings, strict=False):
            self.draw_panel(panel, name)
        if self.marks:
            lines = [Line2D([], [], **{"color": INK, **self.marks[n]}, label=n) for n in self.marks]
            below = {"loc": "outside lower center", "ncols": self.keys[device]}
            figure.legend(handles=lines, columnspacing=1.2, **below)
        return figure

    def svg(self, name: str, width: float = WIDE) -> str:
        """Inline SVG in the page's ink; ``name`` is unique on the page and begins its ids."""
        key = f"{name}-{'wide' if width == WIDE else 'narrow'}"
        stream = io.StringIO()
        with mpl.rc_context({**STYLE, "svg.hashsalt": key}):
            self.figure(width).savefig(stream, format="svg", metadata={"Date": None})
        text = stream.getvalue()
        text = text[text.index("<svg") :].replace(INK, "currentColor")
        text = re.sub(r'(\bid="|href="#(?!claim-)|url\(#)', rf"\g<1>{key}-", text)
        label = html.escape(self.alt, quote=True)
        return text.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)

    def html(self, name: str) -> str:
        """Both drawings; the book's style sheet shows the one that fits."""
        wide, narrow = self.svg(name), self.svg(name, NARROW)
        return f'<div class="fer-wide">{wide}</div><div class="fer-narrow">{narrow}</div>'

    def downloads(self, name: str) -> dict[str, bytes]:
        """The wide drawing, black on white, as files by their names."""
        ground = '><rect width="100%" height="100%" fill="white"/>'
        svg = self.svg(name).replace("currentColor", INK).replace(">", ground, 1)
        stream = io.BytesIO()
        self.figure().savefig(stream, format="png", dpi=DOTS_PER_INCH, facecolor="white")
        return {f"{name}.svg": svg.encode(), f"{name}.png": stream.getvalue()}

    def _repr_html_(self) -> str:
        return self.svg(re.sub(r"\W+", "-", self.alt[:40]))


@dataclass(frozen=True)
class Table:
    """A table of texts; its index becomes the headers of the rows.

    Attributes:
        frame: what to show; a cell that begins with "<" is HTML, all others are escaped.
        stacks: whether a phone shows each row as a card, so that no column is hidden.
    """

    frame: pd.DataFrame
    stacks: bool = True

    def html(self, name: str = "") -> str:
        columns = [html.escape(str(column)) for column in self.frame.columns]
        head = "".join(f'<th scope="col">{column}</th>' for column in columns)
        body = ""
        for index, *cells in self.frame.itertuples(name=None):
            body += f'<tr><th scope="row">{html.escape(str(index))}</th>'
            for column, cell in zip(columns, map(str, cells), strict=True):
                text = cell if cell.startswith("<") else html.escape(cell)
                body += f'<td data-label="{column}">{text}</td>'
            body += "</tr>"
        kind = "fer-table fer-stacks" if self.stacks else "fer-table"
        table = f"<table><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>"
        return f'<div class="{kind}" tabindex="0">{table}</div>'

    def markdown(self) -> str:
        """The same for the README."""
        lines = [("", *self.frame.columns), ["---"] * (1 + self.frame.shape[1])]
        lines += self.frame.itertuples(name=None)
        return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)

    def words(self) -> str:
        """The same for those who do not see a figure of it."""
        rows = []
        for name, row in self.frame.iterrows():
            cells = [f"{column.replace(',', '')} {cell}" for column, cell in row.items()]
            rows.append(f"{name}: {', '.join(cells)}")
        return "; ".join(rows)

    def _repr_html_(self) -> str:
        return self.html()


@dataclass(frozen=True)
class Html:
    """An exhibit of ready HTML."""

    text: str

    def html(self, name: str) -> str:
        return self.text


def table(rows: dict[str, dict[str, str]], stacks: bool = True) -> Table:
    """A table from its rows by their headers."""
    return Table(pd.DataFrame.from_dict(rows, orient="index").astype(object).fillna("–"), stacks)


def percent(value: float, digits: int = 1) -> str:
    """A share (0-1) as percent without its sign: "66.5"; a dash for NaN."""
    return "–" if pd.isna(value) else f"{100 * value:.{digits}f}"


def signed(value: float, digits: int = 1) -> str:
    """A number with its sign, "+1.2" or "−0.4"; "0.0" has none; a dash for NaN."""
    if pd.isna(value):
        return "–"
    text = f"{value:+.{digits}f}".replace("-", "−")
    return text if text.strip("+−0.") else text[1:]
