"""The FER+ votes: what ten annotators saw in each image of FER2013.

Source: E. Barsoum, C. Zhang, C. Canton Ferrer, Z. Zhang, "Training deep networks for facial
expression recognition with crowd-sourced label distribution", ICMI 2016; file ``fer2013new.csv``
of their repository FERPlus (MIT licence), in the row order of ``fer2013.csv``.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from fer_lib.data.archives import damage_reported
from fer_lib.data.dataset import SPLITS, Dataset
from fer_lib.data.rows import USAGES
from fer_lib.errors import DataError

#: What an annotator could vote for, in the file's order: eight emotions, unknown, no face.
CHOICES = (
    *("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"),
    *("unknown", "NF"),
)
EMOTION_CHOICES = CHOICES[:8]
#: The label of FER2013 for the first seven choices.
LABEL_OF_CHOICE = np.array([6, 3, 5, 4, 0, 1, 2])
ANNOTATORS = 10
#: How far the annotators agreed, see :func:`agreement`.
AGREEMENT = ("unanimous", "majority", "no majority", "not a face")
#: The annotators' first choice is the label of about 70 % of FER2013's rows; in another row order
#: it would be that of about 20 %.
MIN_AGREEMENT_WITH_LABELS = 0.45


@dataclass(frozen=True, eq=False)
class Votes:
    """The votes of all rows, split by split, in the file's order.

    Attributes:
        train, validation, test: uint8, N x 10, the number of votes for each of CHOICES.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def read_votes(path: str | Path, dataset: Dataset) -> Votes:
    """Reads ``fer2013new.csv`` and checks that its rows are the data set's.

    Args:
        path: the file.
        dataset: FER2013 with its images in the order of the challenge's csv.

    Raises:
        DataError: names the file and the row and says what is wrong, or that the votes belong to
            other data or another order.
    """
    table = _read_table(str(path))
    counts = table[list(CHOICES)].to_numpy(np.uint8)
    usage = table["Usage"].to_numpy()
    by_split = [counts[usage == name] for name in USAGES]
    for name, votes, split in zip(SPLITS, by_split, dataset.splits.values(), strict=True):
        if len(votes) != len(split):
            raise DataError(
                f"{path}: has votes for {len(votes)} {name} images, the data set has {len(split)}; "
                "the votes belong to the complete FER2013"
            )
        if _share_of_equal_labels(votes, split.labels) < MIN_AGREEMENT_WITH_LABELS:
            raise DataError(
                f"{path}: the votes do not fit the labels of the {name} split, so the rows are in "
                "another order; load the data from fer2013.csv, which has the order of the votes"
            )
    return Votes(*by_split)


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
    total = votes.sum(axis=1, dtype=np.int64)
    top = votes[:, : len(EMOTION_CHOICES)].max(axis=1).astype(np.int64)
    faceless = votes[:, CHOICES.index("NF")].astype(np.int64)
    cases = [2 * faceless > total, (top == total) & (total > 0), 2 * top > total]
    codes = [AGREEMENT.index(name) for name in ("not a face", "unanimous", "majority")]
    return np.select(cases, codes, AGREEMENT.index("no majority")).astype(np.uint8)


def _read_table(path: str) -> pd.DataFrame:
    with damage_reported(path):
        if not Path(path).exists():
            raise DataError(f"{path}: does not exist; give the path of FER+'s fer2013new.csv")
        table = pd.read_csv(path, dtype=str, keep_default_na=False, compression="infer")
    missing = [name for name in ("Usage", *CHOICES) if name not in table]
    if missing:
        raise DataError(f"{path}: lacks the columns {', '.join(missing)}; use fer2013new.csv")
    _check(table, ~table["Usage"].isin(USAGES), "Usage", f"not one of {', '.join(USAGES)}", path)
    for name in CHOICES:
        is_count = table[name].str.fullmatch("[0-9]|10")
        _check(table, ~is_count, name, f"not a number of votes 0-{ANNOTATORS}", path)
    total = table[list(CHOICES)].astype(int).sum(axis=1)
    table = table.assign(total=total)
    _check(table, ~total.between(1, ANNOTATORS), "total", f"not 1 to {ANNOTATORS} votes", path)
    return table


def _check(table: pd.DataFrame, wrong: pd.Series, column: str, problem: str, path: str) -> None:
    """Raises DataError for the first wrong row."""
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        value = str(table[column].iloc[row])[:40]
        raise DataError(
            f"{path}, row {row + 1} (line {row + 2}): {column} is {value!r}, {problem}; "
            "download the file again"
        )


def _share_of_equal_labels(votes: np.ndarray, labels: np.ndarray) -> float:
    """The share of images whose most frequent emotion (of FER2013's seven) is their label."""
    choice = votes[:, : len(LABEL_OF_CHOICE)].argmax(axis=1)
    return float((LABEL_OF_CHOICE[choice] == labels).mean())
