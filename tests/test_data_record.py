"""The data-set record: whole, small, without images, and the same when written again."""

import os

import numpy as np
import pytest
from data_samples import dataset

from fer_lib import data
from fer_lib.data import record
from fer_lib.errors import DataError

NOISE = dataset()
VOTES = {name: np.ones((len(split), 10), np.uint8) for name, split in NOISE.splits.items()}


def content(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_what_is_written_is_read(tmp_path):
    folder = record.write(NOISE, tmp_path)
    assert folder == tmp_path / "data" / NOISE.fingerprint[:12]
    assert sorted(content(folder)) == ["dataset.json", "images.npz"]
    found = record.read(tmp_path, NOISE.fingerprint)
    assert found.info["counts"] == NOISE.counts
    assert found.info["audit"] == data.audit(NOISE)
    np.testing.assert_array_equal(found.arrays["test_labels"], NOISE.test.labels)
    assert found.arrays["test_copy_of_train"].dtype == bool
    assert record.read(tmp_path, NOISE.fingerprint[:12]).info == found.info


def test_votes_can_be_added_and_stay_and_no_array_is_large_enough_for_images(tmp_path):
    folder = record.write(NOISE, tmp_path)
    record.write(NOISE, tmp_path, VOTES)
    with_votes = content(folder)
    arrays = record.read(tmp_path, NOISE.fingerprint).arrays
    np.testing.assert_array_equal(arrays["test_votes"], VOTES["test"])
    assert all(array.size <= 10 * len(array) for array in arrays.values())
    record.write(NOISE, tmp_path)
    record.write(NOISE, tmp_path, VOTES)
    assert content(folder) == with_votes


@pytest.mark.parametrize("name", ["dataset.json", "images.npz"])
def test_a_damaged_record_is_refused_and_written_again_to_the_byte(name, tmp_path):
    folder = record.write(NOISE, tmp_path)
    whole = content(folder)
    os.truncate(folder / name, 100)
    with pytest.raises(DataError, match=r"cannot be read .*; restore it or delete it, training"):
        record.read(tmp_path, NOISE.fingerprint)
    record.write(NOISE, tmp_path)
    assert content(folder) == whole
