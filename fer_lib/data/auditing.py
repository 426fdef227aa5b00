"""What is wrong with the data: copies in and across splits, conflicting labels, blank images."""

from typing import Any

import numpy as np
import pandas as pd

from fer_lib.data.dataset import SPLITS, Dataset, image_digests

#: An image is blank if its grey values (0-255) differ by less than this: in copies of FER2013 that
#: went through JPEG, a picture of one grey value no longer has exactly one.
BLANK_RANGE = 8


def masks(dataset: Dataset) -> dict[str, np.ndarray]:
    """Which images are copies of others, pixel by pixel, or blank.

    Returns:
        Booleans, one an image of the split that the name begins with: ``test_copy_of_train``,
        ``test_copy_of_train_or_validation``, ``validation_copy_of_train`` and, for each split,
        ``<split>_blank`` (grey values within :data:`BLANK_RANGE`).
    """
    train, validation, test = _identities(dataset)
    blank = {
        f"{name}_blank": np.ptp(split.images.reshape(len(split), -1), axis=1) < BLANK_RANGE
        for name, split in dataset.splits.items()
    }
    return {
        "test_copy_of_train": np.isin(test, train),
        "test_copy_of_train_or_validation": np.isin(test, train) | np.isin(test, validation),
        "validation_copy_of_train": np.isin(validation, train),
        **blank,
    }


def audit(dataset: Dataset) -> dict[str, Any]:
    """Counts what a careful reader of results on this data must know.

    Copies are images whose 2,304 pixels are all equal, whatever their labels.

    Returns:
        Numbers that JSON can hold: ``images`` by split and ``images_in_all``; ``distinct_images``;
        ``rows_sharing_pixels`` (rows whose image stands in another row too) and
        ``groups_sharing_pixels`` (the distinct images among them); ``conflicting_groups`` (those
        whose rows have different labels) and ``conflicting_rows`` in them;
        ``test_copies_of_train``, ``test_copies_of_train_or_validation``,
        ``validation_copies_of_train``; ``blank_images`` and ``blank_by_split``.
    """
    rows = pd.DataFrame(
        {
            "image": np.concatenate(_identities(dataset)),
            "label": np.concatenate([split.labels for split in dataset.splits.values()]),
        }
    )
    groups = rows.groupby("image")["label"].agg(["size", "nunique"])
    shared = groups[groups["size"] > 1]
    conflicting = shared[shared["nunique"] > 1]
    found = masks(dataset)
    blank = {name: int(found[f"{name}_blank"].sum()) for name in SPLITS}
    return {
        "images": {name: len(split) for name, split in dataset.splits.items()},
        "images_in_all": len(rows),
        "distinct_images": len(groups),
        "rows_sharing_pixels": int(shared["size"].sum()),
        "groups_sharing_pixels": len(shared),
        "conflicting_groups": len(conflicting),
        "conflicting_rows": int(conflicting["size"].sum()),
        "test_copies_of_train": int(found["test_copy_of_train"].sum()),
        "test_copies_of_train_or_validation": int(found["test_copy_of_train_or_validation"].sum()),
        "validation_copies_of_train": int(found["validation_copy_of_train"].sum()),
        "blank_images": sum(blank.values()),
        "blank_by_split": blank,
    }


def _identities(dataset: Dataset) -> list[np.ndarray]:
    """A number for each image of each split; equal numbers mean equal pixels."""
    digests = [
        digest for split in dataset.splits.values() for digest in image_digests(split.images)
    ]
    numbers, _ = pd.factorize(np.array(digests, dtype=object))
    return np.split(numbers, np.cumsum([len(split) for split in dataset.splits.values()])[:-1])
