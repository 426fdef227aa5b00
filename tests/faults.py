"""Damaged files and hostile pickles for the tests of everything that reads a file."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fer_lib.errors import RunError

#: Examples of each fuzz test: the budget that the faults of one file get.
BUDGET = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


class Bomb:
    """Whoever unpickles this makes a file."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")


def damaged(content: bytes):
    """Copies of a file with some bytes replaced, cut off or put in."""
    position = st.integers(0, len(content) - 1)
    flips = st.lists(st.tuples(position, st.integers(0, 255)), min_size=1, max_size=8)

    def flip(changes):
        changed = bytearray(content)
        for where, value in changes:
            changed[where] = value
        return bytes(changed)

    cut = position.map(lambda end: content[:end])
    grown = st.tuples(position, st.binary(min_size=1, max_size=30)).map(
        lambda pair: content[: pair[0]] + pair[1] + content[pair[0] :]
    )
    return st.one_of(flips.map(flip), cut, grown)


def read_damaged(file, place, read, error=RunError):
    """Reads damaged copies of a file: each is read, or refused in one line that names a place.

    Args:
        file: the sound file; it is left damaged.
        place: the file or folder that a message must name.
        read: reads it, and may assert what has been read.
        error: how it refuses a copy.
    """
    refused = []

    @BUDGET
    @given(damaged(file.read_bytes()))
    def attempt(content):
        file.write_bytes(content)
        try:
            read()
        except error as refusal:
            assert str(place) in str(refusal)
            assert "\n" not in str(refusal)
            refused.append(content)

    attempt()
    assert refused
