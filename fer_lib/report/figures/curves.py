"""Learning curves: accuracy and loss, epoch by epoch."""

from collections.abc import Sequence

import pandas as pd

from fer_lib.report import published, style, tables
from fer_lib.report.exhibits import INK, Picture
from fer_lib.report.results import Results, title
from fer_lib.report.style import DOT, GREY, LINES, PUBLISHED, curves
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


def _draw(panel, runs: Sequence[Run], column: str, mark: dict) -> pd.Series:
    """Every run as a thin line, their mean as a thick one; returns the mean by epoch."""
    values = curves(runs, column)
    if len(runs) > 1:
        panel.plot(values, color=mark["color"], lw=0.6, alpha=0.6)
    panel.plot(values.mean(axis=1), **mark, lw=2)
    panel.set_xlabel("epoch")
    return values.mean(axis=1)


def figure1(results: Results) -> Picture:
    """The original's Figure 1: the mean over each model's runs, published ends as diamonds."""
    looks = {n: style.look(results, n) for n in results.models if results.of(n)}
    means = {(n, c): curves(results.of(n), c).mean(axis=1) for n in looks for c in QUANTITIES}
    whole = [name for name in looks if means[name, "loss"].index[-1] == PUBLISHED_AFTER]

    def draw_panel(panel, column: str):
        said, _, limits = QUANTITIES[column]
        for name, look in looks.items():
            mean = means[name, column]
            panel.plot(mean, color=look["color"], linestyle=look["linestyle"])
            if column == "val_loss":
                panel.plot(mean.idxmin(), mean.min(), **DOT, color=look["color"], mec=INK)
            if name in whole:
                value = published.value(name, said) * (100 if "accuracy" in column else 1)
                panel.plot(PUBLISHED_AFTER, value, color=look["color"], **PUBLISHED, zorder=3)
        panel.set(xlabel="epoch", ylim=limits if whole else None)
        ends = {title(name): look for name, look in looks.items()}
        style.label_ends(panel, [means[name, column] for name in looks], ends)

    losses = {title(name): means[name, "val_loss"] for name in looks}
    turns = [f"{n} {y.min():.2f} (epoch {y.idxmin()}), {y.iloc[-1]:.2f}" for n, y in losses.items()]
    words = "; ".join(turns) or "no runs"
    alt = f"Accuracy and loss by epoch. Lowest and last validation loss: {words}."
    headings = {column: heading for column, (_, heading, _) in QUANTITIES.items()}
    marks = {"published": PUBLISHED, "lowest validation loss": DOT}
    return Picture(alt, headings, draw_panel, (3.4, 3.4), marks, keys=(2, 1))


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

    alt = f"Accuracy at the end. {tables.means(results, 'train', 'val').words()}."
    marks = {name: mark for _, name, mark in LINES} | {"best epochs": {"color": GREY, **style.BAR}}
    return Picture(alt, headings, draw_panel, (2.6, 2.6), marks, (3, 2), shared="xy")


def learning_curves(run: Run) -> Picture:
    """Accuracy and loss of a run on the training and the validation images."""
    marker, best = "o" if len(run.history) < 8 else "", run.info["best_epoch"]

    def draw_panel(panel, column: str):
        ends = [_draw(panel, [run], p + column, m | {"marker": marker}) for p, _, m in LINES]
        panel.axvline(best, color=GREY, linestyle=":")
        panel.xaxis.get_major_locator().set_params(integer=True)
        style.label_ends(panel, ends, {name: mark for _, name, mark in LINES})

    last = run.history[["accuracy", "val_accuracy", "loss", "val_loss"]].iloc[-1]
    words = ", ".join(f"{name} {value:.3f}" for name, value in last.items())
    words = words.replace("val_", "validation ")
    alt = f"Learning curves. After {len(run.history)} epochs: {words}."
    headings = {"accuracy": "Accuracy, %", "loss": "Loss, nats"}
    marks = {f"best epoch, {best}": {"color": GREY, "linestyle": ":"}}
    return Picture(alt, headings, draw_panel, (3, 3), marks)
