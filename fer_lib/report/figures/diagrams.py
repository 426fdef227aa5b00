"""The diagram of what the models are made of."""

import itertools

from fer_lib.models.cnns import MODELS, Cnn
from fer_lib.report.exhibits import Html
from fer_lib.report.results import Results, title


def stated(name: str) -> list[list[str]]:
    """Filters, kernel, pooling and padding of each block of a model; "" has no blocks."""
    cnn = MODELS.get(name, Cnn("", "", filters=(), pooling=()))
    fixed = [f"{cnn.kernel}×{cnn.kernel} kernels", f"{cnn.second_padding} padding"]
    pairs = zip(cnn.filters, cnn.pooling, strict=True)
    return [[f"{count} filters", fixed[0], f"{kind} pooling", fixed[1]] for count, kind in pairs]


def blocks(results: Results) -> Html:
    """The blocks of every model, of a variation only what it changes."""
    found = ""
    for name in filter(MODELS.get, results.models):
        base, listed = MODELS[name].varies, ""
        for block, other in itertools.zip_longest(stated(name), stated(base), fillvalue=[]):
            changed = "".join(f"<div>{text}</div>" for text in block if text not in other)
            listed += f"<li>{changed or f'as {title(base).lower()}'}</li>"
        found += f"<b>{title(name)}: {MODELS[name].words}</b><ol>{listed}</ol>"
    return Html(f'<div class="fer-blocks">{found}</div>')
