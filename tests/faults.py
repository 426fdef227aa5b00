"""Damaged files and hostile pickles for the tests of everything that reads a file."""


def full(*_, **__):
    """What any write raises on a full disk."""
    raise OSError(28, "No space left on device")


class Bomb:
    """Whoever unpickles this makes a file."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")
