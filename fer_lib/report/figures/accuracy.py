"""Accuracies beside published ones: the six models, the pretrained networks, other recipes."""

from collections.abc import Iterable

from fer_lib.report import published
from fer_lib.report.exhibits import INK, Picture, percent
from fer_lib.report.figures import style
from fer_lib.report.figures.style import DOT, PUBLISHED, TRAINING, VALIDATION
from fer_lib.report.results import Results, title
from fer_lib.report.statistics import compare

SPLITS = {"val": ("validation", VALIDATION), "test": ("test", TRAINING)}
COMPARED = {
    published.B0: "EfficientNetB0",
    "efficientnet_lite0_original_pretrained": "Lite0, same recipe",
    "efficientnet_lite0_fine_tuning": "Lite0, fine-tuning",
    "model2": "Model 2",
}
ROUNDING = 0.5  # points: the original prints test accuracies as whole percents
FROM = 50  # percent: lower accuracies, of the first epochs, are far from all later ones


def _picture(draw, results: Results, names: Iterable[str]) -> Picture:
    """With the mean and published accuracies of names, for those who do not see the figure."""
    cells = [
        f"{title(name)} {split} {percent(compare('', results.values(name, column)).value)}"
        f" (published {percent(published.value(name, column))})"
        for name in names
        for column, (split, _) in SPLITS.items()
    ]
    return Picture(draw, f"Accuracy in percent, mean of the runs: {', '.join(cells) or 'none'}.")


def overview(results: Results) -> Picture:
    """Validation and test accuracy of the study's models: runs, means, published values."""

    def draw(width: float):
        headings = ["Validation accuracy, %", "Test accuracy, %"]
        figure, axes = style.panels(width, headings, 4.2, sharex=True, sharey=True)
        for panel, column in zip(axes, SPLITS, strict=True):
            for place, name in enumerate(results.models):
                colour = style.look(results, name)["color"]
                style.runs_row(panel, place, 100 * results.values(name, column), colour)
                said, above = 100 * published.value(name, column), place - 0.33
                panel.plot(said, above, color=INK, **PUBLISHED)
                if column == "test":
                    panel.hlines(above, said - ROUNDING, said + ROUNDING, color=INK, lw=2.5)
            style.rows(panel, map(title, results.models))
        marks = {"one run": DOT, "mean, 95 % interval": style.BAR, "published": PUBLISHED}
        marks["published, rounded"] = {"lw": 2.5, **PUBLISHED, "linestyle": "-"}
        style.key(figure, marks, (4, 1))
        return figure

    return _picture(draw, results, results.models)


def pretrained(results: Results) -> Picture:
    """EfficientNetB0 as published, its stand-in by two recipes, and model 2 on one axis."""

    def draw(width: float):
        figure, (axes,) = style.panels(width, ["Accuracy, %"], 4.4)
        for shift, (column, (_, mark)) in zip((-0.18, 0.18), SPLITS.items(), strict=True):
            for place, name in enumerate(COMPARED):
                values, said = results.values(name, column), published.value(name, column)
                style.runs_row(axes, place + shift, 100 * values, mark["color"])
                axes.plot(100 * said, place + shift, color=mark["color"], **PUBLISHED)
        style.rows(axes, COMPARED.values())
        marks = {split: {"color": mark["color"], **DOT} for split, mark in SPLITS.values()}
        style.key(figure, {**marks, "published": PUBLISHED}, (3, 3))
        return figure

    return _picture(draw, results, COMPARED)


def further(results: Results) -> Picture:
    """Model 2 by the recipe ``fast`` against the original's: validation accuracy by epoch."""
    shown = {"model2": ("original", VALIDATION), "model2_fast": ("fast", TRAINING)}
    curves = {
        name: style.by_epoch(results.of(name), "val_accuracy") for name in shown if results.of(name)
    }
    ends = {name: f"{shown[name][0]}: {v[:, -1].mean():.1f} %" for name, v in curves.items()}

    def draw(width: float):
        figure, (axes,) = style.panels(width, ["Validation accuracy of model 2, %"], 4)
        for name, values in curves.items():
            x, top, mark = style.epochs(values), values.max(axis=0), shown[name][1]
            axes.fill_between(x, values.min(axis=0), top, color=mark["color"], alpha=0.25)
            axes.plot(x, values.mean(axis=0), **mark)
            above = {"xytext": (0, 6), "textcoords": "offset points", "ha": "center"}
            axes.annotate(ends[name], (x[-1], top[-1]), **above)
        if all(values[:, -1].min() > FROM for values in curves.values()):
            axes.set_ylim(bottom=FROM)
        axes.set_xlabel("epoch")
        return figure

    words = ", ".join(ends.values())
    return Picture(draw, f"Validation accuracy of model 2 by recipe, {words or 'no runs'}.")
