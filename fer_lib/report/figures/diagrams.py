"""The diagram of what the models are made of."""

import itertools

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
    """The blocks of every model, of a variation only what it changes."""
    found, none = "", (None,) * len(UNITS)
    for name in filter(MODELS.get, results.models):
        base = MODELS[name].varies
        pairs = itertools.zip_longest(stated(name), stated(base) if base else [], fillvalue=none)
        boxes = (
            "".join(
                f"<div>{new} {unit}</div>"
                for new, old, unit in zip(block, other, UNITS, strict=True)
                if new != old
            )
            for block, other in pairs
        )
        listed = "".join(f"<li>{box or f'as {title(base).lower()}'}</li>" for box in boxes)
        found += f"<b>{title(name)}: {MODELS[name].words}</b><ol>{listed}</ol>"
    return Html(f'<div class="fer-blocks">{found}</div>')
