"""The data set as arrays: splits, class names and the fingerprint of the content."""

import hashlib
from dataclasses import dataclass

import numpy as np

from fer_lib.errors import DataError

#: Display names of the classes, in the order of the labels 0 to 6.
EMOTIONS = ("Angry", "Disgusted", "Fear", "Happy", "Sad", "Surprised", "Neutral")
#: The splits, and what the challenge's file calls them.
SPLITS = ("train", "validation", "test")
USAGES = ("Training", "PublicTest", "PrivateTest")
#: An image's height, width and channels.
IMAGE_SHAPE = (48, 48, 1)

#: The name of the real data set; nothing else may bear it.
FER2013 = "FER2013"
#: The name of any other data in its layout: one's own pictures, drawn faces.
UNOFFICIAL = "unofficial data in FER2013's layout"
#: FER2013's images by split and class, as the challenge's file has them.
OFFICIAL_COUNTS = {
    "train": [3995, 436, 4097, 7215, 4830, 3171, 4965],
    "validation": [467, 56, 496, 895, 653, 415, 607],
    "test": [491, 55, 528, 879, 594, 416, 626],
}


@dataclass(frozen=True, eq=False)
class Split:
    """The images of one split with their labels.

    Attributes:
        images: uint8, N x 48 x 48 x 1, grey values 0-255; may be read-only.
        labels: integers, N, indices into :data:`EMOTIONS`.
    """

    images: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def counts(self) -> list[int]:
        """The number of images of each class."""
        return np.bincount(self.labels, minlength=len(EMOTIONS)).tolist()


@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set in its three official splits.

    Attributes:
        train, validation, test: the challenge's Training, PublicTest and PrivateTest.
        name: :data:`FER2013` for the real one alone, else what it is.
        source: what it was read from: the name of the file or folder.
        fingerprint: 64 hex digits, see :func:`fingerprint`.
    """

    train: Split
    validation: Split
    test: Split
    name: str
    source: str
    fingerprint: str

    @property
    def splits(self) -> dict[str, Split]:
        """The splits by their names in :data:`SPLITS`."""
        return {name: getattr(self, name) for name in SPLITS}

    @property
    def counts(self) -> dict[str, list[int]]:
        """The number of images of each class, by split."""
        return {name: split.counts for name, split in self.splits.items()}


def image_digests(images: np.ndarray) -> list[bytes]:
    """SHA-256 (32 bytes) of the pixels of each image (uint8, N x 48 x 48 x 1)."""
    return [hashlib.sha256(image).digest() for image in np.ascontiguousarray(images)]


def fingerprint(train: Split, validation: Split, test: Split) -> str:
    """The identity of a data set's content, whatever file held it and in whatever order.

    Every image becomes 34 bytes: the split's number (train 0, validation 1, test 2), the label,
    and the SHA-256 of its 2,304 pixels. The fingerprint is the SHA-256 of these, sorted.

    Returns:
        64 hex digits.
    """
    records = [
        bytes([number, label]) + digest
        for number, split in enumerate((train, validation, test))
        for label, digest in zip(split.labels.tolist(), image_digests(split.images), strict=True)
    ]
    return hashlib.sha256(b"".join(sorted(records))).hexdigest()


def assemble(
    images: np.ndarray, labels: np.ndarray, splits: np.ndarray, where: str, source: str
) -> Dataset:
    """Cuts images into their splits and checks that all of FER2013 is there, or a small set.

    A set of more than half of FER2013's size with other class counts is FER2013 damaged or split
    anew, whose results would pass for real ones; it is refused.

    Args:
        images: uint8, N x 48 x 48 x 1, in any order; each split keeps it.
        labels, splits: uint8, N, indices into EMOTIONS and SPLITS.
        where: the file or folder, for messages.
        source: see :class:`Dataset`.

    Raises:
        DataError: a class is missing in a split, or this is nearly but not quite FER2013.
    """
    parts = [Split(images[splits == n], labels[splits == n]) for n in range(len(SPLITS))]
    is_large = 2 * len(labels) > sum(map(sum, OFFICIAL_COUNTS.values()))
    for (name, official), part in zip(OFFICIAL_COUNTS.items(), parts, strict=True):
        if 0 in part.counts or (is_large and part.counts != official):
            lacking = [emotion for emotion, n in zip(EMOTIONS, part.counts, strict=True) if not n]
            problem = f"no image of {', '.join(lacking)}" if lacking else f"{part.counts} images"
            raise DataError(
                f"{where}: the {name} split has {problem} where the official one has {official}; "
                "download the complete FER2013 again"
            )
    is_official = [part.counts for part in parts] == list(OFFICIAL_COUNTS.values())
    return Dataset(*parts, FER2013 if is_official else UNOFFICIAL, source, fingerprint(*parts))
