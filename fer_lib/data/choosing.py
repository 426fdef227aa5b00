"""Which data a run uses when nobody, or somebody, says so, and where to get it."""

import os
from pathlib import Path

from fer_lib import files, paths
from fer_lib.data.archives import is_leftover, readable
from fer_lib.data.dataset import Dataset
from fer_lib.data.loading import load
from fer_lib.errors import DataError

#: Instead of a path: the drawn faces, even where a real data set is configured.
DEMO = "demo"
#: A public copy of the challenge's fer2013.csv, which needs no account.
KAGGLE_DATASET = "deadskull7/fer2013"


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


def fetch() -> Path:
    """Downloads FER2013 from Kaggle, once; later calls find it in kagglehub's own cache.

    Needs the package ``kagglehub`` (``pip install -e '.[kaggle]'``).

    Returns:
        The folder to :func:`fer_lib.data.load`.

    Raises:
        DataError: kagglehub is missing, there is no network, or Kaggle refuses; it says what to
            download by hand and where to put it.
    """
    try:
        import kagglehub

        return Path(kagglehub.dataset_download(KAGGLE_DATASET))
    except Exception as error:  # kagglehub and requests raise many kinds, all with these remedies
        reason = f"{type(error).__name__}: {files.one_line(error)[:160]}"
        raise DataError(
            f'FER2013 cannot be fetched from Kaggle ({reason}); pip install "kagglehub>=0.3", or '
            f"download fer2013.csv by hand from https://www.kaggle.com/datasets/{KAGGLE_DATASET} "
            f"and put it into {paths.ROOT / 'data'}"
        ) from None
