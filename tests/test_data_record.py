"""The data-set record: whole, small, without images, and the same when written again."""

import json
import os

import numpy as np
import pytest
from data_samples import dataset
from faults import read_damaged

from fer_lib import data
from fer_lib.data import record
from fer_lib.data.votes import Votes
from fer_lib.errors import DataError
from fer_lib.report import tables

NOISE = dataset()
VOTES = Votes(*(np.ones((len(split), 10), np.uint8) for split in NOISE.splits.values()))


def content(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_what_is_written_is_read(tmp_path):
    folder = record.write(NOISE, tmp_path)
    assert folder == tmp_path / "data" / NOISE.fingerprint[:12]
    assert sorted(content(folder)) == ["dataset.json", "images.npz"]
    found = record.read(tmp_path, NOISE.fingerprint)
    assert found.info["counts"] == NOISE.counts
    assert found.info["audit"] == data.audit(NOISE)
    assert found.info["class_weights"] == pytest.approx([1.0] * 7)
    assert np.sum(found.info["mean_grey"]["test"]) == len(NOISE.test)
    np.testing.assert_array_equal(found.arrays["test_labels"], NOISE.test.labels)
    assert found.arrays["test_copy_of_train"].dtype == bool
    assert not found.has_votes
    assert record.read(tmp_path, NOISE.fingerprint[:12]).info == found.info


def test_no_array_is_large_enough_for_images(tmp_path):
    record.write(NOISE, tmp_path, VOTES)
    arrays = record.read(tmp_path, NOISE.fingerprint).arrays
    assert all(array.size <= 10 * len(array) for array in arrays.values())


def test_votes_can_be_added_and_stay(tmp_path):
    folder = record.write(NOISE, tmp_path)
    record.write(NOISE, tmp_path, VOTES)
    with_votes = content(folder)
    found = record.read(tmp_path, NOISE.fingerprint)
    assert found.has_votes
    np.testing.assert_array_equal(found.arrays["test_votes"], VOTES.test)
    record.write(NOISE, tmp_path)
    record.write(NOISE, tmp_path, VOTES)
    assert content(folder) == with_votes


def test_writing_is_repeatable_to_the_byte(tmp_path):
    first = content(record.write(NOISE, tmp_path / "a", VOTES))
    assert content(record.write(NOISE, tmp_path / "b", VOTES)) == first


@pytest.mark.parametrize("name", ["dataset.json", "images.npz"])
def test_damaged_bytes_give_our_error_only(name, tmp_path):
    folder = record.write(NOISE, tmp_path, VOTES)
    read_damaged(folder / name, folder, lambda: record.read(tmp_path, NOISE.fingerprint), DataError)
    record.write(NOISE, tmp_path)
    record.read(tmp_path, NOISE.fingerprint)


@pytest.mark.parametrize("key", record.REQUIRED_KEYS)
def test_values_of_another_type_are_refused(key, tmp_path):
    file = record.write(NOISE, tmp_path) / "dataset.json"
    info = json.loads(file.read_text())
    for value in (None, True, [[]], {}):
        if type(value) is not record.REQUIRED_KEYS[key]:
            file.write_text(json.dumps({**info, key: value}))
            with pytest.raises(DataError, match=f"lacks one of .*{key}"):
                record.read(tmp_path, NOISE.fingerprint)


@pytest.mark.parametrize("value", [None, True, "3", 1.5])
def test_an_audit_without_what_the_report_tells_is_refused(value, tmp_path):
    file = record.write(NOISE, tmp_path) / "dataset.json"
    info = json.loads(file.read_text())
    for audit in ({}, info["audit"] | {"blank_images": value}):
        file.write_text(json.dumps({**info, "audit": audit}))
        with pytest.raises(DataError, match=r"audit lacks one of .*blank_images; restore"):
            record.read(tmp_path, NOISE.fingerprint)


def test_the_report_tells_no_more_of_an_audit_than_a_record_must_hold():
    assert set(tables.AUDIT) <= set(record.AUDIT_KEYS) <= set(data.audit(NOISE))


def test_votes_outlive_a_damaged_description(tmp_path):
    folder = record.write(NOISE, tmp_path, VOTES)
    whole = content(folder)
    (folder / "dataset.json").write_text("{")
    record.write(NOISE, tmp_path)
    assert content(folder) == whole


@pytest.mark.parametrize("name", ["dataset.json", "images.npz"])
def test_a_damaged_record_is_noticed_and_written_again(name, tmp_path):
    folder = record.write(NOISE, tmp_path)
    whole = content(folder)
    os.truncate(folder / name, 100)
    with pytest.raises(DataError, match=f"{name}: cannot be read .*; restore the file or delete"):
        record.read(tmp_path, NOISE.fingerprint)
    record.write(NOISE, tmp_path)
    assert content(folder) == whole


def test_a_record_that_does_not_fit_is_refused(tmp_path):
    folder = record.write(NOISE, tmp_path)
    info = json.loads((folder / "dataset.json").read_text())
    info["counts"]["test"][0] += 1
    (folder / "dataset.json").write_text(json.dumps(info))
    with pytest.raises(DataError, match="does not fit"):
        record.read(tmp_path, NOISE.fingerprint)
    with pytest.raises(DataError, match="no record"):
        record.read(tmp_path, "0" * 64)


def test_a_full_disk_leaves_the_record_as_it_was(tmp_path, monkeypatch):
    folder = record.write(NOISE, tmp_path)
    before = content(folder)

    def disk_full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", disk_full)
    with pytest.raises(DataError, match="cannot be written"):
        record.write(NOISE, tmp_path, VOTES)
    assert content(folder) == before
