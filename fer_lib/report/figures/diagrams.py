"""Diagrams drawn by code: what the models are made of, and how the report comes about."""

import textwrap

from fer_lib.report.claims import judge
from fer_lib.report.exhibits import INK, NARROW, Picture, signed
from fer_lib.report.figures import style
from fer_lib.report.figures.style import COLOURS
from fer_lib.report.results import Results, title

FILTERS, MAX, AVERAGE = (32, 64, 128), ("max",) * 3, ("max", "average", "average", "average")
#: Of each model: what it varies, in words, then filters, kernel, pooling and padding by block.
MODELS = {
    "model1": ("model1", "the base", FILTERS, "3×3", MAX, "same"),
    "model2": ("model1", "average pooling in blocks 2 and 3", FILTERS, "3×3", AVERAGE, "same"),
    "model3": ("model2", "twice the filters", (64, 128, 256), "3×3", AVERAGE, "same"),
    "model4": ("model2", "larger kernels", FILTERS, "5×5", AVERAGE, "same"),
    "model5": ("model2", "a fourth block", (*FILTERS, 256), "3×3", AVERAGE, "same"),
    "model6": ("model2", "no padding in second convolutions", FILTERS, "3×3", AVERAGE, "valid"),
}
UNITS = (" filters", " kernels", " pooling", " padding")
NOTE = """A block: convolution, batch normalisation, convolution, pooling over 2×2, dropout 25 %.
After the blocks: dense layer of 256, dropout 50 %, softmax of 7. A box names filters, kernel,
pooling, and padding of the second convolution."""


def stated(name: str) -> list[tuple]:
    """Filters, kernel, pooling and padding of each block of a model, as the diagram says."""
    _, _, filters, kernel, pooling, padding = MODELS[name]
    return [(count, kernel, pooling[block], padding) for block, count in enumerate(filters)]


def blocks(results: Results) -> Picture:
    """The blocks of every model; what differs from the model that it varies stands out."""
    names = [name for name in results.models if name in MODELS]
    heads = [f"{title(name)}: {MODELS[name][1]}" for name in names]

    def draw(width: float):
        figure, (axes,) = style.panels(width, [""], 1.2 * len(names) + 0.8)
        units, letters = (("",) * 4, 46) if width <= NARROW else (UNITS, 100)
        for row, name in enumerate(names):
            axes.text(0.02, row + 0.04, heads[row], weight="bold", va="bottom", in_layout=False)
            old = [*stated(MODELS[name][0]), (None,) * 4]
            for column, lines in enumerate(stated(name)):
                _block(axes, column, row, lines, old[column], units)
        axes.set(xlim=(0, 4), ylim=(max(len(names), 1), -0.2))
        axes.axis("off")
        figure.supxlabel(textwrap.fill(NOTE, letters), fontsize=11, x=0.02, ha="left")
        return figure

    return Picture(draw, f"Blocks of two convolutions and pooling. {'; '.join(heads)}.")


def _block(axes, column: int, row: int, lines: tuple, old: tuple, units: tuple) -> None:
    """A block, its changed lines in bold on colour."""
    edge = {"ec": INK, "lw": 1} if lines == old else {"ec": COLOURS[1], "lw": 2.5}
    axes.barh(row + 0.46, 0.94, 0.76, column + 0.02, color="none", **edge)
    mark = {"weight": "bold", "bbox": {"fc": COLOURS[1], "alpha": 0.35, "ec": "none", "pad": 1}}
    for place, (text, before, unit) in enumerate(zip(lines, old, units, strict=True)):
        at = {"x": column + 0.49, "y": row + 0.19 + 0.18 * place, "ha": "center", "va": "center"}
        axes.text(**at, s=f"{text}{unit}", **(mark if text != before else {}))


def judging(results: Results) -> Picture:
    """From the runs of two models to a verdict, by the example of average pooling."""
    one = judge(results)["average_pooling"]
    (part,) = one.parts
    value, low, high = (signed(100 * number) for number in (part.value, part.low, part.high))
    return _flow(
        runs="{} of model 2, {} of model 1".format(*part.sizes),
        one_number_a_run="validation accuracy after the last epoch",
        Welch_interval=f"difference {value} points ({low} to {high})",
        verdict=f"{one.verdict}: the claim says above zero",
    )


def path(results: Results) -> Picture:
    """From the file to the report."""
    return _flow(
        file="csv, archive or folders of pictures",
        Dataset=f"{sum(map(sum, results.counts.values())):,} images in three splits",
        training="a model, a recipe, a seed",
        runs=f"{len(results.runs)} folders: curves, predictions, facts",
        report="tables, figures, verdicts; needs no data",
    )


def _flow(**steps: str) -> Picture:
    """Boxes with arrows between: beside each other, or on a phone below each other."""

    def draw(width: float):
        narrow, count = width <= NARROW, len(steps)
        figure, (axes,) = style.panels(width, [""], 0.95 * count if narrow else 1.5)
        axes.set(xlim=(0, 1 if narrow else count), ylim=(count if narrow else 1, 0))
        axes.axis("off")
        wide, high, letters = (0.96, 0.7, 40) if narrow else (0.86, 0.96, 80 // count)
        for number, (head, body) in enumerate(steps.items()):
            x, y = (0.5, number + 0.5) if narrow else (number + 0.5, 0.5)
            axes.barh(y, wide, high, x - wide / 2, color=COLOURS[3], alpha=0.15)
            lines = [head.replace("_", " "), *textwrap.wrap(body, letters)]
            for place, line in enumerate(lines):  # one by one, or browsers do not centre them
                weight, shift = "normal" if place else "bold", 16 * ((len(lines) - 1) / 2 - place)
                options = {"textcoords": "offset points", "ha": "center", "va": "center"}
                axes.annotate(line, (x, y), (0, shift), weight=weight, **options)
            if number:
                gap = 0.15 if narrow else 0.07
                ends = [(0.5, number + d) if narrow else (number + d, 0.5) for d in (gap, -gap)]
                arrow = {"arrowstyle": "-|>", "color": INK, "shrinkA": 0, "shrinkB": 0}
                axes.annotate("", *ends, arrowprops=arrow)
        return figure

    words = (f"{head.replace('_', ' ')}: {body}" for head, body in steps.items())
    return Picture(draw, "; then ".join(words) + ".")
