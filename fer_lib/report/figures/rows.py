"""Figures of rows of points: models, emotions or kinds of images, ours beside others."""

import numpy as np

from fer_lib.data import EMOTIONS
from fer_lib.report import published, style, tables
from fer_lib.report.exhibits import INK, Picture, signed
from fer_lib.report.results import Results, title
from fer_lib.report.style import COLOURS, DOT, PUBLISHED, TRAINING, VALIDATION

#: Of a split its name, its look and how far from a row's middle it stands.
SPLITS = {"val": ("validation", VALIDATION, -0.18), "test": ("test", TRAINING, 0.18)}
COMPARED = {
    published.B0: "EfficientNetB0",
    "efficientnet_lite0_stated_recipe": "Lite0, stated recipe",
    "efficientnet_lite0_careful_recipe": "Lite0, careful recipe",
    "model2": "Model 2",
}
ROUNDING = 0.5  # points: the original prints test accuracies as whole percents
SQUARE = {"marker": "s", "markersize": 8, "mfc": "none", "mew": 2, "linestyle": ""}


def overview(results: Results) -> Picture:
    """Validation and test accuracy of the study's models: runs, means, published values."""

    def draw_row(panel, column: str, place: int):
        name = results.models[place]
        colour = style.look(results, name)["color"]
        values, reach = 100 * results.values(name, column), 100 * results.reach(name, column)
        style.draw_runs(panel, place, values, colour, reach)
        said, above = 100 * published.value(name, column), place - 0.33
        panel.plot(said, above, color=INK, **PUBLISHED)
        if column == "test":
            panel.hlines(above, said - ROUNDING, said + ROUNDING, color=INK, lw=2.5)

    headings = {"val": "Validation accuracy, %", "test": "Test accuracy, %"}
    marks = {"one run": DOT, "a further run": style.BAR, "published": PUBLISHED}
    marks["published, rounded"] = {"lw": 2.5, **PUBLISHED, "linestyle": "-"}
    alt = f"Accuracy by model. {tables.means(results, 'published', *SPLITS).words()}."
    labels = map(title, results.models)
    return style.rows(alt, headings, labels, draw_row, 4.2, marks=marks, keys=(4, 1))


def pretrained(results: Results) -> Picture:
    """EfficientNetB0 as published, its stand-in by two recipes, and model 2 on one axis."""
    names = list(COMPARED)

    def draw_row(panel, _, place: int):
        for column, (_, mark, shift) in SPLITS.items():
            values, y = results.values(names[place], column), place + shift
            style.draw_runs(panel, y, 100 * values, mark["color"])
            said = 100 * published.value(names[place], column)
            panel.plot(said, y, color=mark["color"], **PUBLISHED)

    marks = {split: {"color": mark["color"], **DOT} for split, mark, _ in SPLITS.values()}
    marks["published"] = PUBLISHED
    alt = f"Accuracy. {tables.means(results, 'published', *SPLITS, *COMPARED).words()}."
    heading, labels = {"": "Accuracy, %"}, COMPARED.values()
    return style.rows(alt, heading, labels, draw_row, 4.4, marks=marks, keys=(3, 3))


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
