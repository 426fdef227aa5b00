"""The drawn demo faces."""

import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier

from fer_lib import data, faces, paths
from fer_lib.data.dataset import image_digests
from fer_lib.errors import ParameterError


@pytest.fixture(scope="module")
def drawn():
    return faces.dataset(seed=3, train=120, validation=20, test=20)


def test_splits_have_the_sizes_asked_for(drawn):
    assert [len(split) for split in drawn.splits.values()] == [120, 20, 20]
    assert drawn.name == faces.NAME != data.FER2013
    assert drawn.train.labels.dtype == np.uint8


def test_classes_have_fer2013s_imbalance(drawn):
    counts = dict(zip(data.EMOTIONS, drawn.train.counts, strict=True))
    assert max(counts, key=counts.get) == "Happy"
    assert min(counts, key=counts.get) == "Disgusted"
    assert counts["Happy"] > 8 * counts["Disgusted"]


@pytest.mark.parametrize("split", data.SPLITS)
@pytest.mark.parametrize("size", [7, 8, 350, 2800])
def test_class_counts_add_up_and_leave_no_class_out(split, size):
    counts = faces.class_counts(split, size)
    assert sum(counts) == size
    assert min(counts) >= 1


def test_the_seed_decides_everything(drawn):
    again = faces.dataset(seed=3, train=120, validation=20, test=20)
    assert again.fingerprint == drawn.fingerprint
    assert np.array_equal(again.train.images, drawn.train.images)
    other = faces.dataset(seed=4, train=120, validation=20, test=20)
    assert other.fingerprint != drawn.fingerprint


def test_some_held_out_images_are_copies_of_training_images(drawn):
    training = image_digests(drawn.train.images)
    assert len(set(training)) == len(training)
    for split in (drawn.validation, drawn.test):
        copied = [digest in training for digest in image_digests(split.images)]
        assert sum(copied) == 1
        source = training.index(image_digests(split.images)[copied.index(True)])
        assert drawn.train.labels[source] == split.labels[copied.index(True)]


def test_a_split_too_small_is_refused():
    with pytest.raises(ParameterError, match=r"validation=6: .* at least 7"):
        faces.dataset(train=10, validation=6, test=10)


def test_written_csv_loads_as_the_same_data(drawn, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "CACHE", tmp_path / "cache")
    faces.write_csv(drawn, tmp_path / "faces.csv")
    assert (tmp_path / "faces.csv").read_text().startswith("emotion,pixels,Usage\n")
    loaded = data.load(tmp_path / "faces.csv")
    assert loaded.fingerprint == drawn.fingerprint
    assert np.array_equal(loaded.test.images, drawn.test.images)


def test_expressions_can_be_told_apart_but_not_perfectly():
    drawn = faces.dataset(train=700, validation=7, test=200)
    features = [
        split.images.reshape(-1, 16, 3, 16, 3).mean(axis=(2, 4)).reshape(-1, 256) / 255
        for split in (drawn.train, drawn.test)
    ]
    classifier = RidgeClassifier(alpha=10).fit(features[0], drawn.train.labels)
    assert 0.6 < classifier.score(features[1], drawn.test.labels) < 0.95
