"""The report's figures: each takes the results (or a run) and returns a picture to show.

Names without runs are absent or an empty row, so that every figure draws from any set of runs.
"""

# ruff: noqa: F401

from fer_lib.report.figures.accuracy import further, overview, pretrained
from fer_lib.report.figures.claims import forest, interval, strip
from fer_lib.report.figures.classes import class_counts, confusion, confusion_matrix, f1
from fer_lib.report.figures.curves import figure1, learning_curves, single_models
from fer_lib.report.figures.diagrams import blocks, judging, path
from fer_lib.report.figures.interactive import interactive
from fer_lib.report.figures.trust import calibration, copies, votes
