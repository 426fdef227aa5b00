"""FER+ votes: read whole and in the right order, or refused; agreement by hand-made votes."""

from pathlib import Path

import numpy as np
import pytest
from data_samples import dataset, write

from fer_lib import data
from fer_lib.data import votes
from fer_lib.data.dataset import USAGES
from fer_lib.errors import DataError

NOISE = dataset()
CHOICE_OF_LABEL = {int(label): choice for choice, label in enumerate(votes.LABEL_OF_CHOICE)}


def lines() -> list[str]:
    """Votes that fit the noise: seven for the label, three for unknown."""
    found = ["Usage,Image name," + ",".join(votes.CHOICES)]
    for usage, split in zip(USAGES, NOISE.splits.values(), strict=True):
        for label in split.labels:
            row = [0] * 10
            row[CHOICE_OF_LABEL[int(label)]], row[8] = 7, 3
            found.append(f"{usage},," + ",".join(map(str, row)))
    return found


def to_file(folder: Path, text: list[str]) -> Path:
    return write(folder / "fer2013new.csv", "\n".join(text).encode() + b"\n")


def test_votes_come_by_split(tmp_path):
    found = data.read_votes(to_file(tmp_path, lines()), NOISE)
    assert found["validation"].shape == (7, 10)
    assert found["test"].dtype == np.uint8
    chosen = votes.LABEL_OF_CHOICE[found["test"].argmax(axis=1)]
    np.testing.assert_array_equal(chosen, NOISE.test.labels)


@pytest.mark.parametrize(
    ("row", "old", "new", "problem"),
    [
        (3, "Training", "Test", "row 3 (line 4): has no known Usage or not 1 to 10 votes"),
        (3, ",7,", ",x,", "row 3 (line 4): "),
        (3, ",7,", ",11,", "row 3 (line 4): "),
        (3, ",7,", ",8,", "row 3 (line 4): "),
        (3, ",7,", ",1.5,", "row 3 (line 4): "),
        (3, ",7,", ",,", "row 3 (line 4): "),
        (0, "contempt", "scorn", "['contempt'] not in index"),
        (42, "PrivateTest", "PublicTest", "the votes for 8 validation images do not fit"),
    ],
)
def test_bad_votes_are_named(row, old, new, problem, tmp_path):
    text = lines()
    assert old in text[row]
    text[row] = text[row].replace(old, new)
    with pytest.raises(DataError) as caught:
        data.read_votes(to_file(tmp_path, text), NOISE)
    assert problem in str(caught.value)
    assert "fer2013new.csv" in str(caught.value)


def test_votes_in_another_order_are_refused(tmp_path):
    text = lines()
    with pytest.raises(DataError, match="do not fit the data's 21 in number or order"):
        data.read_votes(to_file(tmp_path, [text[0], *text[2:22], text[1], *text[22:]]), NOISE)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b'"', None])
def test_what_is_no_table_is_refused(content, tmp_path):
    if content is not None:
        write(tmp_path / "fer2013new.csv", content)
    with pytest.raises(DataError, match=r"fer2013new\.csv: cannot be read"):
        data.read_votes(tmp_path / "fer2013new.csv", NOISE)


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
