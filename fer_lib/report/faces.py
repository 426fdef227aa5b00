"""Pictures of FER2013, shown in a locally built book alone, where ``make report faces=PATH`` asks.

They never enter a commit: nothing here is drawn without the variable that this target sets.
"""

import base64
import html
import io
import os
from dataclasses import dataclass

import numpy as np

from fer_lib import data, paths
from fer_lib.data import EMOTIONS
from fer_lib.report.exhibits import percent
from fer_lib.report.results import Results

#: Set by ``make report faces=PATH``; no training reads it.
VARIABLE = "FER_REPORT_FACES"
HOW = "<p>With the data at hand, <code>make report faces=PATH</code> shows pictures here.</p>"
#: Pictures of each emotion, and mistakes.
SAMPLES, MISTAKES = 6, 12


@dataclass(frozen=True)
class Faces:
    """Pictures (uint8, N x 48 x 48) with a caption each; none says how to see them."""

    images: np.ndarray
    captions: list[str]

    def html(self, name: str) -> str:
        if not len(self.images):
            return HOW
        return "".join(map(_figure, self.images, self.captions))


def samples(results: Results) -> Faces:
    """The first training images of each emotion."""
    if not (path := os.environ.get(VARIABLE)):
        return Faces(np.empty((0, 48, 48)), [])
    train = data.load(paths.expand(path)).train
    chosen = [np.flatnonzero(train.labels == k)[:SAMPLES] for k in range(len(EMOTIONS))]
    captions = [emotion for emotion, some in zip(EMOTIONS, chosen, strict=True) for _ in some]
    return Faces(train.images[np.concatenate(chosen), ..., 0], captions)


def mistakes(results: Results, name: str) -> Faces:
    """The test images that the first run of a name is surest and wrong about."""
    run, path = next(iter(results.of(name)), None), os.environ.get(VARIABLE)
    test = data.load(paths.expand(path)).test if path else None
    if run is None or test is None or not np.array_equal(test.labels, run.labels("test")):
        return Faces(np.empty((0, 48, 48)), [])
    answers = run.probabilities("test")
    sureness = np.where(answers.argmax(axis=1) != test.labels, answers.max(axis=1), 0)
    worst = np.argsort(-sureness)[:MISTAKES]
    said, true = answers.argmax(axis=1), test.labels
    captions = [
        f"{EMOTIONS[said[i]]} ({percent(sureness[i], 0)} %), is {EMOTIONS[true[i]]}" for i in worst
    ]
    return Faces(test.images[worst, ..., 0], captions)


def _figure(image: np.ndarray, caption: str) -> str:
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image)).save(stream, format="png")
    source = base64.b64encode(stream.getvalue()).decode()
    text = html.escape(caption)
    return (
        f'<span class="fer-face"><img src="data:image/png;base64,{source}" alt="{text}">'
        f"<br>{text}</span>"
    )
