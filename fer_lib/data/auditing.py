"""What is wrong with the data: copies in and across splits, conflicting labels, blank images."""

from typing import Any

import numpy as np
import pandas as pd

from fer_lib.data.dataset import SPLITS, Dataset, image_digests

#: An image is blank if its grey values (0-255) differ by less than this: in copies of FER2013 that
#: went through JPEG, a picture of one grey value no longer has exactly one.
BLANK_RANGE = 8


def masks(dataset: Dataset) -> dict[str, np.ndarray]:
    """Which images are copies of others, pixel by pixel.

    Returns:
        Booleans, one an image of the split that the name begins with: ``test_copy_of_train``,
        ``test_copy_of_train_or_validation`` and ``validation_copy_of_train``.
    """
    train, validation, test = (
        np.array(image_digests(dataset.splits[name].images)) for name in SPLITS
    )
    return {
        "test_copy_of_train": np.isin(test, train),
        "test_copy_of_train_or_validation": np.isin(test, [*train, *validation]),
        "validation_copy_of_train": np.isin(validation, train),
    }


def audit(dataset: Dataset) -> dict[str, Any]:
    """Counts what a careful reader of results on this data must know.

    Copies are images whose 2,304 pixels are all equal, whatever their labels.

    Returns:
        Numbers that JSON can hold: ``images_in_all``; ``distinct_images``; ``rows_sharing_pixels``
        (rows whose image stands in another row too); ``conflicting_groups`` (of identical images
        with different labels) and ``conflicting_rows`` in them; ``test_copies_of_train``,
        ``test_copies_of_train_or_validation``, ``validation_copies_of_train``; ``blank_images``.
    """
    splits, copies = dataset.splits.values(), masks(dataset)
    blank = [(np.ptp(split.images, axis=(1, 2, 3)) < BLANK_RANGE).sum() for split in splits]
    images = [digest for split in splits for digest in image_digests(split.images)]
    labels = pd.Series(np.concatenate([split.labels for split in splits]))
    groups = labels.groupby(pd.factorize(np.array(images))[0]).agg(["size", "nunique"])
    shared = groups[groups["size"] > 1]
    conflicting = shared[shared["nunique"] > 1]
    return {
        "images_in_all": len(labels),
        "distinct_images": len(groups),
        "rows_sharing_pixels": int(shared["size"].sum()),
        "conflicting_groups": len(conflicting),
        "conflicting_rows": int(conflicting["size"].sum()),
        **{name.replace("copy", "copies"): int(mask.sum()) for name, mask in copies.items()},
        "blank_images": int(sum(blank)),
    }
