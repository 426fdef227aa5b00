"""Learning curves: accuracy and loss, epoch by epoch."""

from collections.abc import Sequence

import numpy as np

from fer_lib.report import published
from fer_lib.report.exhibits import INK, Picture, percent
from fer_lib.report.figures import style
from fer_lib.report.figures.style import DOT, GREY, LINES, PUBLISHED, by_epoch, epochs
from fer_lib.report.results import Results, title
from fer_lib.runs import Run

#: The panels of the original's figure 1: columns of a history, with that of its Table 1, heading
#: and the range shown: the first epochs lie far from all later ones.
QUANTITIES = {
    "accuracy": ("train", "Training accuracy, %", (50, None)),
    "val_accuracy": ("val", "Validation accuracy, %", (56, None)),
    "loss": ("train_loss", "Training loss, nats", (None, 1.3)),
    "val_loss": ("val_loss", "Validation loss, nats", (None, None)),
}
PUBLISHED_AFTER = 50  # epochs
FROM = 50  # percent: lower accuracies, of the first epochs, are far from all later ones


def _draw(panel, runs: Sequence[Run], column: str, mark: dict) -> np.ndarray:
    """Every run as a thin line, their mean as a thick one; returns the mean (E)."""
    values = by_epoch(runs, column)
    if len(runs) > 1:
        panel.plot(epochs(values), values.T, color=mark["color"], lw=0.6, alpha=0.6)
    panel.plot(epochs(values), values.mean(axis=0), **mark, lw=2)
    panel.set_xlabel("epoch")
    return values.mean(axis=0)


def figure1(results: Results) -> Picture:
    """The original's Figure 1: the mean over each model's runs, published ends as diamonds."""
    looks = {name: style.look(results, name) for name in results.models if results.of(name)}
    is_whole = {n: len(results.of(n)[0].history) == PUBLISHED_AFTER for n in looks}

    def draw_panel(panel, column: str):
        said, _, limits = QUANTITIES[column]
        ends = []
        for name, look in looks.items():
            mean = by_epoch(results.of(name), column).mean(axis=0)
            panel.plot(epochs(mean), mean, color=look["color"], linestyle=look["linestyle"])
            if column == "val_loss":
                panel.plot(mean.argmin() + 1, mean.min(), **DOT, color=look["color"], mec=INK)
            if is_whole[name]:
                value = published.value(name, said) * (100 if "accuracy" in column else 1)
                panel.plot(len(mean), value, color=look["color"], **PUBLISHED, zorder=3)
            ends.append((len(mean), mean[-1], title(name), look))
        panel.set(xlabel="epoch", ylim=limits if any(is_whole.values()) else None)
        style.label_ends(panel, ends)

    losses = {title(name): by_epoch(results.of(name), "val_loss").mean(axis=0) for name in looks}
    turns = (f"{n} {v.min():.2f} (epoch {v.argmin() + 1}), {v[-1]:.2f}" for n, v in losses.items())
    words = "; ".join(turns) or "no runs"
    alt = f"Accuracy and loss by epoch. Lowest and last validation loss: {words}."
    headings = {column: heading for column, (_, heading, _) in QUANTITIES.items()}
    marks = {"published": PUBLISHED, "lowest validation loss": DOT}
    return style.picture(alt, headings, draw_panel, (3.4, 3.4), marks, keys=(2, 1))


def single_models(results: Results) -> Picture:
    """A panel for each model: training and validation accuracy of all its runs and their mean."""
    headings = {name: title(name) for name in results.models if results.of(name)}

    def draw_panel(panel, name: str):
        for prefix, _, mark in LINES:
            _draw(panel, results.of(name), f"{prefix}accuracy", mark)
        best = [run.info["best_epoch"] for run in results.of(name)]
        panel.axvspan(min(best) - 0.5, max(best) + 0.5, color=GREY, alpha=0.25, lw=0)
        panel.set_ylabel("accuracy, %")
        panel.label_outer()

    cells = [
        f"{heading} {percent(results.mean(n, 'train'))} and {percent(results.mean(n, 'val'))}"
        for n, heading in headings.items()
    ]
    words = ", ".join(cells) or "no runs"
    alt = f"Accuracy in percent at the end, training and validation: {words}."
    marks = {name: mark for _, name, mark in LINES}
    marks["best epochs"] = {"color": GREY, **style.BAR}
    shared = {"sharex": True, "sharey": True}
    return style.picture(alt, headings, draw_panel, (2.6, 2.6), marks, (3, 2), **shared)


def further(results: Results) -> Picture:
    """Model 2 by the recipe ``fast`` against the original's: validation accuracy by epoch."""
    looks = {"model2": ("original", style.VALIDATION), "model2_fast": ("fast", style.TRAINING)}
    names = [name for name in looks if results.of(name)]
    ends = {n: f"{looks[n][0]}: {percent(results.mean(n, 'val'))} %" for n in names}

    def draw_panel(panel, _):
        for name in names:
            mean = _draw(panel, results.of(name), "val_accuracy", looks[name][1])
            above = {"xytext": (0, 16), "textcoords": "offset points", "ha": "center"}
            panel.annotate(ends[name], (len(mean), mean[-1]), **above)
        if all(100 * results.mean(name, "val") > FROM for name in names):
            panel.set_ylim(bottom=FROM)

    alt = f"Validation accuracy of model 2 by recipe, {', '.join(ends.values()) or 'no runs'}."
    heading = {"": "Validation accuracy of model 2, %"}
    return style.picture(alt, heading, draw_panel, (4, 4))


def learning_curves(run: Run) -> Picture:
    """Accuracy and loss of a run on the training and the validation images."""
    marker = "o" if len(run.history) < 8 else ""

    def draw_panel(panel, column: str):
        ends = []
        for prefix, name, mark in LINES:
            values = _draw(panel, [run], prefix + column, mark | {"marker": marker})
            ends.append((len(values), values[-1], name, mark))
        panel.axvline(run.info["best_epoch"], color=GREY, linestyle=":")
        panel.xaxis.get_major_locator().set_params(integer=True)
        style.label_ends(panel, ends)

    cells = [
        f"{name} {column} {by_epoch([run], prefix + column)[0, -1]:.2f}"
        for prefix, name, _ in LINES
        for column in ("accuracy", "loss")
    ]
    words = f"{len(run.history)} epochs, accuracy in percent, at the end"
    alt = f"Learning curves, {words}: {', '.join(cells)}."
    headings = {"accuracy": "Accuracy, %", "loss": "Loss, nats"}
    marks = {f"best epoch, {run.info['best_epoch']}": {"color": GREY, "linestyle": ":"}}
    return style.picture(alt, headings, draw_panel, (3, 3), marks)
