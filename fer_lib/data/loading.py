"""From a path to a data set: through the cache where it was read before."""

import gzip
import hashlib
import logging
from pathlib import Path

from filelock import FileLock

from fer_lib.data import cache, csv_file
from fer_lib.data.dataset import Dataset
from fer_lib.data.rows import Rows, to_dataset
from fer_lib.errors import DataError

LOG = logging.getLogger(__name__)


def load(path: str | Path) -> Dataset:
    """Loads FER2013 in its official split."""
    path = Path(path)
    if not path.exists():
        raise DataError(f"{path}: does not exist; give the path of fer2013.csv")
    digest = _digest(path)
    source = path.name
    dataset = cache.read(digest, source)
    if dataset is not None:
        return dataset
    try:
        cache.root().mkdir(parents=True, exist_ok=True)
        with FileLock(cache.root() / ".lock"):
            dataset = cache.read(digest, source)
            if dataset is None:
                cache.write(digest, to_dataset(_read(path), str(path), source))
                dataset = cache.read(digest, source)
            return dataset
    except OSError as error:
        LOG.warning("%s: cannot be written (%s); the data is parsed each time", cache.root(), error)
        return to_dataset(_read(path), str(path), source)


def _digest(path: Path) -> str:
    stat = path.stat()
    stamp = f"{path.resolve()} {stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns}"
    digest = cache.recall(stamp)
    if digest is None:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        try:
            cache.remember(stamp, digest)
        except OSError as error:
            LOG.warning("%s: cannot be written (%s)", cache.root(), error)
    return digest


def _read(path: Path) -> Rows:
    if path.suffix == ".gz":
        with gzip.open(path) as stream:
            return csv_file.read(stream, str(path))
    with path.open("rb") as stream:
        return csv_file.read(stream, str(path))
