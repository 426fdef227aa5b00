"""The data set as arrays: splits, class names and the fingerprint of the content."""

import hashlib
from dataclasses import dataclass

import numpy as np

from fer_lib.errors import DataError

#: Display names of the classes, in the order of the labels 0 to 6.
EMOTIONS = ("Angry", "Disgusted", "Fear", "Happy", "Sad", "Surprised", "Neutral")
#: The splits, in the order of the challenge's Training, PublicTest and PrivateTest.
SPLITS = ("train", "validation", "test")
#: An image's height, width and channels.
IMAGE_SHAPE = (48, 48, 1)

#: The name of the real data set; nothing else may bear it.
FER2013 = "FER2013"
#: Its images by split and class, as the challenge's file has them.
OFFICIAL_COUNTS = {
    "train": [3995, 436, 4097, 7215, 4830, 3171, 4965],
    "validation": [467, 56, 496, 895, 653, 415, 607],
    "test": [491, 55, 528, 879, 594, 416, 626],
}


@dataclass(frozen=True, eq=False)
class Split:
    """The images of one split with their labels.

    Attributes:
        images: uint8, N x 48 x 48 x 1, grey values 0-255; may be read-only and memory-mapped.
        labels: integers, N, indices into :data:`EMOTIONS`.
    """

    images: np.ndarray
    labels: np.ndarray

    def __post_init__(self):
        if self.images.dtype != np.uint8 or self.images.shape[1:] != IMAGE_SHAPE:
            found = f"{self.images.dtype} {self.images.shape}"
            raise DataError(f"images are {found}; they must be uint8 of shape (N, 48, 48, 1)")
        if self.labels.shape != self.images.shape[:1] or self.labels.dtype.kind not in "iu":
            found = f"{self.labels.dtype} {self.labels.shape}"
            raise DataError(f"labels are {found}; they must be {len(self.images)} integers")
        if len(self.labels) and not 0 <= self.labels.min() <= self.labels.max() < len(EMOTIONS):
            raise DataError("a label lies outside 0-6; see fer_lib.data.EMOTIONS")

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
        source: what it was read from, in words, without the folder.
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


def class_weights(labels: np.ndarray) -> dict[int, float]:
    """Weights that let every class count the same in the loss ("balanced" in scikit-learn).

    Args:
        labels: integers, N, with at least one image of every class.

    Returns:
        For each label 0-6 the weight N / (7 x images of the class).

    Raises:
        DataError: a class has no image.
    """
    from sklearn.utils.class_weight import compute_class_weight

    missing = [name for label, name in enumerate(EMOTIONS) if label not in labels]
    if missing:
        raise DataError(f"no class weights: the labels lack {', '.join(missing)}")
    weights = compute_class_weight("balanced", classes=np.arange(len(EMOTIONS)), y=labels)
    return dict(enumerate(weights.tolist()))
