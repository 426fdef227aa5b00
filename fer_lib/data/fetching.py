"""FER2013 from Kaggle, for those who have no copy."""

from pathlib import Path

from fer_lib import paths
from fer_lib.data import contents
from fer_lib.errors import DataError

#: A public copy of the challenge's fer2013.csv, which needs no account.
KAGGLE_DATASET = "deadskull7/fer2013"


def fetch() -> Path:
    """Downloads FER2013 from Kaggle, once; later calls find it in kagglehub's own cache.

    Needs the package ``kagglehub`` (``pip install -e '.[kaggle]'``).

    Returns:
        The file to :func:`fer_lib.data.load`.

    Raises:
        DataError: kagglehub is missing, there is no network, or Kaggle refuses; it says what to
            download by hand and where to put it.
    """
    by_hand = (
        f"download fer2013.csv by hand from https://www.kaggle.com/datasets/{KAGGLE_DATASET} "
        f"and put it into {paths.ROOT / 'data'}"
    )
    try:
        import kagglehub
    except ImportError:
        raise DataError(
            f'kagglehub is not installed: pip install "kagglehub>=0.3", or {by_hand}'
        ) from None
    try:
        folder = kagglehub.dataset_download(KAGGLE_DATASET)
    except Exception as error:  # kagglehub and requests raise many kinds, all with one remedy
        reason = next((line for line in str(error).splitlines() if line.strip()), "")
        raise DataError(
            f"FER2013 cannot be fetched from Kaggle ({type(error).__name__}: {reason[:160]}); "
            f"{by_hand}"
        ) from None
    return contents.locate(Path(folder))
