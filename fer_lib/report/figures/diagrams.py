"""The diagram of what the models are made of."""

from fer_lib.report.exhibits import Html
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
UNITS = ("filters", "kernels", "pooling", "padding")


def stated(name: str) -> list[tuple]:
    """Filters, kernel, pooling and padding of each block of a model, as the diagram says."""
    _, _, filters, kernel, pooling, padding = MODELS[name]
    return [(count, kernel, pooling[block], padding) for block, count in enumerate(filters)]


def blocks(results: Results) -> Html:
    """The blocks of every model; what differs from the model that it varies stands out."""
    found = ""
    for name in filter(MODELS.get, results.models):
        varied, words, *_ = MODELS[name]
        boxes, base = "", [*stated(varied), (None,) * len(UNITS)]
        for block, other in zip(stated(name), base, strict=False):
            marked = zip(block, other, UNITS, strict=True)
            tags = (
                (f"{new} <i>{unit}</i>", "div" if new == old else "mark")
                for new, old, unit in marked
            )
            boxes += f"<li>{''.join(f'<{tag}>{text}</{tag}>' for text, tag in tags)}</li>"
        found += f"<b>{title(name)}: {words}</b><ol>{boxes}</ol>"
    return Html(f'<div class="fer-blocks">{found}</div>')
