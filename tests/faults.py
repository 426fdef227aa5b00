"""Damaged files and hostile pickles for the tests of everything that reads a file."""

import numpy as np

from fer_lib.errors import RunError


class Bomb:
    """Whoever unpickles this makes a file."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")


def read_damaged(file, place, read, error=RunError, attempts=60):
    """Reads damaged copies of a file: each is read, or refused in one line that names a place.

    Args:
        file: the sound file; it is left damaged.
        place: the file or folder that a message must name.
        read: reads it, and may assert what has been read.
        error: how it refuses a copy.
        attempts: how many copies.
    """
    content, random, refused = file.read_bytes(), np.random.default_rng(0), 0
    for attempt in range(attempts):
        damaged = np.frombuffer(content, np.uint8).copy()
        if attempt % 3:  # some bytes are others, else the end is missing
            places = random.integers(0, len(content), 1 + attempt % 8)
            damaged[places] = random.integers(0, 256, len(places))
        else:
            damaged = damaged[: random.integers(0, len(content))]
        file.write_bytes(damaged.tobytes())
        try:
            read()
        except error as refusal:
            assert str(place) in str(refusal)
            assert "\n" not in str(refusal)
            refused += 1
    assert refused
