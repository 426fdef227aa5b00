"""Pictures of FER2013, shown in a locally built book alone, where ``make report faces=PATH`` asks.

They never enter a commit: nothing here is drawn without the variable that this target sets.
"""

import base64
import html
import io
import os
from collections.abc import Iterable

import numpy as np

from fer_lib import data, paths
from fer_lib.data import EMOTIONS, Dataset
from fer_lib.report.exhibits import Html, percent
from fer_lib.report.results import Results

#: Set by ``make report faces=PATH``; no training reads it.
VARIABLE = "FER_REPORT_FACES"
FACE = """<span class="fer-face"><img src="data:image/png;base64,{png}" alt="{text}">
<br>{text}</span>"""
#: Pictures of each emotion, and mistakes.
SAMPLES, MISTAKES = 6, 12


def _dataset() -> Dataset | None:
    path = os.environ.get(VARIABLE)
    return data.load(paths.expand(path)) if path else None


def samples(results: Results) -> Html:
    """The first training images of each emotion."""
    if (dataset := _dataset()) is None:
        return Html("")
    images, labels = dataset.train.images, dataset.train.labels
    first = [place for k in range(len(EMOTIONS)) for place in np.flatnonzero(labels == k)[:SAMPLES]]
    return _faces((images[place], EMOTIONS[labels[place]]) for place in first)


def mistakes(results: Results, name: str) -> Html:
    """The test images that the first run of a name is surest and wrong about."""
    run, dataset = next(iter(results.of(name)), None), _dataset()
    if not run or not dataset or not np.array_equal(dataset.test.labels, run.labels("test")):
        return Html("")
    labels, answers = run.labels("test"), run.probabilities("test")
    said, sure = answers.argmax(axis=1), answers.max(axis=1)
    return _faces(
        (
            dataset.test.images[place],
            f"{EMOTIONS[said[place]]} ({percent(sure[place], 0)} %), is {EMOTIONS[labels[place]]}",
        )
        for place in np.argsort(-sure * (said != labels))[:MISTAKES]
    )


def _faces(captioned: Iterable[tuple[np.ndarray, str]]) -> Html:
    """Images (uint8, 48 x 48 x 1) above their captions."""
    from PIL import Image

    found = []
    for image, caption in captioned:
        stream = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(image[..., 0])).save(stream, format="png")
        png = base64.b64encode(stream.getvalue()).decode()
        found.append(FACE.format(png=png, text=html.escape(caption)))
    return Html("".join(found))
