"""The audit counts what was planted, and on FER2013 itself what is known of it."""

import json

import numpy as np
import pytest
from data_samples import dataset

from fer_lib import data, paths
from fer_lib.data import Dataset, Split, auditing

REAL = paths.ROOT.parent / "shared" / "data" / "fer2013.csv.gz"


def planted() -> Dataset:
    """Noise with copies: test 0 and validation 0 of train 0, test 1 of validation 1, two blanks."""
    noise = dataset()
    images = {name: split.images.copy() for name, split in noise.splits.items()}
    labels = {name: split.labels.copy() for name, split in noise.splits.items()}
    images["test"][0] = images["validation"][0] = images["train"][0]
    images["test"][1] = images["validation"][1]
    labels["train"][0], labels["validation"][0], labels["test"][0] = 3, 3, 4
    labels["validation"][1] = labels["test"][1] = 5
    images["train"][1], images["test"][2] = 0, 200
    images["test"][2, 0, 0] = 204
    splits = [Split(images[name], labels[name]) for name in data.SPLITS]
    return Dataset(*splits, name="planted", source="tests", fingerprint=data.fingerprint(*splits))


def test_what_was_planted_is_counted():
    assert data.audit(planted()) == {
        "images": {"train": 21, "validation": 7, "test": 14},
        "images_in_all": 42,
        "distinct_images": 39,
        "rows_sharing_pixels": 5,
        "groups_sharing_pixels": 2,
        "conflicting_groups": 1,
        "conflicting_rows": 3,
        "test_copies_of_train": 1,
        "test_copies_of_train_or_validation": 2,
        "validation_copies_of_train": 1,
        "blank_images": 2,
        "blank_by_split": {"train": 1, "validation": 0, "test": 1},
    }


def test_the_masks_point_at_the_copies():
    masks = auditing.masks(planted())
    assert {name: np.flatnonzero(mask).tolist() for name, mask in masks.items()} == {
        "test_copy_of_train": [0],
        "test_copy_of_train_or_validation": [0, 1],
        "validation_copy_of_train": [0],
        "train_blank": [1],
        "validation_blank": [],
        "test_blank": [2],
    }


def test_the_audit_can_be_written_as_json():
    audit = data.audit(dataset())
    assert json.loads(json.dumps(audit)) == audit
    assert audit["rows_sharing_pixels"] == audit["conflicting_groups"] == 0


def test_class_weights_are_balanced():
    labels = np.repeat(np.arange(7), [1, 2, 2, 2, 2, 2, 3])
    assert data.class_weights(labels)[0] == pytest.approx(2)
    assert data.class_weights(labels)[6] == pytest.approx(14 / 21)
    with pytest.raises(data.dataset.DataError, match="lack Disgusted"):
        data.class_weights(labels[labels != 1])


@pytest.mark.skipif(not REAL.exists(), reason="needs FER2013 itself")
def test_fer2013_itself():
    """The facts that come with the file (its README)."""
    audit = data.audit(data.load(REAL))
    assert audit["images_in_all"] == 35_887
    assert audit["distinct_images"] == 34_035
    assert audit["rows_sharing_pixels"] == 3_366
    assert audit["test_copies_of_train"] == 288
    assert audit["validation_copies_of_train"] == 280
    assert audit["conflicting_groups"] == 56
    assert audit["blank_images"] == 14
