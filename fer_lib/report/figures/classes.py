"""How often each emotion occurs in the data."""

import matplotlib as mpl
import numpy as np

from fer_lib.data import EMOTIONS, SPLITS
from fer_lib.report.figures.panels import COLOURS, STYLE, panel, row, svg


@mpl.rc_context(STYLE)
def class_shares(counts: dict[str, list[int]]):
    """The share of each emotion in each split, as bars."""
    figure, axes = panel("share of each split's images, %", height=3.0)
    places = np.arange(len(EMOTIONS))
    for number, split in enumerate(SPLITS):
        values = 100 * np.array(counts[split]) / sum(counts[split])
        axes.barh(places + 0.27 * (number - 1), values, 0.25, color=COLOURS[number], label=split)
    axes.set_yticks(places, EMOTIONS)
    axes.invert_yaxis()
    axes.legend(fontsize=8)
    largest, smallest = np.argmax(counts["train"]), np.argmin(counts["train"])
    alt = (
        f"Shares of the emotions in the three splits: {EMOTIONS[largest]} is the most frequent, "
        f"{EMOTIONS[smallest]} the rarest."
    )
    return row([svg(figure, "class-shares", alt)])
