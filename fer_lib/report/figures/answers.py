"""What models answer on the test images: for what they take each emotion, and how sure they are."""

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, PowerNorm

from fer_lib import evaluation
from fer_lib.data import EMOTIONS
from fer_lib.report import numbers, style
from fer_lib.report.exhibits import INK, Picture, percent
from fer_lib.report.results import Results, title
from fer_lib.report.style import GREY
from fer_lib.runs import Run

#: A blue that thickens with the share leaves ink legible in light and dark.
BLUE = LinearSegmentedColormap.from_list("shares", [(0.1, 0.45, 0.85, 0), (0.1, 0.45, 0.85, 0.7)])
#: Below so many images a run, a bin's accuracy says nothing.
FEWEST = 20


def confusion(results: Results, name: str) -> Picture:
    """The confusion matrix of a name on the test images, its runs added up."""
    return _matrix(results.of(name), title(name))


def confusion_matrix(run: Run) -> Picture:
    """The confusion matrix of a run on the test images."""
    return _matrix([run], title(run.model))


def _matrix(runs: Sequence[Run], name: str) -> Picture:
    """Rows are true emotions, in percent of their images."""
    shares = 100 * numbers.answers(runs)

    def draw_panel(panel, _):
        import seaborn

        options = {"xticklabels": EMOTIONS, "yticklabels": EMOTIONS, "cbar": False, "fmt": ".0f"}
        options |= {"cmap": BLUE, "norm": PowerNorm(0.5, 0, 100), "annot_kws": {"color": INK}}
        seaborn.heatmap(shares, ax=panel, annot=True, **options)
        panel.set(xlabel="answer of the model", ylabel="true emotion")
        panel.tick_params(axis="x", rotation=90 if style.is_narrow(panel) else 45)
        panel.tick_params(axis="y", rotation=0)

    right = ", ".join(f"{emotion} {shares[i, i]:.0f}" for i, emotion in enumerate(EMOTIONS))
    wrong = shares - np.diag(np.diag(shares))
    true, answer = (EMOTIONS[place] for place in np.unravel_index(wrong.argmax(), wrong.shape))
    most = f"most often confused: {true} called {answer}, {wrong.max():.0f}"
    alt = f"{name} on the test images, percent recognised: {right}; {most}."
    heading = {"": f"{name}: answers, % of each row"}
    return Picture(alt if runs else f"{name}: no runs.", heading, draw_panel, (5.4, 3.8))


def calibration(results: Results, name: str) -> Picture:
    """A model's accuracy against its confidence, in bins of equal width, all runs together."""
    runs = results.of(name)

    def draw_panel(panel, _):
        panel.plot([0, 100], [0, 100], color=GREY, linestyle=":")
        options = {"rotation": 45, "rotation_mode": "anchor", "transform_rotates_text": True}
        panel.text(36, 40, "as often right as sure", **options)
        if runs:
            labels = np.concatenate([run.labels("test") for run in runs])
            answers = np.concatenate([run.probabilities("test") for run in runs])
            bins = 100 * evaluation.reliability(labels, answers)
            bins = bins[bins["count"] >= 100 * FEWEST * len(runs)]
            panel.plot(bins["confidence"], bins["accuracy"], **style.look(results, name))
        panel.set(xlabel="confidence, %", ylabel="accuracy, %", xlim=(0, 100), ylim=(0, 100))

    sure, right = (percent(results.mean(name, column)) for column in ("confidence", "test"))
    alt = f"{title(name)} on the test images: mean confidence {sure} %, accuracy {right} %."
    return Picture(alt, {"": title(name)}, draw_panel, (4.4, 3.7))
