"""Verdicts on the claims, and the comparisons that decide them."""

import html
from collections import Counter

import numpy as np

from fer_lib.report import style
from fer_lib.report.claims import Claim, judge
from fer_lib.report.exhibits import INK, Html, Picture, signed
from fer_lib.report.results import Results
from fer_lib.report.style import GREY

#: Colour and symbol of each verdict; white stands out on the colours, they on light and dark.
LOOKS = {
    "confirmed": ("#0b7a5c", "✓"),
    "refuted": ("#c2410c", "✗"),
    "undecided": ("#4f6fad", "?"),
    "too few runs": ("#6e6e6e", "–"),
}


def _in_words(judged: dict[str, Claim]) -> str:
    groups = {w: [one.short for one in judged.values() if one.verdict == w] for w in LOOKS}
    return "; ".join(f"{len(all_)} {w}: {', '.join(all_)}" for w, all_ in groups.items() if all_)


def strip(results: Results) -> Html:
    """The verdicts in the original's order, each a link, and how many there are of each."""
    judged = judge(results)
    counts, cells, marks = Counter(one.verdict for one in judged.values()), "", ""
    for number, one in enumerate(judged.values(), 1):
        colour, symbol = LOOKS[one.verdict]
        text = html.escape(f"{one.short}: {one.verdict}")
        cells += f'<li><a href="claims.html#claim-{one.key}" style="background: {colour}"'
        cells += f' title="{text}" aria-label="{text}">{number} {symbol}</a></li>'
    for word, (colour, symbol) in LOOKS.items():
        if counts[word]:
            marks += f'<li><b style="background: {colour}">{symbol}</b> {counts[word]} {word}</li>'
    return Html(f'<ol class="fer-strip">{cells}</ol><ul class="fer-strip">{marks}</ul>')


def _parts(axes, place: float, one: Claim, height: float) -> None:
    """The intervals of a claim's parts around a place, and the limit that they are held against."""
    colour, _ = LOOKS[one.verdict]
    offsets = height * ((np.arange(len(one.parts)) + 0.5) / len(one.parts) - 0.5)
    for y, part in zip(place + offsets, one.parts, strict=True):
        if part.column == "count":  # of images, which no interval is about
            continue
        value, low, high = 100 * part.value, 100 * part.low, 100 * part.high
        axes.vlines(100 * part.limit, place - height / 2, place + height / 2, color=INK, lw=1.2)
        axes.hlines(y, low, high, color=colour, lw=2)
        filled = "none" if np.isnan(low) else colour
        axes.plot(value, y, "o", color=colour, markersize=4.5, mfc=filled)


def forest(results: Results) -> Picture:
    """A row a claim: each comparison's difference with its 95 % interval, and the verdict."""
    judged = judge(results)

    def draw_panel(panel, _):
        narrow = style.is_narrow(panel)
        across = {"transform": panel.get_yaxis_transform(), "va": "center"}
        for place, one in enumerate(judged.values()):
            lower, (colour, symbol) = place + 0.2 * narrow, LOOKS[one.verdict]
            _parts(panel, lower, one, 0.5 if narrow else 0.7)
            y, side = (place - 0.27, "left") if narrow else (place, "right")
            label = panel.text(-0.02, y, f"{place + 1}. {one.short}", ha=side, **across)
            said = f"{symbol} {one.verdict.removesuffix(' runs')}"
            word = panel.text(1.04, lower, said, color="white", **across)
            word.set(weight="bold", bbox={"boxstyle": "round,pad=0.25", "fc": colour, "ec": "none"})
            for text in (label, word):
                text.set_url(f"#claim-{one.key}")
            panel.axhline(place + 0.5, color=GREY, lw=0.5, alpha=0.5)
        panel.set_xscale("symlog", linthresh=1)  # even within a point of zero
        low, high = panel.get_xlim()
        panel.set_xticks([t for t in (-100, -10, -1, 0, 1, 10, 100) if low <= t <= high])
        panel.xaxis.set_major_formatter(lambda tick, _: signed(tick, 0))
        panel.minorticks_off()
        panel.figure.get_layout_engine().set(w_pad=0.1)  # inches, for the words' boxes
        panel.set_yticks([])
        panel.spines["left"].set_visible(False)
        panel.set(ylim=(len(judged) - 0.4, -0.6), xlabel="points, or hundredths of a nat")

    alt = f"Differences with 95 % intervals by claim. {_in_words(judged)}."
    heights = (0.4 * len(judged) + 0.8, 0.56 * len(judged) + 0.8)
    return Picture(alt, {"": ""}, draw_panel, heights)
