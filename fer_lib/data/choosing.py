"""Which data a run uses when nobody, or somebody, says so."""

import os
from pathlib import Path

from fer_lib import paths
from fer_lib.data.archives import is_leftover, readable
from fer_lib.data.dataset import Dataset
from fer_lib.data.loading import load

#: Instead of a path: the drawn faces, even where a real data set is configured.
DEMO = "demo"


def choose(path: str | Path | None = None) -> Dataset:
    """The data set to use: the first that is there of

    1. ``path``; "demo" stands for the drawn demo faces,
    2. the path, or "demo", in the environment variable FER_DATA,
    3. ``data`` in the checkout's root, unless it is a folder without files,
    4. the drawn demo faces, whose results say nothing about real ones.

    Raises:
        DataError: what was chosen cannot be read; the next is not tried.
    """
    chosen, folder = path or os.environ.get("FER_DATA"), paths.ROOT / "data"
    with readable(folder):
        is_empty = folder.is_dir() and all(is_leftover(item.name) for item in folder.iterdir())
    # A link to nowhere, and what is no folder, is somebody's data gone wrong.
    if not chosen and os.path.lexists(folder) and not is_empty:
        chosen = folder
    if chosen and str(chosen) != DEMO:
        return load(chosen)
    from fer_lib import faces

    return faces.dataset()
