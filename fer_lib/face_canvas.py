"""A surface to draw a face on, in the face's own coordinates.

The centre of the head is the origin, y points up, and the head reaches one unit above and below it.
Features lie on a sphere, which is turned before it is projected.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image, ImageDraw

#: Side of a finished image, and how many times finer it is drawn to smooth its edges.
SIDE = 48
FINENESS = 4


@dataclass(frozen=True)
class Pose:
    """How the head is held.

    Attributes:
        shift: of the centre, pixels to the right and down.
        scale: half the head's height, pixels.
        tilt, yaw, pitch: radians.
        gaze: of the irises to the right, face units.
    """

    shift: tuple[float, float]
    scale: float
    tilt: float
    yaw: float
    pitch: float
    gaze: float


class Canvas:
    """A grey image that takes points (N x 2) in the face's coordinates.

    Points on the surface turn with the head; others, such as its outline, do not.

    Args:
        background: grey value 0-255.
        pose: how the head is held.
    """

    def __init__(self, background: float, pose: Pose):
        self._image = Image.new("L", (SIDE * FINENESS,) * 2, int(background))
        self._draw = ImageDraw.Draw(self._image)
        self._scale = pose.scale * FINENESS
        self._centre = (SIDE / 2 + np.array(pose.shift)) * FINENESS
        cosine, sine = np.cos(pose.tilt), np.sin(pose.tilt)
        self._axes = self._scale * np.array([[cosine, sine], [sine, -cosine]])
        self._turn = np.array([pose.yaw, pose.pitch])

    def fill(self, points: ArrayLike, tone: float, surface: bool = True) -> None:
        """Fills a polygon with a grey value."""
        self._draw.polygon(self._pixels(points, surface), fill=int(tone))

    def line(self, points: ArrayLike, tone: float, width: float, surface: bool = True) -> None:
        """Draws a line through points; the width is in face units."""
        pixels = max(round(width * self._scale), 1)
        self._draw.line(self._pixels(points, surface), int(tone), pixels, joint="curve")

    def finish(self) -> Image.Image:
        """The drawing at its final size, 48 x 48, mode "L"."""
        return self._image.reduce(FINENESS)

    def _pixels(self, points: ArrayLike, surface: bool) -> list[float]:
        points = np.asarray(points, float)
        if surface:
            depth = np.sqrt(np.clip(1 - (points**2).sum(axis=1, keepdims=True), 0, 1))
            points = points * np.cos(self._turn) + depth * np.sin(self._turn)
        return (points @ self._axes + self._centre).ravel().tolist()


def ellipse(x: float, y: float, width: float, height: float, start=0.0, end=2.0) -> np.ndarray:
    """Points on an ellipse between two angles in units of pi, counter-clockwise from the right."""
    angles = np.linspace(start, end, 25) * np.pi
    return np.column_stack([x + width * np.cos(angles), y + height * np.sin(angles)])
