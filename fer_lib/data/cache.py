"""Parsed data sets on disk, found again by the content of what they were read from.

``<cache>/data/`` holds

- ``stamps/<key>.json``: the digest of a source that was read before, by its path, size and times,
  so that an unchanged source need not be read again to recognise it;
- ``<digest>-v<FORMAT>/``: ``images.npy`` and ``labels.npy`` (train, validation, test, one after
  the other) and ``meta.json`` with their checksums.

It is all safe to delete. An entry appears in one rename and is verified whenever it is read.
"""

import hashlib
import json
import logging
import os
import shutil
import tempfile
import zlib
from pathlib import Path

import numpy as np

from fer_lib import paths
from fer_lib.data.dataset import SPLITS, Dataset, Split

FORMAT = 1
LOG = logging.getLogger(__name__)


def root() -> Path:
    """The folder of all entries."""
    return paths.CACHE / "data"


def folder(digest: str) -> Path:
    """The entry of a source with this digest."""
    return root() / f"{digest[:32]}-v{FORMAT}"


def recall(stamp: str) -> str | None:
    """The digest of a source by its stamp, or None if it was not read before."""
    try:
        known = json.loads(_stamp_file(stamp).read_text(encoding="utf-8"))
        return known["digest"] if known["stamp"] == stamp else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(stamp: str, digest: str) -> None:
    """Keeps the digest of a source under its stamp."""
    file = _stamp_file(stamp)
    file.parent.mkdir(parents=True, exist_ok=True)
    _write_text(file, json.dumps({"stamp": stamp, "digest": digest}))


def read(digest: str, source: str) -> Dataset | None:
    """The data set of an entry, images memory-mapped; None if there is none or it is damaged."""
    entry = folder(digest)
    if not entry.is_dir():
        return None
    try:
        meta = json.loads((entry / "meta.json").read_text(encoding="utf-8"))
        arrays = {}
        for name, checksum in meta["checksums"].items():
            mapped = np.load(entry / f"{name}.npy", mmap_mode="r", allow_pickle=False)
            arrays[name] = mapped.view(np.ndarray)
            if zlib.crc32(arrays[name]) != checksum:
                raise ValueError(f"{name}.npy has another checksum")
        bounds = np.cumsum([meta["sizes"][split] for split in SPLITS])[:-1]
        images, labels = (np.split(arrays[name], bounds) for name in ("images", "labels"))
        splits = [Split(*pair) for pair in zip(images, labels, strict=True)]
        return Dataset(*splits, meta["name"], source, meta["fingerprint"])
    except Exception as error:  # whatever a damaged file leads to, the source is still there
        LOG.warning("%s: cache is damaged (%s); reading the source again", entry, error)
        return None


def write(digest: str, dataset: Dataset) -> None:
    """Writes an entry in one rename, in the place of a damaged one.

    Raises:
        OSError: the disk is full or the cache is read-only.
    """
    entry = folder(digest)
    root().mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{entry.name}-", dir=root()))
    try:
        splits = dataset.splits.values()
        arrays = {
            "images": np.concatenate([split.images for split in splits]),
            "labels": np.concatenate([split.labels for split in splits]).astype(np.uint8),
        }
        for name, array in arrays.items():
            np.save(staging / f"{name}.npy", array, allow_pickle=False)
        meta = {
            "name": dataset.name,
            "fingerprint": dataset.fingerprint,
            "sizes": {name: len(split) for name, split in dataset.splits.items()},
            "checksums": {name: zlib.crc32(array) for name, array in arrays.items()},
        }
        _write_text(staging / "meta.json", json.dumps(meta, indent=2))
        if entry.exists():
            entry.rename(staging / "damaged")
            (staging / "damaged").rename(staging.with_suffix(".damaged"))
        staging.rename(entry)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        shutil.rmtree(staging.with_suffix(".damaged"), ignore_errors=True)


def _stamp_file(stamp: str) -> Path:
    return root() / "stamps" / f"{hashlib.sha256(stamp.encode()).hexdigest()[:32]}.json"


def _write_text(file: Path, text: str) -> None:
    handle, staging = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    Path(staging).replace(file)
