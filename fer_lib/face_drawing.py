"""Draws one grey face from an expression, a person and a pose.

Lengths are in the face's own units, see :mod:`fer_lib.face_canvas`.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from PIL import Image

from fer_lib.face_canvas import Canvas, Pose, ellipse

HEAD_WIDTH = 0.8
EYE_X, EYE_Y, EYE_WIDTH = 0.35, 0.12, 0.23
BROW_Y = 0.42
MOUTH_Y = -0.5


class Expression(NamedTuple):
    """What the muscles do; the defaults are a face at rest.

    Lengths are in the face's units, raised is positive.
    """

    brow_inner: float = 0.0
    brow_outer: float = 0.0
    eye_opening: float = 0.11
    lower_lid: float = 0.0
    mouth_width: float = 0.32
    mouth_corner: float = 0.0
    mouth_opening: float = 0.0
    upper_lip: float = 0.0
    nose_wrinkle: float = 0.0
    frown: float = 0.0


@dataclass(frozen=True)
class Person:
    """Who is drawn: grey values 0-255, thicknesses relative to the usual.

    Attributes:
        skin, hair: grey values.
        hair_style: one of "none", "short", "fringe", "long".
        thickness: of brows, lids and lips.
        glasses, moustache: whether there are any.
    """

    skin: float
    hair: float
    hair_style: str
    thickness: float
    glasses: bool
    moustache: bool

    @property
    def dark(self) -> float:
        """Grey value of brows, lids and lips."""
        return min(0.25 * self.skin, 0.6 * self.hair + 10)

    def shade(self, strength: float) -> float:
        """Grey value of a fold of the skin, from 0 (none) to 1 (deep)."""
        return self.skin * (1 - 0.55 * min(max(strength, 0), 1))


def draw(expression: Expression, person: Person, pose: Pose, background: float) -> Image.Image:
    """Draws a face.

    Args:
        expression, person, pose: see there.
        background: grey value.

    Returns:
        A grey image (mode "L") of 48 x 48.
    """
    canvas = Canvas(background, pose)
    _head(canvas, person)
    _nose(canvas, expression, person)
    for side in (-1, 1):
        _eye(canvas, expression, person, pose.gaze, side)
        _brow(canvas, expression, person, side)
        _folds(canvas, expression, person, side)
    _mouth(canvas, expression, person)
    if person.glasses:
        _glasses(canvas)
    return canvas.finish()


def _head(canvas: Canvas, person: Person) -> None:
    if person.hair_style == "long":
        canvas.fill(ellipse(0, 0.1, 1.02, 1.08), person.hair, surface=False)
        canvas.fill([(-1.02, 0.1), (1.02, 0.1), (0.95, -1.6), (-0.95, -1.6)], person.hair, False)
    neck = [(-0.4, -0.6), (0.4, -0.6), (0.45, -1.7), (-0.45, -1.7)]
    canvas.fill(neck, person.shade(0.45), surface=False)
    for side in (-1, 1):
        canvas.fill(ellipse(side * 0.8, 0.02, 0.1, 0.17), person.shade(0.25), surface=False)
    canvas.fill(ellipse(0, 0, HEAD_WIDTH, 1), person.skin, surface=False)
    if person.hair_style == "none":
        return
    hairline = ellipse(0, 0.3, 0.76, 0.38, 1, 0)
    if person.hair_style == "fringe":
        hairline = np.array([(-0.78, 0.2), (-0.6, 0.55), (0.1, 0.62), (0.55, 0.5), (0.78, 0.2)])
    crown = ellipse(0, 0.12, 0.86, 0.98, 0.03, 0.97)
    canvas.fill(np.vstack([crown, hairline]), person.hair, surface=False)


def _nose(canvas: Canvas, expression: Expression, person: Person) -> None:
    wrinkle = expression.nose_wrinkle
    lift = 0.04 * wrinkle
    ridge = [(0.05, 0.05), (0.1, -0.16 + lift), (0.02, -0.2 + lift)]
    canvas.line(ridge, person.shade(0.6), 0.035)
    for side in (-1, 1):
        wing = ellipse(side * 0.08, -0.2 + lift, 0.055, 0.035, 1, 2)
        canvas.line(wing, person.shade(0.9), 0.035)
    if wrinkle > 0.15:
        for y in (0.0, 0.08):
            bridge = ellipse(0, y, 0.13, 0.05, 0.05, 0.95)
            canvas.line(bridge, person.shade(wrinkle), 0.03)


def _eye(canvas: Canvas, expression: Expression, person: Person, gaze: float, side: int) -> None:
    x, y = side * EYE_X, EYE_Y
    opening = max(expression.eye_opening, 0.012)

    def upper(at):
        return y + 1.25 * opening * np.sqrt(np.clip(1 - ((at - x) / EYE_WIDTH) ** 2, 0, 1))

    def lower(at):
        bow = np.clip(1 - ((at - x) / EYE_WIDTH) ** 2, 0, 1)
        return np.minimum(y + (expression.lower_lid - 0.85 * opening) * bow, upper(at) - 0.01)

    across = np.linspace(x - EYE_WIDTH, x + EYE_WIDTH, 13)
    lid = np.column_stack([across, upper(across)])
    under = np.column_stack([across, lower(across)])
    white = min(person.skin + 70, 250)
    canvas.fill(np.vstack([lid, under[::-1]]), white)
    iris = ellipse(x + gaze, y + 0.01, 0.11, 0.11)
    iris[:, 1] = np.clip(iris[:, 1], lower(iris[:, 0]), upper(iris[:, 0]))
    canvas.fill(iris, min(person.dark, 40))
    canvas.line(lid, person.dark, 0.06 * person.thickness)
    canvas.line(under, person.shade(0.6), 0.03)


def _brow(canvas: Canvas, expression: Expression, person: Person, side: int) -> None:
    along = np.linspace(0, 1, 7)
    rise = expression.brow_inner * (1 - along) + expression.brow_outer * along
    y = BROW_Y + rise + 0.1 * along * (1 - along) * 2
    x = side * (0.11 + 0.52 * along)
    canvas.line(np.column_stack([x, y]), person.dark, 0.11 * person.thickness)


def _folds(canvas: Canvas, expression: Expression, person: Person, side: int) -> None:
    """The fold from nose to mouth, and the upright one between the brows."""
    cheek = max(expression.nose_wrinkle, 5 * expression.mouth_corner)
    if cheek > 0.15:
        fold = [(0.17, -0.16), (0.3, -0.28), (expression.mouth_width + 0.1, -0.46)]
        canvas.line(np.array(fold) * [side, 1], person.shade(0.7 * cheek), 0.03)
    if expression.frown > 0.15:
        crease = np.array([(0.05, 0.2), (0.06, 0.36)]) * [side, 1]
        canvas.line(crease, person.shade(expression.frown), 0.035)


def _mouth(canvas: Canvas, expression: Expression, person: Person) -> None:
    along = np.linspace(-1, 1, 17)
    arch = 1 - along**2
    bow = np.sqrt(arch) * max(expression.mouth_opening, 0)
    middle = MOUTH_Y + expression.mouth_corner * (0.6 - arch)
    x = expression.mouth_width * along
    top = middle + expression.upper_lip * arch + 0.35 * bow
    bottom = middle - 0.65 * bow
    upper, lower = np.column_stack([x, top]), np.column_stack([x, bottom])
    canvas.fill(np.vstack([upper, lower[::-1]]), 20)
    if expression.mouth_opening + expression.upper_lip > 0.06:
        teeth = np.column_stack([x, np.maximum(top - 0.09, bottom)])
        canvas.fill(np.vstack([upper, teeth[::-1]])[2:-2], min(person.skin + 80, 245))
    lips = min(person.dark + 15, 0.5 * person.skin)
    canvas.line(upper, lips, 0.07 * person.thickness)
    canvas.line(lower, lips, 0.07 * person.thickness)
    if person.moustache:
        beard = ellipse(0, -0.36, 0.3, 0.08, 1, 0)
        canvas.fill(np.vstack([beard, ellipse(0, -0.4, 0.3, 0.04, 0, 1)]), person.hair)


def _glasses(canvas: Canvas) -> None:
    for side in (-1, 1):
        canvas.line(ellipse(side * EYE_X, EYE_Y, 0.3, 0.27), 15, 0.04)
        canvas.line([(side * 0.64, 0.14), (side * 0.8, 0.16)], 15, 0.04)
    canvas.line([(-0.06, 0.14), (0.06, 0.14)], 15, 0.04)
