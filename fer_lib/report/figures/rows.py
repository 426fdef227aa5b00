"""Figures of rows of points: models, emotions or kinds of images, ours beside others."""

from collections.abc import Iterable

import numpy as np

from fer_lib.data import EMOTIONS
from fer_lib.report import numbers, published, style, tables
from fer_lib.report.exhibits import INK, Picture, signed
from fer_lib.report.practices import gains
from fer_lib.report.results import Results, title
from fer_lib.report.statistics import Part, compare
from fer_lib.report.style import BAR, COLOURS, DOT, PUBLISHED, SQUARE

ROUNDING = 0.5  # points: the original prints test accuracies as whole percents


def overview(results: Results, *names: str) -> Picture:
    """Validation and test accuracy of names, or the study's models: runs, means, published values.

    A bar reaches as far as a further run of the study's models falls; of names it is the mean's
    95 % interval.
    """
    shown = names or results.models

    def draw_row(panel, column: str, place: int):
        name = shown[place]
        colour, values = style.look(results, name)["color"], 100 * results.values(name, column)
        mean, reach = compare("", values), 100 * results.reach(name, column)
        ends = (mean.low, mean.high) if names else (mean.value - reach, mean.value + reach)
        panel.hlines(place, *ends, color=colour, **BAR)
        panel.plot(mean.value, place, "|", color=colour, markersize=17, mew=3)
        panel.plot(values, [place] * len(values), "o", color=colour, markersize=5, mec=INK, mew=0.5)
        said, above = 100 * published.value(name, column), place - 0.33
        panel.plot(said, above, color=INK, **PUBLISHED)
        if column == "test":
            panel.hlines(above, said - ROUNDING, said + ROUNDING, color=INK, lw=2.5)

    headings = {"val": "Validation accuracy, %", "test": "Test accuracy, %"}
    bar = "95 % interval" if names else "a further run"
    marks = {"one run": DOT, bar: BAR, "published": PUBLISHED}
    marks["published, rounded"] = {"lw": 2.5, **PUBLISHED, "linestyle": "-"}
    alt = f"Accuracy by model. {tables.means(results, 'published', *headings, *names).words()}."
    labels = map(title, shown)
    return style.rows(alt, headings, labels, draw_row, 4.2, marks=marks, keys=(4, 1))


def class_counts(results: Results) -> Picture:
    """Training images by emotion, with the two counts that the original states."""
    counts = dict(zip(EMOTIONS, results.counts["train"], strict=True))
    order = sorted(counts, key=counts.get, reverse=True)
    said = published.TRAINING_COUNTS

    def draw_row(panel, _, place: int):
        bar = panel.barh(place, counts[order[place]], color=COLOURS[3])
        panel.bar_label(bar, fmt="{:,.0f}", padding=9)
        panel.plot(said.get(order[place], np.nan), place, color=INK, **PUBLISHED)
        panel.margins(x=0.18)
        panel.xaxis.set_major_formatter("{x:,.0f}")
        panel.xaxis.get_major_locator().set_params(nbins=5)

    words = ", ".join(f"{emotion} {counts[emotion]:,}" for emotion in order)
    marks = {" and ".join(f"{count:,}" for count in said.values()) + " published": PUBLISHED}
    alt = f"Training images by emotion: {words}."
    return style.rows(alt, {"": "Training images"}, order, draw_row, 3.8, marks=marks)


def f1(results: Results) -> Picture:
    """Test F1 by emotion of the two models whose reports the original prints."""
    headings = {name: f"{title(name)}: test F1, %" for name in ("model6", "model3")}

    def draw_row(panel, name: str, place: int):
        scores = results.mean(name, EMOTIONS[place]), published.value(name, EMOTIONS[place])
        style.draw_pair(panel, place, *np.multiply(100, scores), COLOURS[3], PUBLISHED)

    reports = [f"{title(n)}: {tables.class_report(results, n).words()}" for n in headings]
    alt = f"Scores on the test images in percent (published). {'. '.join(reports)}."
    marks = {"mean of the runs": DOT, "published": PUBLISHED}
    return style.rows(alt, headings, EMOTIONS, draw_row, 3.8, marks=marks)


def copies(results: Results) -> Picture:
    """Test accuracy on all images, and without those that are copies of others."""
    means = 100 * results.on_masks("copies").groupby(level=0, sort=False).mean()

    def draw_row(panel, _, place: int):
        every, without, *_ = means.iloc[place]
        colour = style.look(results, means.index[place])["color"]
        style.draw_pair(panel, place, every, without, colour, SQUARE)
        gain = {"xytext": (9, 0), "textcoords": "offset points", "va": "center"}
        panel.annotate(signed(every - without), (every, place), **gain)
        panel.margins(x=0.15)

    alt = f"Test accuracy in percent. {tables.masked(results, 'copies').words()}."
    marks, labels = {"all images": DOT, "without copies": SQUARE}, map(title, means.index)
    return style.rows(alt, {"": "Test accuracy, %"}, labels, draw_row, 3.6, marks=marks)


def votes(results: Results) -> Picture:
    """Test accuracy by how far the ten annotators of FER+ agreed on an image."""
    means = 100 * results.on_masks("voters").groupby(level=0, sort=False).mean()
    looks = {name: style.look(results, name) | {"linestyle": ""} for name in means.index}

    def draw_row(panel, _, place: int):
        for number, name in enumerate(means.index):
            y = place + 0.11 * (number - (len(means) - 1) / 2)
            panel.plot(means.loc[name].iloc[place], y, **looks[name], markersize=8)

    masks = results.masks("voters") if len(means) else {}
    labels = [f"{word} ({mask.sum():,})" for word, mask in masks.items()]
    spans = [f"{word} {v.min():.0f} to {v.max():.0f}" for word, v in means.items()]
    alt = f"Test accuracy in percent by agreement of voters: {', '.join(spans) or 'no runs'}."
    marks = {title(name): look for name, look in looks.items()}
    heading = {"": "Test accuracy, %"}
    return style.rows(alt, heading, labels, draw_row, 4.2, marks=marks, keys=(6, 3))


def ablation(results: Results, base: str, *names: str) -> Picture:
    """What names change in the validation accuracy of a base that differs in one thing each."""
    parts = []
    for name in names:
        label, sides = title(name).removeprefix(f"{title(base)}, "), (name, base)
        parts.append(compare(label, *(results.values(side, "val") for side in sides)))
    return _effects("Validation accuracy, points", parts)


def practices(results: Results, name: str) -> Picture:
    """What usual practices add to a name's test accuracy."""
    return _effects("Test accuracy, points", gains(results, name).values())


def _effects(heading: str, parts: Iterable[Part]) -> Picture:
    """Differences in points with their 95 % intervals."""
    parts = list(parts)

    def draw_row(panel, _, place: int):
        part = parts[place]
        panel.hlines(place, 100 * part.low, 100 * part.high, color=COLOURS[3], **BAR)
        panel.plot(100 * part.value, place, **DOT, color=COLOURS[3], markersize=8)
        panel.vlines(0, place - 0.5, place + 0.5, color=INK, lw=1)

    said = [f"{one.label} {numbers.gap(one.value)} ({numbers.interval(one)})" for one in parts]
    marks, height = {"mean": DOT, "95 % interval": BAR}, 0.5 * len(parts) + 1.2
    labels, alt = (one.label for one in parts), f"{heading}: {'; '.join(said)}."
    return style.rows(alt, {"": heading}, labels, draw_row, height, marks=marks, keys=(2, 2))
