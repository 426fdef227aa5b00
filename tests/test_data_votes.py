"""FER+ votes: read whole and in the right order, or refused; agreement by hand-made votes."""

import numpy as np
import pytest
from data_samples import dataset, write

from fer_lib import data
from fer_lib.data import votes
from fer_lib.data.dataset import USAGES
from fer_lib.errors import DataError

NOISE = dataset()
CHOICE_OF_LABEL = {int(label): choice for choice, label in enumerate(votes.LABEL_OF_CHOICE)}


def rows() -> list[str]:
    """Votes that fit the noise: seven for the label, three for unknown."""
    found = ["Usage,Image name," + ",".join(votes.CHOICES) + "\n"]
    for usage, split in zip(USAGES, NOISE.splits.values(), strict=True):
        for label in split.labels:
            row = [0] * 10
            row[CHOICE_OF_LABEL[int(label)]], row[8] = 7, 3
            found.append(f"{usage},," + ",".join(map(str, row)) + "\n")
    return found


ROWS = rows()
TEXT = "".join(ROWS)


def test_votes_come_by_split(tmp_path):
    found = data.read_votes(write(tmp_path / "votes.csv", TEXT.encode()), NOISE)
    assert found["validation"].shape == (7, 10)
    assert found["test"].dtype == np.uint8
    chosen = votes.LABEL_OF_CHOICE[found["test"].argmax(axis=1)]
    np.testing.assert_array_equal(chosen, NOISE.test.labels)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (TEXT.replace("Training", "Test", 1), "the votes for 20 train images do not fit"),
        (TEXT.replace(",7,", ",x,", 1), "cannot be read (invalid literal for int()"),
        (TEXT.replace("contempt", "scorn"), "['contempt'] not in index"),
        (TEXT.replace("PrivateTest", "PublicTest", 1), "the votes for 8 validation images do not"),
        ("".join([ROWS[0], *ROWS[2:22], ROWS[1], *ROWS[22:]]), "the data's 21 in number or order"),
        ("", "cannot be read"),
        ('"', "cannot be read"),
        (None, "cannot be read"),
    ],
)
def test_bad_votes_are_named(text, problem, tmp_path):
    path = tmp_path / "fer2013new.csv"
    if text is not None:
        path.write_text(text)
    with pytest.raises(DataError) as caught:
        data.read_votes(path, NOISE)
    assert str(caught.value).startswith(str(path))
    assert problem in str(caught.value)


def test_agreement():
    cases = {
        (10, 0, 0, 0, 0, 0, 0, 0, 0, 0): "unanimous",
        (0, 0, 0, 0, 0, 0, 0, 9, 0, 0): "unanimous",
        (9, 0, 0, 0, 0, 0, 0, 0, 1, 0): "majority",
        (0, 6, 4, 0, 0, 0, 0, 0, 0, 0): "majority",
        (0, 5, 5, 0, 0, 0, 0, 0, 0, 0): "no majority",
        (2, 0, 0, 0, 0, 0, 0, 0, 8, 0): "no majority",
        (5, 0, 0, 0, 0, 0, 0, 0, 0, 5): "no majority",
        (4, 0, 0, 0, 0, 0, 0, 0, 0, 6): "not a face",
    }
    found = votes.agreement(np.array(list(cases), np.uint8))
    assert [votes.AGREEMENT[code] for code in found] == list(cases.values())
