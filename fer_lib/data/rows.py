"""What every reader returns, and the step from there to a checked data set."""

from dataclasses import dataclass

import numpy as np

from fer_lib.data.dataset import (
    EMOTIONS,
    FER2013,
    OFFICIAL_COUNTS,
    SPLITS,
    Dataset,
    Split,
    fingerprint,
)
from fer_lib.errors import DataError

#: What the challenge's file calls the splits, in the order of SPLITS.
USAGES = ("Training", "PublicTest", "PrivateTest")
#: The name of any other data in FER2013's layout.
UNOFFICIAL = "unofficial data in FER2013's layout"


@dataclass(frozen=True, eq=False)
class Rows:
    """Images split by split, each split in the order of the file.

    Attributes:
        images: uint8, N x 48 x 48 x 1.
        labels: uint8, N.
        splits: uint8, N, indices into SPLITS, ascending.
        kind: the layout they were in, in words.
    """

    images: np.ndarray
    labels: np.ndarray
    splits: np.ndarray
    kind: str


def by_split(images: np.ndarray, labels: np.ndarray, splits: np.ndarray, kind: str) -> Rows:
    """Rows from images in any order, without a copy if they are in order as in FER2013's csv."""
    if (splits[1:] < splits[:-1]).any():
        order = np.argsort(splits, kind="stable")
        images, labels, splits = images[order], labels[order], splits[order]
    return Rows(images, labels, splits, kind)


def to_dataset(rows: Rows, where: str, source: str) -> Dataset:
    """Cuts rows into their splits and checks that it is all there.

    Args:
        rows: what a reader found.
        where: the file or folder, for messages.
        source: see :class:`Dataset`.

    Raises:
        DataError: a split or a class is missing, or this is nearly but not quite FER2013.
    """
    bounds = np.searchsorted(rows.splits, np.arange(1, len(SPLITS)))
    images, labels = np.split(rows.images, bounds), np.split(rows.labels, bounds)
    splits = [Split(*pair) for pair in zip(images, labels, strict=True)]
    counts = dict(zip(SPLITS, (split.counts for split in splits), strict=True))
    _check_complete(counts, where)
    name = _name(counts, where)
    return Dataset(*splits, name=name, source=source, fingerprint=fingerprint(*splits))


def _check_complete(counts: dict[str, list[int]], where: str) -> None:
    for split, usage in zip(SPLITS, USAGES, strict=True):
        if not any(counts[split]):
            raise DataError(
                f"{where}: the {split} split ({usage}) has no images; use the complete FER2013"
            )
        for emotion, count in zip(EMOTIONS, counts[split], strict=True):
            if not count:
                raise DataError(
                    f"{where}: the {split} split has no image of class {emotion}; "
                    "use the complete FER2013"
                )


def _name(counts: dict[str, list[int]], where: str) -> str:
    """FER2013 if the class counts are exactly its own.

    Small sets in the same layout (demo faces, one's own pictures) load under another name. A set
    of more than half of FER2013's size with other counts is FER2013 damaged or split anew, whose
    results would pass for real ones.
    """
    if counts == OFFICIAL_COUNTS:
        return FER2013
    if sum(map(sum, counts.values())) * 2 > sum(map(sum, OFFICIAL_COUNTS.values())):
        for split in SPLITS:
            if counts[split] != OFFICIAL_COUNTS[split]:
                raise DataError(
                    f"{where}: class counts of the {split} split are {counts[split]}, FER2013's "
                    f"official split has {OFFICIAL_COUNTS[split]}; download the data set again"
                )
    return UNOFFICIAL
