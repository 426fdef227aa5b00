"""Pictures: read with Pillow, faces found, each shown as the 48 x 48 grey pixels networks take."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from fer_lib import files
from fer_lib.data.dataset import IMAGE_SHAPE
from fer_lib.errors import DataError

SIDE = IMAGE_SHAPE[0]
#: ITU-R BT.601, by which Pillow and browsers' own filters make grey of red, green and blue.
GREY = (0.299, 0.587, 0.114)


@dataclass(frozen=True)
class Crop:
    """A square of a picture, in pixels from its left and top.

    Attributes:
        left, top, side: of the square.
        why: how it was chosen, for a person to read.
    """

    left: int
    top: int
    side: int
    why: str


def read(path: str | Path) -> Image.Image:
    """A picture in red, green and blue, turned as the camera was held.

    Raises:
        DataError: it cannot be read.
    """
    remedy = "give a JPEG, a PNG or another picture"
    with files.told(DataError, path, remedy), Image.open(path) as opened:
        picture = ImageOps.exif_transpose(opened)
        if picture.mode.startswith("I"):  # 16 bits a pixel
            picture = Image.fromarray((np.asarray(picture) // 257).astype(np.uint8))
        return picture.convert("RGB")


def prepare(picture: Image.Image, crop: Crop) -> np.ndarray:
    """What the network sees: the means of grey over 48 x 48 cells of a square.

    Cells that end within a pixel take their share of it, so a square of 48 pixels stays as it is.
    The page "Try it" computes the same.

    Returns:
        48 x 48 x 1, float32, 0-255.
    """
    box = (crop.left, crop.top, crop.left + crop.side, crop.top + crop.side)
    grey = np.asarray(picture.convert("RGB").crop(box), np.float64) @ GREY
    edges = np.linspace(0, crop.side, SIDE + 1)[:, np.newaxis]
    pixels = np.arange(crop.side)
    overlap = np.minimum(edges[1:], pixels + 1) - np.maximum(edges[:-1], pixels)
    weights = overlap.clip(0) * SIDE / crop.side
    return (weights @ grey @ weights.T)[..., np.newaxis].astype(np.float32)


def crops(picture: Image.Image, whole: bool = False) -> list[Crop]:
    """The faces of a picture from left to right, or its centre square where there are none.

    FER2013's own faces were cut out by OpenCV's detector [Goodfellow et al. 2013], so its frontal
    cascade (Intel's licence for open source, in the wheel) gives crops of the kind that the
    networks learned from: of 200 test images within larger pictures it finds four in five, and its
    squares have 98 % of their side (median).
    """
    side = min(picture.size)
    left, top = ((length - side) // 2 for length in picture.size)
    if whole or picture.size == (SIDE, SIDE):
        return [Crop(left, top, side, "whole picture" if left == top else "its centre square")]
    try:
        import cv2
    except ImportError:
        why = "its centre square; to have faces found: pip install -e '.[faces]'"
        return [Crop(left, top, side, why)]
    folder = Path(cv2.data.haarcascades)
    detector = cv2.CascadeClassifier(str(folder / "haarcascade_frontalface_default.xml"))
    grey = np.asarray(picture.convert("L"))
    least = max(SIDE // 2, side // 20)
    found = detector.detectMultiScale(grey, 1.1, minNeighbors=5, minSize=(least, least))
    faces = [Crop(int(x), int(y), int(min(w, h)), "face") for x, y, w, h in found]
    centre = Crop(left, top, side, "its centre square, as no face was found")
    return sorted(faces, key=lambda face: face.left) or [centre]


def annotate(picture: Image.Image, labels: list[tuple[Crop, str]]) -> Image.Image:
    """A copy of a picture with each square and its label drawn on it."""
    copy = picture.copy()
    pen = ImageDraw.Draw(copy)
    width = max(1, min(copy.size) // 150)
    for crop, label in labels:
        pen.rectangle(
            (crop.left, crop.top, crop.left + crop.side - 1, crop.top + crop.side - 1),
            outline="white", width=width,
        )  # fmt: skip
        place, size = (crop.left + 2 * width, crop.top + width), max(10, crop.side // 10)
        pen.text(place, label, "white", font_size=size, stroke_width=width, stroke_fill="black")
    return copy
