"""How the report writes: numbers as text, data frames as tables that a phone can scroll."""

import html
from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

#: What a cell shows where there is no value.
NOTHING = "–"
NOT_RUN = "not yet run"
#: A longer cell is words: it is set to the left and may wrap.
LONG = 32


def number(value: float, digits: int = 4) -> str:
    """A number with so many decimals; a dash for NaN."""
    return NOTHING if pd.isna(value) else f"{value:.{digits}f}"


def percent(value: float, digits: int = 1) -> str:
    """A share as percent; a dash for NaN."""
    return NOTHING if pd.isna(value) else f"{100 * value:.{digits}f} %"


def points(value: float, digits: int = 1) -> str:
    """A signed difference of two shares in percentage points, as "+1.2" or "−0.4"."""
    return signed(100 * value, digits)


def signed(value: float, digits: int = 1) -> str:
    """A number with its sign, if it is not rounded to zero; a dash for NaN."""
    if pd.isna(value):
        return NOTHING
    text = f"{value:+.{digits}f}".replace("-", "−")
    return text if text.strip("+−0.") else text[1:]


def mean_spread(values: Iterable[float], digits: int = 4, scale: float = 1) -> str:
    """Mean ± standard deviation over seeds; the value itself where there is one seed."""
    values = scale * np.asarray(list(values), dtype=float)
    if not len(values):
        return NOT_RUN
    mean = f"{values.mean():.{digits}f}"
    return f"{mean} ± {values.std(ddof=1):.{digits}f}" if len(values) > 1 else mean


def duration(seconds: float) -> str:
    """Seconds as "2 h 05 min", "3 min 20 s" or "8 s"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def span(values: Iterable[float], write: Callable[[float], str]) -> str:
    """The smallest and the largest value in words: "2 to 5", or "2" where both read alike."""
    values = list(values)
    return " to ".join(dict.fromkeys((write(min(values)), write(max(values)))))


def join(names: Iterable[str]) -> str:
    """A list in words: "a, b and c"."""
    *first, last = list(names) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def table(frame: pd.DataFrame, caption: str, links: Iterable[str] = ()):
    """A data frame as an HTML table in a box that scrolls sideways by itself.

    Args:
        frame: what to show; its index becomes the row headers. Columns named by tuples get a
            heading for each part, one above the other.
        caption: what the table says, in one sentence.
        links: columns that hold HTML already; all other cells are escaped.

    Returns:
        An ``IPython.display.HTML``.
    """
    from IPython.display import HTML

    links = set(links)
    safe = frame.copy()
    for position, column in enumerate(frame.columns):
        if column not in links:
            cells = [_cell(value) for value in frame.iloc[:, position]]
            safe.isetitem(position, pd.Series(cells, index=frame.index, dtype=object))
    safe.columns = safe.columns.map(_escaped)
    if safe.columns.map(type).isin([tuple]).all():
        safe.columns = pd.MultiIndex.from_tuples(safe.columns)
    safe.index = safe.index.map(_escaped)
    safe = safe.rename_axis(index=[None] * safe.index.nlevels)
    text = safe.to_html(border=0, escape=False, sparsify=True)
    head, body = text.split("<tbody>")
    head = head.replace("<th", '<th scope="col"').replace('<th scope="col"ead', "<thead")
    head = head.replace("<thead>", f"<caption><span>{html.escape(caption)}</span></caption><thead>")
    body = body.replace("<th", '<th scope="row"')
    label = html.escape(caption, quote=True)
    return HTML(
        f'<div class="fer-table" role="region" tabindex="0" aria-label="{label}">'
        f"{head}<tbody>{body}</div>"
    )


def _cell(value) -> str:
    """A cell's HTML; words are set as words, not as numbers."""
    if isinstance(value, float) and np.isnan(value):
        return NOTHING
    text = html.escape(str(value))
    return f'<span class="fer-words">{text}</span>' if len(text) > LONG else text


def _escaped(name):
    """The header of a row or a column, or the headers of several levels, as HTML."""
    return tuple(map(_escaped, name)) if isinstance(name, tuple) else html.escape(str(name))


def admonition(kind: str, title: str, text: str):
    """A box of the book's theme that also stands in a notebook; ``text`` is HTML."""
    from IPython.display import HTML

    return HTML(
        f'<div class="admonition {kind}"><p class="admonition-title">{title}</p><p>{text}</p></div>'
    )
