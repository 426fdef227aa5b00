"""The seven emotions: how many images of each, how well and for what they are taken."""

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, PowerNorm

from fer_lib import evaluation
from fer_lib.data import EMOTIONS
from fer_lib.report import published
from fer_lib.report.exhibits import INK, Picture, percent
from fer_lib.report.figures import style
from fer_lib.report.figures.style import COLOURS, DOT, PUBLISHED
from fer_lib.report.results import Results, title
from fer_lib.report.statistics import compare
from fer_lib.runs import Run

#: A blue that thickens with the share leaves ink legible in light and dark.
BLUE = LinearSegmentedColormap.from_list("shares", [(0.1, 0.45, 0.85, 0), (0.1, 0.45, 0.85, 0.7)])


def class_counts(results: Results) -> Picture:
    """Training images by emotion, with the two counts that the original states."""
    counts = dict(zip(EMOTIONS, results.counts["train"], strict=True))
    order = sorted(counts, key=counts.get, reverse=True)

    def draw(width: float):
        figure, (axes,) = style.panels(width, ["Training images"], 3.8)
        bars = axes.barh(order, [counts[emotion] for emotion in order], color=COLOURS[3])
        axes.bar_label(bars, [f"{counts[emotion]:,}" for emotion in order], padding=9)
        said = published.TRAINING_COUNTS
        axes.plot(list(said.values()), list(said), color=INK, **PUBLISHED)
        style.rows(axes, order)
        axes.margins(x=0.18)
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.xaxis.get_major_locator().set_params(nbins=5)
        style.key(figure, {" and ".join(f"{n:,}" for n in said.values()) + " published": PUBLISHED})
        return figure

    words = ", ".join(f"{emotion} {counts[emotion]:,}" for emotion in order)
    return Picture(draw, f"Training images by emotion: {words}.")


def f1(results: Results) -> Picture:
    """Test F1 by emotion of the two models whose reports the original prints."""
    names = ("model6", "model3")
    means = {n: [compare("", results.values(n, e)).value for e in EMOTIONS] for n in names}
    said = {n: [published.value(n, e) for e in EMOTIONS] for n in names}

    def draw(width: float):
        headings = [f"{title(name)}: test F1, %" for name in names]
        figure, axes = style.panels(width, headings, 3.8, sharex=True, sharey=True)
        for panel, name in zip(axes, names, strict=True):
            places, ends = range(len(EMOTIONS)), 100 * np.array([said[name], means[name]])
            panel.hlines(places, *ends, color=COLOURS[3], lw=3, alpha=0.6)
            panel.plot(ends[1], places, **DOT, color=COLOURS[3], markersize=8)
            panel.plot(ends[0], places, **PUBLISHED, color=INK)
            style.rows(panel, EMOTIONS)
        style.key(figure, {"mean of the runs": DOT, "published": PUBLISHED})
        return figure

    cells = [
        f"{title(name)} {emotion} {percent(mean, 0)} ({percent(value, 0)})"
        for name in names
        for emotion, mean, value in zip(EMOTIONS, means[name], said[name], strict=True)
    ]
    return Picture(draw, f"F1 on the test images in percent (published): {', '.join(cells)}.")


def confusion(results: Results, name: str) -> Picture:
    """The confusion matrix of a name on the test images, its runs added up."""
    return _matrix(results.of(name), title(name))


def confusion_matrix(run: Run) -> Picture:
    """The confusion matrix of a run on the test images."""
    return _matrix([run], title(run.model))


def _matrix(runs: Sequence[Run], name: str) -> Picture:
    """Rows are true emotions, in percent of their images."""
    counts = np.zeros((len(EMOTIONS), len(EMOTIONS)))
    for run in runs:
        counts += evaluation.confusion(run.labels("test"), run.probabilities("test"))
    shares = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)

    def draw(width: float):
        import seaborn

        heading = f"{name}: answers, % of each row"
        figure, (axes,) = style.panels(width, [heading], min(0.6 * width, 3.8) + 1.6)
        options = {"xticklabels": EMOTIONS, "yticklabels": EMOTIONS, "cbar": False, "fmt": ".0f"}
        options |= {"cmap": BLUE, "norm": PowerNorm(0.5, 0, 100), "annot_kws": {"color": INK}}
        seaborn.heatmap(shares, ax=axes, annot=True, **options)
        axes.set(xlabel="answer of the model", ylabel="true emotion")
        axes.tick_params(axis="x", rotation=45 if width > 5 else 90)
        axes.tick_params(axis="y", rotation=0)
        return figure

    if not runs:
        return Picture(draw, f"{name}: no runs.")
    right = ", ".join(f"{emotion} {shares[i, i]:.0f}" for i, emotion in enumerate(EMOTIONS))
    wrong = shares - np.diag(np.diag(shares))
    true, answer = (EMOTIONS[place] for place in np.unravel_index(wrong.argmax(), wrong.shape))
    most = f"most often confused: {true} called {answer}, {wrong.max():.0f}"
    return Picture(draw, f"{name} on the test images, percent recognised: {right}; {most}.")
