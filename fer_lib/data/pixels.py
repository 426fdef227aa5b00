"""Pixels written as text: 2,304 numbers a row, many rows at once.

The whole block goes through NumPy as bytes, never as wider numbers, which is some fifteen times
faster than a conversion row by row. Whatever does not look right there is read again slowly, to
say what is wrong.
"""

import math

import numpy as np

from fer_lib.data.dataset import IMAGE_SHAPE

PIXELS = math.prod(IMAGE_SHAPE)
SPACE, ZERO = b" 0"


class PixelError(ValueError):
    """What is wrong with the pixels of one row; ``row`` counts from 0 within the block."""

    def __init__(self, row: int, problem: str):
        super().__init__(problem)
        self.row = row


def parse(rows: list[bytes], out: np.ndarray) -> None:
    """Reads the pixels of several rows.

    Args:
        rows: for each image 2,304 decimal numbers 0-255, separated by blanks.
        out: where they are written to, uint8, N x 48 x 48 x 1, contiguous.

    Raises:
        PixelError: a row has another number of pixels, something that is no number, or a value
            outside 0-255.
    """
    flat = out.reshape(len(rows), PIXELS)
    if not _parse_block(rows, flat):
        for number, row in enumerate(rows):
            flat[number] = _parse_row(number, row)


def _parse_block(rows: list[bytes], out: np.ndarray) -> bool:
    """All rows at once (into uint8, N x 2304); False and nothing written if any is unusual."""
    # Three blanks in front, so that what stands before any number can be looked up.
    text = np.frombuffer(b" ".join([b"  ", *rows, b""]), np.uint8)
    is_digit = text != SPACE
    digits = text - ZERO
    digits *= is_digit.view(np.uint8)
    if digits.max() > 9:
        return False
    last = np.flatnonzero(is_digit[:-1] > is_digit[1:])
    ends = np.cumsum([len(row) + 1 for row in rows]) + 2
    if (np.searchsorted(last, ends) != PIXELS * np.arange(1, len(rows) + 1)).any():
        return False
    values = _numbers(digits, is_digit)
    if values is None:
        return False
    # All are in bounds; mode "raise" would write to a copy first.
    values.take(last, out=out.reshape(-1), mode="clip")
    return True


def _numbers(digits: np.ndarray, is_digit: np.ndarray) -> np.ndarray | None:
    """At each digit the number as far as there (uint8): 2, 25, 255; None if one is over 255.

    Args:
        digits: uint8, the value of each byte of the text, 0 for separators; it begins with three.
        is_digit: which bytes are digits.
    """
    follows = is_digit[1:] & is_digit[:-1]
    if (follows[2:] & follows[:-2]).any():  # a fourth digit
        return None
    values = digits * 10
    # What stands before each digit: 25 for the last one of 255, nothing for the first.
    before = values[:-2] + digits[1:-1]
    before *= follows[1:]
    np.multiply(before, 10, out=values[2:])
    values += digits
    # With 25 before it a digit over 5 makes the sum wrap, to no more than 3.
    overflows = before.max() > 25 or (values[2:] < before).any()
    return None if overflows else values


def _parse_row(number: int, row: bytes) -> np.ndarray:
    """One row (uint8, 2304), each number looked at."""
    words = row.split()
    for position, word in enumerate(words, start=1):
        shown = word[:20].decode("ascii", "replace")
        if not word.removeprefix(b"-").isdigit():
            raise PixelError(number, f"pixel {position} is {shown!r}, which is no whole number")
        if len(word) > 20 or not 0 <= int(word) <= 255:
            raise PixelError(number, f"pixel {position} is {shown}, outside 0-255")
    if len(words) != PIXELS:
        raise PixelError(number, f"{len(words)} pixels instead of {PIXELS} (48 x 48)")
    return np.array([int(word) for word in words], np.uint8)
