"""The audit counts what was planted."""

import json

import numpy as np
import pytest
from data_samples import dataset

from fer_lib import data
from fer_lib.data import Dataset, Split, auditing


@pytest.fixture(scope="module")
def planted() -> Dataset:
    """Noise with copies: test 0 and validation 0 of train 0, test 1 of validation 1, two blanks."""
    splits = [Split(part.images.copy(), part.labels.copy()) for part in dataset().splits.values()]
    train, validation, test = splits
    test.images[0] = validation.images[0] = train.images[0]
    test.images[1] = validation.images[1]
    train.labels[0] = validation.labels[0] = 3
    test.labels[0] = 4
    validation.labels[1] = test.labels[1] = 5
    train.images[1], test.images[2] = 0, 200
    test.images[2, 0, 0] = 204
    return Dataset(*splits, name="planted", source="tests", fingerprint=data.fingerprint(*splits))


def test_what_was_planted_is_counted_in_numbers_that_json_holds(planted):
    audit = data.audit(planted)
    assert json.loads(json.dumps(audit)) == audit
    assert audit == {
        "images_in_all": 42,
        "distinct_images": 39,
        "rows_sharing_pixels": 5,
        "conflicting_groups": 1,
        "conflicting_rows": 3,
        "test_copies_of_train": 1,
        "test_copies_of_train_or_validation": 2,
        "validation_copies_of_train": 1,
        "blank_images": 2,
    }


def test_the_masks_point_at_the_copies(planted):
    masks = auditing.masks(planted)
    assert {name: np.flatnonzero(mask).tolist() for name, mask in masks.items()} == {
        "test_copy_of_train": [0],
        "test_copy_of_train_or_validation": [0, 1],
        "validation_copy_of_train": [0],
    }
