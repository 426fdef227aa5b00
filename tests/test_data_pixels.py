"""The fast way through pixels written as text agrees with the slow one, whatever the text."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fer_lib.data import pixels
from fer_lib.data.pixels import PIXELS, PixelError

NUMBERS = st.integers(0, 255).map(str)
#: What a fast parser may get wrong: limits, zeros in front, other bytes, other separators.
ODD = st.sampled_from(
    [
        *("256", "259", "260", "265", "299", "300", "512", "999"),
        *("007", "0255", "1000", "2560", "0000", "-1", "+1", "1.0", "1e2", "x", "\xff"),
        *("", " ", "\t", "1\t2", "1\r2", "1,2", "/", ":", "\0"),
    ]
)


def outcome(function, *arguments):
    """What a function returns, or the error that it raises, as something that can be compared."""
    try:
        return function(*arguments).ravel().tolist()
    except PixelError as error:
        return error.row, str(error)


def in_a_text(rows: list[bytes], between: bytes = b",7\n2,") -> tuple[bytearray, list]:
    """The rows among other things, and where they begin and end."""
    text, fields = bytearray(between), []
    for row in rows:
        fields.append((len(text), len(text) + len(row)))
        text += row + between
    return text, fields


def parsed(rows: list[bytes], between: bytes = b",7\n2,") -> np.ndarray:
    images = np.zeros((len(rows), 48, 48, 1), np.uint8)
    pixels.parse(*in_a_text(rows, between), out=images)
    return images


def slowly(rows: list[bytes]) -> np.ndarray:
    return np.stack([pixels._parse_row(number, row) for number, row in enumerate(rows)])


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    cycles=st.lists(st.lists(NUMBERS, min_size=1, max_size=20), min_size=1, max_size=3),
    changes=st.lists(st.tuples(st.integers(0, 2), st.integers(-3, PIXELS - 1), ODD), max_size=3),
    surplus=st.lists(st.integers(-1, 1), min_size=3, max_size=3) | st.just([0, 0, 0]),
)
def test_both_ways_agree(cycles, changes, surplus):
    table = [
        (cycle * PIXELS)[: PIXELS + more] for cycle, more in zip(cycles, surplus, strict=False)
    ]
    for row, position, word in changes:
        words = table[row % len(table)]
        words[position % len(words)] = word
    rows = [" ".join(words).encode("latin-1") for words in table]
    assert outcome(parsed, rows) == outcome(slowly, rows)


@pytest.mark.parametrize("between", [b"999", b"   ", b"\0\xff\n", b"9 9 9", b"1" * 500])
def test_what_stands_around_the_rows_does_not_matter(between):
    rows = [b" ".join([word] * PIXELS) for word in (b"7", b"255", b"0")]
    assert outcome(parsed, rows, between) == outcome(slowly, rows)
    images = np.zeros((3, PIXELS), np.uint8)
    assert pixels._parse_block(*in_a_text(rows, between), images)


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_every_number_of_up_to_four_digits(length):
    words = [f"{number:0{length}}" for number in range(10**length)]
    for start in range(0, len(words), PIXELS):
        row = " ".join((words[start:] + ["0"] * PIXELS)[:PIXELS]).encode()
        assert outcome(parsed, [row]) == outcome(slowly, [row])
    for word in words[200:300]:
        row = " ".join(["255"] * (PIXELS - 1) + [word]).encode()
        assert outcome(parsed, [row]) == outcome(slowly, [row])


@pytest.mark.parametrize("byte", sorted(set(range(256)) - set(b"0123456789 ")))
def test_every_other_byte_is_left_to_the_slow_way(byte):
    row = bytearray(b" ".join([b"12"] * PIXELS))
    for position in (0, 1, 2, 3000, len(row) - 1):
        changed = bytes(row[:position]) + bytes([byte]) + bytes(row[position + 1 :])
        assert not pixels._parse_block(*in_a_text([changed]), np.zeros((1, PIXELS), np.uint8))


def test_the_usual_text_goes_the_fast_way():
    numbers = np.random.default_rng(0).integers(0, 256, (5, PIXELS), np.uint8)
    rows = [" ".join(map(str, row)).encode() for row in numbers.tolist()]
    found = np.zeros_like(numbers)
    assert pixels._parse_block(*in_a_text(rows), found)
    np.testing.assert_array_equal(found, numbers)
