"""Diagrams drawn by code: what the models are made of, and how the report comes about."""

import textwrap

from fer_lib.report import style
from fer_lib.report.claims import judge
from fer_lib.report.exhibits import INK, Picture, signed
from fer_lib.report.results import Results, title
from fer_lib.report.style import COLOURS

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
LINE = 14.5  # points
#: A line that differs from the model that is varied.
CHANGED = {"weight": "bold", "bbox": {"fc": COLOURS[1], "alpha": 0.35, "ec": "none", "pad": 1}}
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
    heads = {name: f"{title(name)}: {MODELS[name][1]}" for name in results.models if name in MODELS}

    def draw_panel(panel, _):
        units, letters = (("",) * 4, 46) if style.is_narrow(panel) else (UNITS, 100)
        for row, (name, head) in enumerate(heads.items()):
            panel.text(0.02, row + 0.04, head, weight="bold", va="bottom", in_layout=False)
            base = [*stated(MODELS[name][0]), (None,) * 4]
            for column, block in enumerate(stated(name)):
                marked = zip(block, base[column], units, strict=True)
                lines = {f"{new}{unit}": CHANGED if new != old else {} for new, old, unit in marked}
                _box(panel, (column + 0.49, row + 0.46), (0.94, 0.76), lines, fill=False, ec=INK)
        panel.set(xlim=(0, 4), ylim=(max(len(heads), 1), -0.2))
        panel.axis("off")
        panel.figure.supxlabel(textwrap.fill(NOTE, letters), fontsize=11, x=0.02, ha="left")

    alt = f"Blocks of two convolutions and pooling. {'; '.join(heads.values())}."
    height = 1.2 * len(heads) + 0.8
    return Picture(alt, {"": ""}, draw_panel, (height, height))


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
    texts = {head.replace("_", " "): body for head, body in steps.items()}
    count = len(texts)

    def draw_panel(panel, _):
        narrow = style.is_narrow(panel)
        size, letters, gap = (
            ((0.96, 0.7), 40, 0.15) if narrow else ((0.86, 0.96), 80 // count, 0.07)
        )
        for number, (head, body) in enumerate(texts.items()):
            lines = {
                head: {"weight": "bold"},
                **{line: {} for line in textwrap.wrap(body, letters)},
            }
            places = [(0.5, number + d) if narrow else (number + d, 0.5) for d in (0.5, gap, -gap)]
            _box(panel, places[0], size, lines, color=COLOURS[3], alpha=0.15)
            if number:
                arrow = {"arrowstyle": "-|>", "color": INK, "shrinkA": 0, "shrinkB": 0}
                panel.annotate("", *places[1:], arrowprops=arrow)
        panel.set(xlim=(0, 1 if narrow else count), ylim=(count if narrow else 1, 0))
        panel.axis("off")

    words = "; then ".join(f"{head}: {body}" for head, body in texts.items())
    return Picture(f"{words}.", {"": ""}, draw_panel, (1.5, 0.95 * count))


def _box(panel, centre: tuple, size: tuple, lines: dict[str, dict], **look) -> None:
    """A box around lines of text, each by its properties."""
    panel.barh(centre[1], *size, centre[0] - size[0] / 2, **look)
    options = {"textcoords": "offset points", "ha": "center", "va": "center"}
    for place, (line, mark) in enumerate(lines.items()):  # one by one, or browsers do not centre
        shift = LINE * ((len(lines) - 1) / 2 - place)
        panel.annotate(line, centre, (0, shift), **options, **mark)
