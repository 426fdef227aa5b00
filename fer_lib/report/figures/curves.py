"""Learning curves: accuracy and loss, epoch by epoch."""

from fer_lib.report import published
from fer_lib.report.exhibits import INK, Picture, percent
from fer_lib.report.figures import style
from fer_lib.report.figures.style import DOT, GREY, LINES, PUBLISHED, by_epoch, epochs
from fer_lib.report.results import Results, title
from fer_lib.runs import Run

#: The panels of the original's figure 1: columns of a history and of Table 1, heading and the
#: range shown: the first epochs lie far from all later ones.
QUANTITIES = (
    ("accuracy", "train", "Training accuracy, %", (50, None)),
    ("val_accuracy", "val", "Validation accuracy, %", (56, None)),
    ("loss", "train_loss", "Training loss, nats", (None, 1.3)),
    ("val_loss", "val_loss", "Validation loss, nats", (None, None)),
)
PUBLISHED_AFTER = 50  # epochs


def figure1(results: Results) -> Picture:
    """The original's Figure 1: the mean over each model's runs, published ends as diamonds."""
    names = [name for name in results.models if results.of(name)]
    means = {
        (name, column): by_epoch(results.of(name), column).mean(axis=0)
        for name in names
        for column, *_ in QUANTITIES
    }
    whole = [name for name in names if len(means[name, "loss"]) == PUBLISHED_AFTER]

    def draw(width: float):
        figure, axes = style.panels(width, [heading for _, _, heading, _ in QUANTITIES], 3.4)
        for panel, (column, said, _, limits) in zip(axes, QUANTITIES, strict=True):
            for name in names:
                mean, mark = means[name, column], style.look(results, name)
                panel.plot(epochs(mean), mean, color=mark["color"], linestyle=mark["linestyle"])
                if column == "val_loss":
                    panel.plot(mean.argmin() + 1, mean.min(), **DOT, color=mark["color"], mec=INK)
                if name in whole:
                    value = published.value(name, said) * (100 if "accuracy" in column else 1)
                    panel.plot(len(mean), value, color=mark["color"], **PUBLISHED, zorder=3)
            panel.set(xlabel="epoch", ylim=limits if whole else None)
            ends = [(len(means[n, column]), means[n, column][-1], n) for n in names]
            style.label_ends(panel, [(x, y, title(n), style.look(results, n)) for x, y, n in ends])
        style.key(figure, {"published": PUBLISHED, "lowest validation loss": DOT}, (2, 1))
        return figure

    losses = {title(name): means[name, "val_loss"] for name in names}
    turns = (f"{n} {v.min():.2f} (epoch {v.argmin() + 1}), {v[-1]:.2f}" for n, v in losses.items())
    words = "; ".join(turns) or "no runs"
    return Picture(draw, f"Accuracy and loss by epoch. Lowest and last validation loss: {words}.")


def single_models(results: Results) -> Picture:
    """A panel for each model: training and validation accuracy of all its runs and their mean."""
    names = [name for name in results.models if results.of(name)]

    def draw(width: float):
        shared = {"sharex": True, "sharey": True}
        figure, axes = style.panels(width, list(map(title, names)), 2.6, (3, 2), **shared)
        for panel, name in zip(axes, names, strict=True):
            for prefix, _, mark in LINES:
                values = by_epoch(results.of(name), f"{prefix}accuracy")
                panel.plot(epochs(values), values.T, color=mark["color"], lw=0.6, alpha=0.6)
                panel.plot(epochs(values), values.mean(axis=0), **mark, lw=2)
            best = [run.info["best_epoch"] for run in results.of(name)]
            panel.axvspan(min(best) - 0.5, max(best) + 0.5, color=GREY, alpha=0.25, lw=0)
            panel.set(xlabel="epoch", ylabel="accuracy, %")
            panel.label_outer()
        marks = {name: mark for _, name, mark in LINES}
        style.key(figure, marks | {"best epochs": {"color": GREY, **style.BAR}})
        return figure

    ends = ([percent(results.values(n, c).mean()) for c in ("train", "val")] for n in names)
    cells = [f"{title(n)} {' and '.join(end)}" for n, end in zip(names, ends, strict=True)]
    words = ", ".join(cells) or "no runs"
    return Picture(draw, f"Accuracy in percent at the end, training and validation: {words}.")


def learning_curves(run: Run) -> Picture:
    """Accuracy and loss of a run on the training and the validation images."""

    def draw(width: float):
        figure, axes = style.panels(width, ["Accuracy, %", "Loss, nats"], 3)
        for panel, column in zip(axes, ("accuracy", "loss"), strict=True):
            curves = [(by_epoch([run], prefix + column)[0], *line) for prefix, *line in LINES]
            for values, _, mark in curves:
                panel.plot(epochs(values), values, **mark, marker="o" if len(values) < 8 else "")
            panel.axvline(run.info["best_epoch"], color=GREY, linestyle=":")
            panel.set_xlabel("epoch")
            panel.xaxis.get_major_locator().set_params(integer=True)
            style.label_ends(panel, [(len(v), v[-1], name, mark) for v, name, mark in curves])
        best = f"best epoch, {run.info['best_epoch']}"
        style.key(figure, {best: {"color": GREY, "linestyle": ":"}})
        return figure

    cells = [
        f"{name} {column} {by_epoch([run], prefix + column)[0, -1]:.2f}"
        for prefix, name, _ in LINES
        for column in ("accuracy", "loss")
    ]
    words = f"{len(run.history)} epochs, accuracy in percent, at the end"
    return Picture(draw, f"Learning curves, {words}: {', '.join(cells)}.")
