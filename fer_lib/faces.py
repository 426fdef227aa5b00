"""The bundled demo data: drawn grey faces with FER2013's classes, imbalance and flaws.

They let everything run where FER2013 is not at hand; what a model learns from them says nothing
about real faces. Weak expressions resemble a neutral face, and fear resembles surprise, sadness a
neutral face and disgust anger, so that classes confuse as they do in FER2013.
"""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from fer_lib.data.dataset import OFFICIAL_COUNTS, SPLITS, USAGES, Dataset, Split, fingerprint

#: The name of every data set of this module.
NAME = "drawn demo faces"
#: Side of an image, and how many times finer it is drawn to smooth its edges.
SIDE, FINENESS = 48, 4
#: Each emotion at full strength, by label, after Ekman and Friesen's action units. How far the
#: brows are raised at their inner and outer ends, how far the eyes are open, the mouth's width, how
#: far its corners are raised, its opening, and how much the nose is wrinkled. Lengths are parts of
#: half the head's height.
EXPRESSIONS = np.array(
    [
        [-0.16, 0.08, 0.09, 0.28, -0.10, 0.05, 0.3],
        [-0.10, 0.00, 0.05, 0.29, -0.10, 0.12, 1.0],
        [0.18, 0.02, 0.17, 0.36, -0.10, 0.20, 0.0],
        [0.03, 0.05, 0.08, 0.46, 0.26, 0.20, 0.0],
        [0.15, -0.12, 0.06, 0.26, -0.17, 0.00, 0.0],
        [0.19, 0.18, 0.18, 0.22, 0.00, 0.38, 0.0],
        [0.00, 0.00, 0.11, 0.32, 0.00, 0.00, 0.0],
    ]
)
AT_REST = EXPRESSIONS[-1]
#: How strong an expression is, evenly distributed between these.
STRENGTH = (0.25, 1.15)
#: Standard deviation with which each part of an expression varies.
VARIATION = np.array([0.025, 0.025, 0.015, 0.025, 0.025, 0.015, 0.08])


def dataset(seed: int = 0, train: int = 1120, validation: int = 140, test: int = 140) -> Dataset:
    """Draws the demo faces, in about a second.

    Args:
        seed: of everything random.
        train, validation, test: images of the splits, at least 7 each.

    Returns:
        A data set with FER2013's shares of the classes. One in a hundred validation and test
        images is an exact copy of a training image, for the audit to find.
    """
    rng, splits = np.random.default_rng(seed), []
    for name, size in zip(SPLITS, (train, validation, test), strict=True):
        labels = rng.permutation(np.repeat(np.arange(7, dtype=np.uint8), class_counts(name, size)))
        images = np.stack([face(rng, label) for label in labels])
        for position in rng.choice(size, max(size // 100, 1), replace=False) if splits else ():
            alike = np.flatnonzero(splits[0].labels == labels[position])
            images[position] = splits[0].images[rng.choice(alike)]
        splits.append(Split(images, labels))
    return Dataset(*splits, NAME, f"fer_lib.faces, seed {seed}", fingerprint(*splits))


def class_counts(split: str, size: int) -> list[int]:
    """Images of each class for a split's size: FER2013's shares, at least one of each."""
    official = np.array(OFFICIAL_COUNTS[split])
    shares = official / official.sum() * (size - len(official))
    counts = np.floor(shares).astype(int)
    counts[np.argsort(counts - shares)[: size - len(official) - counts.sum()]] += 1
    return (counts + 1).tolist()


def write_csv(dataset: Dataset, path: Path) -> None:
    """Writes a data set in the layout of the challenge's ``fer2013.csv``."""
    with Path(path).open("w", encoding="utf-8") as file:
        file.write("emotion,pixels,Usage\n")
        for usage, split in zip(USAGES, dataset.splits.values(), strict=True):
            for label, image in zip(split.labels, split.images, strict=True):
                file.write(f"{label},{' '.join(map(str, image.ravel().tolist()))},{usage}\n")


def face(rng: np.random.Generator, label: int) -> np.ndarray:
    """One face of a class (uint8, 48 x 48 x 1): a person in a pose, with a camera's flaws."""
    skin, strength = rng.uniform(130, 225), rng.uniform(*STRENGTH)
    image = Image.new("L", (SIDE * FINENESS,) * 2, int(skin + rng.uniform(40, 216)) % 256)
    pen, tilt = ImageDraw.Draw(image), rng.normal(0, 0.07)
    scale, centre = rng.uniform(23, 27) * FINENESS, (SIDE / 2 + rng.normal(0, 1, 2)) * FINENESS
    axes = scale * np.array([[np.cos(tilt), np.sin(tilt)], [np.sin(tilt), -np.cos(tilt)]])
    expression = AT_REST + strength * (EXPRESSIONS[label] - AT_REST) + rng.normal(0, VARIATION)
    for points, tone, breadth in _shapes(rng, expression, skin):
        points = (np.array(points) @ axes + centre).ravel().tolist()
        if breadth:
            pen.line(points, int(tone), round(breadth * scale), joint="curve")
        else:
            pen.polygon(points, int(tone))
    rows, columns = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    light = 1 + rng.uniform(0, 0.3) * (np.cos(angle) * columns + np.sin(angle) * rows)
    pixels = 128 + rng.uniform(0.8, 1.1) * (np.asarray(image.reduce(FINENESS)) * light - 128)
    pixels += rng.normal(0, 12) + rng.normal(0, rng.uniform(2, 8), pixels.shape)
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)[..., np.newaxis]


def _shapes(rng: np.random.Generator, expression: np.ndarray, skin: float):
    """What a face is drawn of: points, grey value, and a line's breadth or 0 for a filled area.

    The head's centre is the origin, y points up, and half the head's height is 1.
    """
    brow_inner, brow_outer, eye, width, corner, opening, wrinkle = expression
    eye, dark, fold, gaze = max(eye, 0.02), 0.25 * skin, 0.6 * skin, rng.normal(0, 0.025)
    thickness, has_glasses = rng.uniform(0.75, 1.3), rng.random() < 0.12
    if rng.random() < 0.9:
        yield _oval(0, 0.1, 0.88, 1.05), rng.uniform(15, 0.75 * skin), 0  # hair
    yield _oval(0, -0.08, 0.8, 0.95), skin, 0
    yield [(0.04, 0.05), (0.1, -0.18), (-0.08, -0.2)], fold, 0.035  # nose
    for side in (-1, 1):
        x, y = 0.35 * side, 0.12
        yield _oval(x, y, 0.24, eye + 0.04), dark, 0
        yield _oval(x, y, 0.22, eye), min(skin + 70, 250), 0
        yield _oval(x + gaze, y, min(0.1, 1.3 * eye), min(0.1, eye)), 20, 0
        brow = [0.4 + brow_inner, 0.46 + (brow_inner + brow_outer) / 2, 0.4 + brow_outer]
        yield np.column_stack([side * np.array([0.11, 0.4, 0.63]), brow]), dark, 0.1 * thickness
        if max(wrinkle, 4 * corner) > 0.25:
            cheek = side * np.array([0.17, 0.3, width + 0.1])
            yield list(zip(cheek, (-0.16, -0.28, -0.46), strict=True)), fold, 0.04
        if has_glasses:
            yield _oval(x, y, 0.3, 0.27), 15, 0.04
    arch = 1 - np.linspace(-1, 1, 17) ** 2
    across, middle = width * np.linspace(-1, 1, 17), -0.5 + corner * (0.6 - arch)
    upper, lower = (
        np.column_stack([across, middle + part * max(opening, 0) * np.sqrt(arch)])
        for part in (0.35, -0.65)
    )
    yield [*upper, *lower[::-1]], 20, 0
    yield upper, dark + 15, 0.07 * thickness
    yield lower, dark + 15, 0.07 * thickness


def _oval(x: float, y: float, half_width: float, half_height: float) -> np.ndarray:
    """Points on an ellipse."""
    angles = np.linspace(0, 2 * np.pi, 25)
    return np.column_stack([x + half_width * np.cos(angles), y + half_height * np.sin(angles)])
