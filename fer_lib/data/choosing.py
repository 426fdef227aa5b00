"""Which data a run uses when nobody, or somebody, says so."""

import os
from pathlib import Path

from fer_lib import paths
from fer_lib.data.dataset import Dataset
from fer_lib.data.loading import load
from fer_lib.errors import DataError

#: The environment variable that names the data set.
VARIABLE = "FER_DATA"
#: Instead of a path: the drawn faces, even where a real data set is configured.
DEMO = "demo"


def choose(path: str | Path | None = None) -> Dataset:
    """The data set to use: the first that is there of

    1. ``path``; "demo" stands for the drawn demo faces,
    2. the path, or "demo", in the environment variable FER_DATA,
    3. the folder ``data`` in the checkout's root, if there are files in it,
    4. the drawn demo faces, whose results say nothing about real ones.

    Raises:
        DataError: what was chosen cannot be read; the next is not tried.
    """
    chosen = path or os.environ.get(VARIABLE)
    if chosen and str(chosen) != DEMO:
        try:
            return load(chosen)
        except DataError as error:
            raise error if path else DataError(f"{VARIABLE}: {error}") from None
    folder = paths.ROOT / "data"
    if (
        not chosen
        and folder.is_dir()
        and any(not item.name.startswith(".") for item in folder.iterdir())
    ):
        return load(folder)
    from fer_lib import faces

    return faces.dataset()
