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
#: Bytes before a digit that are looked at.
MARGIN = 3


class PixelError(ValueError):
    """What is wrong with the pixels of one row; ``row`` counts from 0 within the block."""

    def __init__(self, row: int, problem: str):
        super().__init__(problem)
        self.row = row


def parse(text: bytearray, fields: list[tuple[int, int]], out: np.ndarray) -> None:
    """Reads the pixels of several rows.

    Args:
        text: what the rows stand in, between bytes of any kind: ``MARGIN`` at least in front of the
            first, one at least behind each.
        fields: for each image the bounds of 2,304 decimal numbers 0-255, separated by blanks.
        out: where they are written to, uint8, N x 48 x 48 x 1, contiguous.

    Raises:
        PixelError: a row has another number of pixels, something that is no number, or a value
            outside 0-255.
    """
    flat = out.reshape(len(fields), PIXELS)
    if fields and not _parse_block(text, fields, flat):
        for number, (start, end) in enumerate(fields):
            flat[number] = _parse_row(number, bytes(text[start:end]))


def _parse_block(text: bytearray, fields: list[tuple[int, int]], out: np.ndarray) -> bool:
    """All rows at once (into uint8, N x 2304); False and nothing written if any is unusual."""
    text = np.frombuffer(text, np.uint8, fields[-1][1] + 1)
    is_digit = text != SPACE
    _clear_between(is_digit, fields)
    digits = text - ZERO
    digits *= is_digit.view(np.uint8)
    if digits.max() > 9:
        return False
    values = _numbers(digits, is_digit)
    if values is None:
        return False
    last = np.flatnonzero(is_digit[:-1] > is_digit[1:])
    ends = [end for _, end in fields]
    if (np.searchsorted(last, ends) != PIXELS * np.arange(1, len(fields) + 1)).any():
        return False
    # All are in bounds; mode "raise" would write to a copy first.
    values.take(last, out=out.reshape(-1), mode="clip")
    return True


def _clear_between(is_digit: np.ndarray, fields: list[tuple[int, int]]) -> None:
    """Takes what stands between the fields for separators."""
    behind = 0
    for start, end in fields:
        is_digit[behind:start] = False
        behind = end
    is_digit[behind:] = False


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
    before *= follows[1:].view(np.uint8)
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
