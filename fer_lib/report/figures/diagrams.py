"""The diagram of what the models are made of."""

from fer_lib.models.cnns import MODELS
from fer_lib.report.exhibits import Html
from fer_lib.report.results import Results, title

UNITS = ("filters", "kernels", "pooling", "padding")


def stated(name: str) -> list[tuple]:
    """Filters, kernel, pooling and padding of each block of a model."""
    cnn = MODELS[name]
    kernel, blocks = f"{cnn.kernel}×{cnn.kernel}", zip(cnn.filters, cnn.pooling, strict=True)
    return [(count, kernel, pooling, cnn.second_padding) for count, pooling in blocks]


def blocks(results: Results) -> Html:
    """The blocks of every model; what differs from the model that it varies stands out."""
    found = ""
    for name in filter(MODELS.get, results.models):
        boxes, base = "", [*stated(MODELS[name].varies), (None,) * len(UNITS)]
        for block, other in zip(stated(name), base, strict=False):
            marked = zip(block, other, UNITS, strict=True)
            tags = (
                (f"{new} <i>{unit}</i>", "div" if new == old else "mark")
                for new, old, unit in marked
            )
            boxes += f"<li>{''.join(f'<{tag}>{text}</{tag}>' for text, tag in tags)}</li>"
        found += f"<b>{title(name)}: {MODELS[name].words}</b><ol>{boxes}</ol>"
    return Html(f'<div class="fer-blocks">{found}</div>')
