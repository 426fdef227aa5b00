"""Where things are: the only module that knows the layout of the checkout."""

import os
from pathlib import Path

#: The checkout's root folder.
ROOT = Path(__file__).resolve().parent.parent

#: Run folders; the report reads those beside its book.
RUNS = ROOT / "runs"


def cache() -> Path:
    """The folder of parsed data, by the XDG rule; safe to delete."""
    return expand(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "fer_lib"


def expand(text: str | Path) -> Path:
    """A path as a person wrote it, ``~`` replaced by the home folder.

    Parameters from YAML, quotes, Docker and systemd reach Python without a shell that does so.
    """
    return Path(text).expanduser()
