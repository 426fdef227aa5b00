"""The FER+ votes: what ten annotators saw in each image of FER2013.

Source: E. Barsoum, C. Zhang, C. Canton Ferrer, Z. Zhang, "Training deep networks for facial
expression recognition with crowd-sourced label distribution", ICMI 2016; file ``fer2013new.csv``
of their repository FERPlus (MIT licence), in the row order of ``fer2013.csv``.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from fer_lib import paths
from fer_lib.data.archives import readable
from fer_lib.data.dataset import SPLITS, USAGES, Dataset
from fer_lib.errors import DataError

#: What an annotator could vote for, in the file's order: eight emotions, unknown, no face.
CHOICES = (
    *("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"),
    *("unknown", "NF"),
)
#: The label of FER2013 for the first seven choices.
LABEL_OF_CHOICE = np.array([6, 3, 5, 4, 0, 1, 2])
#: How far the annotators agreed, see :func:`agreement`.
AGREEMENT = ("unanimous", "majority", "no majority", "not a face")
#: The annotators' first choice is the label of about 70 % of FER2013's rows; in another row order
#: it would be that of about 20 %.
MIN_AGREEMENT_WITH_LABELS = 0.45


def read_votes(path: str | Path, dataset: Dataset) -> dict[str, np.ndarray]:
    """Reads ``fer2013new.csv`` and checks that its rows are the data set's.

    Args:
        path: the file.
        dataset: FER2013 with its images in the order of the challenge's csv.

    Returns:
        By split the number of votes for each of CHOICES (uint8, N x 10), in the file's order.

    Raises:
        DataError: names the file and the row and says what is wrong, or that the votes belong to
            other data or another order.
    """
    with readable(path):
        table = pd.read_csv(paths.expand(path), dtype=dict.fromkeys(CHOICES, np.uint8))
        usage, counts = table["Usage"], table[list(CHOICES)]
    votes = {}
    for name, asked in zip(SPLITS, USAGES, strict=True):
        votes[name], labels = counts[usage == asked].to_numpy(), dataset.splits[name].labels
        found = favourites(votes[name])
        if len(found) != len(labels) or (found == labels).mean() < MIN_AGREEMENT_WITH_LABELS:
            raise DataError(
                f"{path}: the votes for {len(found)} {name} images do not fit the data's "
                f"{len(labels)} in number or order; load the data from the complete fer2013.csv"
            )
    return votes


def favourites(votes: np.ndarray) -> np.ndarray:
    """The label of FER2013 (N) that most annotators chose, from their votes (integers, N x 10)."""
    return LABEL_OF_CHOICE[votes[:, : len(LABEL_OF_CHOICE)].argmax(axis=1)]


def agreement(votes: np.ndarray) -> np.ndarray:
    """How far the annotators agreed on each image.

    With n the number of votes that an image has (ten; one row of the file has nine):

    - "not a face": more than n/2 chose NF;
    - "unanimous": all n chose the same one of the eight emotions;
    - "majority": more than n/2, but not all, chose the same emotion;
    - "no majority": the rest, among it images that most found "unknown".

    More than half is the rule of the "majority" mode in the code that Barsoum et al. 2016
    published; its discarding of single votes, which would turn majorities into unanimity, is
    left out.

    Args:
        votes: integers, N x 10.

    Returns:
        uint8, N, indices into AGREEMENT.
    """
    votes = votes.astype(int)
    total, faceless = votes.sum(axis=1), votes[:, CHOICES.index("NF")]
    top = votes[:, : CHOICES.index("unknown")].max(axis=1)
    cases = [2 * faceless > total, top == total, 2 * top > total]
    codes = [AGREEMENT.index(name) for name in ("not a face", "unanimous", "majority")]
    return np.select(cases, codes, AGREEMENT.index("no majority")).astype(np.uint8)
