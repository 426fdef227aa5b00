"""The data-set record: all that the report knows of the data, without an image in it.

``<runs>/data/<fingerprint, first 12>/`` holds

- ``dataset.json``: name, source, fingerprint, counts and audit;
- ``images.npz``: arrays with a row an image, by split: labels, the masks of the audit and,
  once they were given, the FER+ votes.
"""

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fer_lib import files
from fer_lib.data.archives import readable
from fer_lib.data.auditing import audit, masks
from fer_lib.data.dataset import Dataset
from fer_lib.errors import DataError


@dataclass(frozen=True, eq=False)
class Record:
    """A data-set record as it was read.

    Attributes:
        info: the content of ``dataset.json``: ``name``, ``source``, ``fingerprint``; ``counts``
            (seven numbers a split); ``audit``, see :func:`fer_lib.data.audit`.
        arrays: ``<split>_labels`` (uint8, N); the booleans of :func:`fer_lib.data.auditing.masks`;
            with FER+ also ``test_votes`` (uint8, N x 10, columns in the order of
            :data:`fer_lib.data.votes.CHOICES`).
    """

    info: dict[str, Any]
    arrays: dict[str, np.ndarray]


def folder(root: str | Path, fingerprint: str) -> Path:
    """The folder of a data set's record."""
    return Path(root) / "data" / fingerprint[:12]


def write(dataset: Dataset, root: str | Path, votes: dict[str, np.ndarray] | None = None) -> Path:
    """Writes the record of a data set; a complete one that is there already stays untouched.

    Args:
        dataset: the data set.
        root: the folder of the runs.
        votes: its FER+ votes by :func:`fer_lib.data.read_votes`, kept from then on.

    Returns:
        The record's folder.

    Raises:
        DataError: the folder cannot be written.
    """
    target = folder(root, dataset.fingerprint)
    added = {"test_votes": votes["test"]} if votes else {}
    with contextlib.suppress(DataError):
        known = read(root, dataset.fingerprint).arrays
        if all(np.array_equal(known.get(name), array) for name, array in added.items()):
            return target
    about = {name: getattr(dataset, name) for name in ("name", "source", "fingerprint", "counts")}
    info = json.dumps({**about, "audit": audit(dataset)}, indent=2) + "\n"
    labels = {f"{name}_labels": np.uint8(split.labels) for name, split in dataset.splits.items()}
    arrays = {**labels, **masks(dataset), **added}
    with files.told(DataError, target, "free or unlock it", "cannot be written"):
        target.mkdir(parents=True, exist_ok=True)
        files.replace(target / "images.npz", lambda file: np.savez_compressed(file, **arrays))
        files.replace(target / "dataset.json", lambda file: file.write(info.encode()))
    return target


def read(root: str | Path, fingerprint: str) -> Record:
    """Reads the record of a data set.

    Args:
        root: the folder of the runs.
        fingerprint: the data set's, or its first 12 digits.

    Raises:
        DataError: there is none, or it is damaged.
    """
    where = folder(root, fingerprint)
    with readable(where, "restore it or delete it, training writes it again"):
        info = json.loads((where / "dataset.json").read_text(encoding="utf-8"))
        with np.load(where / "images.npz", allow_pickle=False) as archive:
            return Record(info, dict(archive))
