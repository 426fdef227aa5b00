"""The report's figures, each as HTML to show: static ones here, one to hover over.

:mod:`~fer_lib.report.figures.curves` draws the learning curves,
:mod:`~fer_lib.report.figures.interactive` the same to zoom into,
:mod:`~fer_lib.report.figures.confusion` the matrices,
:mod:`~fer_lib.report.figures.accuracy`, :mod:`~fer_lib.report.figures.calibration` and
:mod:`~fer_lib.report.figures.classes` what their names say, all in
:mod:`~fer_lib.report.figures.panels`.
"""

from fer_lib.report.figures.accuracy import accuracy_points
from fer_lib.report.figures.calibration import reliability
from fer_lib.report.figures.classes import class_shares
from fer_lib.report.figures.confusion import confusion_matrices, confusion_matrix
from fer_lib.report.figures.curves import all_curves, learning_curves
from fer_lib.report.figures.interactive import interactive_curves

__all__ = [
    "accuracy_points",
    "all_curves",
    "class_shares",
    "confusion_matrices",
    "confusion_matrix",
    "interactive_curves",
    "learning_curves",
    "reliability",
]
