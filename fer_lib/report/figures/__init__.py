"""The report's figures: each takes the results (or a run) and returns a picture to show.

Names without runs are absent or an empty row, so that every figure draws from any set of runs.
"""

# ruff: noqa: F401

from fer_lib.report.figures.answers import calibration, confusion, confusion_matrix
from fer_lib.report.figures.claims import forest, strip
from fer_lib.report.figures.curves import figure1, learning_curves, single_models
from fer_lib.report.figures.diagrams import blocks
from fer_lib.report.figures.frontier import frontier
from fer_lib.report.figures.rows import (
    ablation,
    class_counts,
    copies,
    f1,
    overview,
    practices,
    votes,
)
