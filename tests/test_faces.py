"""The drawn demo faces."""

import pytest
from sklearn.linear_model import RidgeClassifier

from fer_lib import data, faces
from fer_lib.data.dataset import image_digests


@pytest.fixture(scope="module")
def drawn():
    return faces.dataset(train=700, validation=100, test=200)


def test_classes_have_fer2013s_imbalance_and_none_is_left_out(drawn):
    assert [len(split) for split in drawn.splits.values()] == [700, 100, 200]
    assert drawn.name == faces.NAME != data.FER2013
    counts = dict(zip(data.EMOTIONS, drawn.train.counts, strict=True))
    assert max(counts, key=counts.get) == "Happy"
    assert counts["Happy"] > 8 * counts["Disgusted"]
    for size in (7, 8, 350):
        found = faces.class_counts("test", size)
        assert sum(found) == size
        assert min(found) >= 1


def test_the_seed_decides_everything():
    first, again, other = (faces.dataset(seed, 20, 7, 7) for seed in (3, 3, 4))
    assert again.fingerprint == first.fingerprint != other.fingerprint


def test_some_held_out_images_are_copies_of_training_images(drawn):
    training = image_digests(drawn.train.images)
    assert len(set(training)) == len(training)
    assert [
        sum(d in training for d in image_digests(part.images))
        for part in (drawn.validation, drawn.test)
    ] == [1, 2]


def test_expressions_can_be_told_apart_but_not_perfectly(drawn):
    features = [
        split.images.reshape(-1, 16, 3, 16, 3).mean(axis=(2, 4)).reshape(-1, 256) / 255
        for split in (drawn.train, drawn.test)
    ]
    classifier = RidgeClassifier(alpha=10).fit(features[0], drawn.train.labels)
    assert 0.6 < classifier.score(features[1], drawn.test.labels) < 0.95
