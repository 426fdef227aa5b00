"""How far the numbers can be trusted: copies, agreement of annotators, calibration."""

import numpy as np
import pandas as pd

from fer_lib import evaluation
from fer_lib.data.votes import AGREEMENT, agreement
from fer_lib.report.exhibits import Picture, percent, signed
from fer_lib.report.figures import style
from fer_lib.report.figures.style import DOT, GREY
from fer_lib.report.results import Results, title
from fer_lib.report.statistics import compare

#: The mask of test images that stand in the training or validation split too.
COPIES = "test_copy_of_train_or_validation"
SQUARE = {"marker": "s", "mfc": "none", "mew": 2, "linestyle": ""}
#: Below so many images a run, a bin's accuracy says nothing.
FEWEST = 20


def on_masks(results: Results, masks: dict[str, np.ndarray]) -> pd.DataFrame:
    """Mean test accuracy (percent) on the images of each mask; a row for each model.

    Only runs whose test images are those of the data's record, image by image, count.
    """
    rows = {}
    for name in results.models if results.record else ():
        labels = results.record.arrays["test_labels"]
        runs = [run for run in results.of(name) if np.array_equal(run.labels("test"), labels)]
        right = [evaluation.correct(labels, run.probabilities("test")) for run in runs]
        if runs:
            rows[name] = {word: 100 * np.mean(right, axis=0)[m].mean() for word, m in masks.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(masks))


def copies(results: Results) -> Picture:
    """Test accuracy on all images, and without those that are copies of others."""
    copied = results.record.arrays[COPIES].astype(bool) if results.record else np.zeros(0, bool)
    table = on_masks(results, {"all": np.ones_like(copied), "without copies": ~copied})

    def draw(width: float):
        figure, (axes,) = style.panels(width, ["Test accuracy, %"], 3.6)
        for place, (name, (every, without)) in enumerate(table.iterrows()):
            colour = style.look(results, name)["color"]
            axes.hlines(place, without, every, color=colour, lw=3, alpha=0.6)
            axes.plot(every, place, **DOT, color=colour, markersize=8)
            axes.plot(without, place, **SQUARE, color=colour, markersize=8)
            gain = {"xytext": (9, 0), "textcoords": "offset points", "va": "center"}
            axes.annotate(signed(every - without), (every, place), **gain)
        style.rows(axes, map(title, table.index))
        axes.margins(x=0.15)
        style.key(figure, {"all images": DOT, "without copies": SQUARE})
        return figure

    cells = [f"{title(name)} {a:.1f} and {b:.1f}" for name, (a, b) in table.iterrows()]
    words = f"Test accuracy in percent with and without {copied.sum()} copies"
    return Picture(draw, f"{words}: {', '.join(cells) or 'no runs'}.")


def votes(results: Results) -> Picture:
    """Test accuracy by how far the ten annotators of FER+ agreed on an image."""
    known = results.record is not None and "test_votes" in results.record.arrays
    codes = agreement(results.record.arrays["test_votes"]) if known else np.zeros(0)
    masks = {word: codes == code for code, word in enumerate(AGREEMENT)}
    table = on_masks(results, masks if known else {})

    def draw(width: float):
        figure, (axes,) = style.panels(width, ["Test accuracy, %"], 4.2)
        marks = {name: {**style.look(results, name), "linestyle": ""} for name in table.index}
        for number, (name, values) in enumerate(table.iterrows()):
            places = np.arange(len(values)) + 0.11 * (number - (len(table) - 1) / 2)
            axes.plot(values, places, **marks[name], markersize=8)
        style.rows(axes, [f"{word} ({mask.sum():,})" for word, mask in masks.items()])
        style.key(figure, {title(name): mark for name, mark in marks.items()}, (6, 3))
        return figure

    spans = ", ".join(f"{word} {v.min():.0f} to {v.max():.0f}" for word, v in table.items())
    return Picture(draw, f"Test accuracy in percent by agreement of voters: {spans or 'no runs'}.")


def calibration(results: Results, name: str) -> Picture:
    """A model's accuracy against its confidence, in bins of equal width, all runs together."""
    runs = results.of(name)
    sure, right = (compare("", results.values(name, c)).value for c in ("confidence", "test"))
    bins = {"confidence": np.empty(0), "accuracy": np.empty(0)}
    if runs:
        labels = np.concatenate([run.labels("test") for run in runs])
        given = np.concatenate([run.probabilities("test") for run in runs])
        bins = evaluation.reliability(labels, given)
        bins = bins[bins["count"] >= FEWEST * len(runs)]

    def draw(width: float):
        figure, (axes,) = style.panels(width, [title(name)], min(width, 4.4))
        axes.plot([0, 100], [0, 100], color=GREY, linestyle=":")
        options = {"rotation": 45, "rotation_mode": "anchor", "transform_rotates_text": True}
        axes.text(36, 40, "as often right as sure", **options)
        axes.plot(100 * bins["confidence"], 100 * bins["accuracy"], **style.look(results, name))
        axes.set(xlabel="confidence, %", ylabel="accuracy, %", xlim=(0, 100), ylim=(0, 100))
        return figure

    words = f"mean confidence {percent(sure)} %, accuracy {percent(right)} %"
    return Picture(draw, f"{title(name)} on the test images: {words}.")
