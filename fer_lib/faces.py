"""The bundled demo data: drawn grey faces with FER2013's classes, imbalance and flaws.

They let everything run where FER2013 is not at hand; what a model learns from them says nothing
about real faces. Weak expressions resemble a neutral face, and fear resembles surprise, sadness a
neutral face and disgust anger, so that classes confuse as they do in FER2013.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from fer_lib.data import EMOTIONS, Dataset, Split, fingerprint
from fer_lib.data.dataset import OFFICIAL_COUNTS
from fer_lib.data.rows import USAGES
from fer_lib.errors import ParameterError
from fer_lib.face_canvas import SIDE, Pose
from fer_lib.face_drawing import Expression, Person, draw

#: The name of every data set of this module.
NAME = "drawn demo faces"

#: Each emotion at full strength, by label; after Ekman and Friesen's action units.
EXPRESSIONS = (
    Expression(-0.16, 0.08, 0.09, 0.03, 0.28, -0.1, 0.05, 0.0, 0.0, 1.0),
    Expression(-0.1, 0.0, 0.05, 0.05, 0.29, -0.1, 0.06, 0.11, 1.0, 0.3),
    Expression(0.18, 0.02, 0.17, 0.0, 0.36, -0.1, 0.2, 0.0, 0.0, 0.2),
    Expression(0.03, 0.05, 0.08, 0.06, 0.46, 0.26, 0.2, 0.0, 0.0, 0.0),
    Expression(0.15, -0.12, 0.06, 0.0, 0.26, -0.17, 0.0, 0.0, 0.0, 0.2),
    Expression(0.19, 0.18, 0.18, 0.0, 0.22, 0.0, 0.38, 0.0, 0.0, 0.0),
    Expression(),
)
#: How strong an expression is, evenly distributed between these.
STRENGTH = (0.25, 1.15)
#: Standard deviation with which each part of an expression varies, in the order of its fields.
VARIATION = np.array([0.025, 0.025, 0.015, 0.008, 0.025, 0.025, 0.015, 0.008, 0.08, 0.1])


def dataset(seed: int = 0, train: int = 2800, validation: int = 350, test: int = 350) -> Dataset:
    """Draws the demo faces.

    Args:
        seed: of everything random.
        train, validation, test: images of the splits, at least 7 each.

    Returns:
        A data set with FER2013's shares of the classes. One in a hundred validation and test
        images is an exact copy of a training image, for the audit to find.

    Raises:
        ParameterError: a split is too small to hold every class.
    """
    sizes = {"train": train, "validation": validation, "test": test}
    rng = np.random.default_rng(seed)
    splits = {name: _split(rng, name, size) for name, size in sizes.items()}
    for name in ("validation", "test"):
        _copy_some(rng, splits["train"], splits[name])
    source = f"fer_lib.faces, seed {seed}"
    return Dataset(**splits, name=NAME, source=source, fingerprint=fingerprint(*splits.values()))


def write_csv(dataset: Dataset, path: Path) -> None:
    """Writes a data set in the layout of the challenge's ``fer2013.csv``."""
    tables = [
        pd.DataFrame(
            {
                "emotion": split.labels,
                "pixels": [" ".join(map(str, image.ravel().tolist())) for image in split.images],
                "Usage": usage,
            }
        )
        for usage, split in zip(USAGES, dataset.splits.values(), strict=True)
    ]
    pd.concat(tables).to_csv(path, index=False)


def _split(rng: np.random.Generator, name: str, size: int) -> Split:
    """Draws a split whose classes have the shares of FER2013's."""
    labels = rng.permutation(np.repeat(np.arange(len(EMOTIONS)), class_counts(name, size)))
    images = np.stack([face(rng, label) for label in labels])
    return Split(images[..., np.newaxis], labels.astype(np.uint8))


def class_counts(split: str, size: int) -> list[int]:
    """Images of each class for a split's size: FER2013's shares, at least one of each.

    Raises:
        ParameterError: the size is under 7.
    """
    if size < len(EMOTIONS):
        raise ParameterError(f"{split}={size}: a split of faces has at least {len(EMOTIONS)}")
    official = np.array(OFFICIAL_COUNTS[split])
    shares = official / official.sum() * (size - len(EMOTIONS))
    counts = np.floor(shares).astype(int)
    largest = np.argsort(counts - shares)[: size - len(EMOTIONS) - counts.sum()]
    counts[largest] += 1
    return (counts + 1).tolist()


def _copy_some(rng: np.random.Generator, source: Split, target: Split) -> None:
    """Replaces one image in a hundred by a training image of the same class."""
    for position in rng.choice(len(target), max(len(target) // 100, 1), replace=False):
        alike = np.flatnonzero(source.labels == target.labels[position])
        target.images[position] = source.images[rng.choice(alike)]


def face(rng: np.random.Generator, label: int) -> np.ndarray:
    """Draws one face of a class (uint8, 48 x 48)."""
    person, background = _person(rng)
    image = draw(_expression(rng, label), person, _pose(rng), background)
    return _photograph(rng, np.asarray(image, np.float64), person)


def _expression(rng: np.random.Generator, label: int) -> Expression:
    rest = np.array(Expression())
    full = np.array(EXPRESSIONS[label])
    return Expression(*rest + rng.uniform(*STRENGTH) * (full - rest) + rng.normal(0, VARIATION))


def _person(rng: np.random.Generator) -> tuple[Person, float]:
    """A person and the grey value of a background that differs from the skin."""
    skin = rng.uniform(130, 225)
    background = (skin + rng.uniform(40, 216)) % 256
    person = Person(
        skin=skin,
        hair=rng.uniform(15, 0.75 * skin),
        hair_style=rng.choice(["none", "short", "fringe", "long"], p=[0.1, 0.35, 0.25, 0.3]),
        thickness=rng.uniform(0.75, 1.3),
        glasses=rng.random() < 0.12,
        moustache=rng.random() < 0.06,
    )
    return person, background


def _pose(rng: np.random.Generator) -> Pose:
    return Pose(
        shift=tuple(rng.normal(0, 0.8, 2)),
        scale=rng.uniform(23, 27),
        tilt=rng.normal(0, 0.07),
        yaw=rng.normal(0, 0.1),
        pitch=rng.normal(0, 0.05),
        gaze=rng.normal(0, 0.025),
    )


def _photograph(rng: np.random.Generator, image: np.ndarray, person: Person) -> np.ndarray:
    """Adds what a camera adds: a hand in the way, light from a side, contrast and noise."""
    rows, columns = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    slope = np.cos(angle) * columns + np.sin(angle) * rows
    if rng.random() < 0.06:
        # A bar or a sleeve across the picture, off the centre.
        edge = slope - rng.uniform(0.25, 0.6)
        image = np.where((edge > 0) & (edge < 0.35), 0.8 * person.skin, image)
    light = 1 + rng.uniform(0, 0.3) * slope
    image = 128 + rng.uniform(0.8, 1.1) * (image * light - 128) + rng.normal(0, 12)
    image = image + rng.normal(0, rng.uniform(2, 8), image.shape)
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)
