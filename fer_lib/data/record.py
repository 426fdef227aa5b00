"""The data-set record: all that the report knows of the data, without an image in it.

``<runs>/data/<fingerprint, first 12>/`` holds

- ``dataset.json``: name, source, fingerprint, counts, class weights, audit, histograms;
- ``images.npz``: one value an image, by split: labels, the masks of the audit and,
  once they were given, the FER+ votes.
"""

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fer_lib import files
from fer_lib.data.auditing import audit, masks
from fer_lib.data.dataset import EMOTIONS, SPLITS, Dataset, class_weights
from fer_lib.data.votes import CHOICES, Votes
from fer_lib.errors import DataError, RunError

LOG = logging.getLogger(__name__)
FORMAT = 1
REMEDY = "restore the file or delete the record, training writes it again"
#: The splits whose votes are kept: those on which models are judged.
VOTED = ("validation", "test")
#: Bounds of the histogram bins of an image's mean grey value (0-255).
GREY_BINS = list(range(0, 257, 8))
#: What ``dataset.json`` must hold, and the type of each value.
REQUIRED_KEYS = {
    "format": int,
    "name": str,
    "source": str,
    "fingerprint": str,
    "counts": dict,
    "class_weights": list,
    "audit": dict,
    "mean_grey": dict,
}
#: What its ``audit`` must hold, each a whole number: what the report tells of the data.
AUDIT_KEYS = (
    "images_in_all",
    "distinct_images",
    "rows_sharing_pixels",
    "test_copies_of_train",
    "test_copies_of_train_or_validation",
    "validation_copies_of_train",
    "conflicting_groups",
    "conflicting_rows",
    "blank_images",
)


@dataclass(frozen=True, eq=False)
class Record:
    """A data-set record as it was read.

    Attributes:
        folder: where it lies.
        info: the content of ``dataset.json``: ``name``, ``source``, ``fingerprint``; ``counts``
            (seven numbers a split); ``class_weights`` (seven, in label order, of the training
            split); ``audit``; ``mean_grey`` with ``bins`` (33 bounds) and for each split seven
            histograms (32 counts) of the images' mean grey values.
        arrays: ``<split>_labels`` (uint8, N); the booleans of :func:`fer_lib.data.auditing.masks`;
            with FER+ also ``validation_votes`` and ``test_votes`` (uint8, N x 10, columns in the
            order of :data:`fer_lib.data.votes.CHOICES`).
    """

    folder: Path
    info: dict[str, Any]
    arrays: dict[str, np.ndarray]

    @property
    def has_votes(self) -> bool:
        return all(f"{split}_votes" in self.arrays for split in VOTED)


def folder(runs_dir: str | Path, fingerprint: str) -> Path:
    """The folder of a data set's record."""
    return Path(runs_dir) / "data" / fingerprint[:12]


def write(dataset: Dataset, runs_dir: str | Path, votes: Votes | None = None) -> Path:
    """Writes the record of a data set; a complete one that is there already stays untouched.

    Args:
        dataset: the data set.
        runs_dir: the folder of the runs.
        votes: its FER+ votes, kept from then on.

    Returns:
        The record's folder.

    Raises:
        DataError: the folder cannot be written.
    """
    target = folder(runs_dir, dataset.fingerprint)
    kept = _votes_arrays(votes)
    try:
        known = read(runs_dir, dataset.fingerprint)
        if all(np.array_equal(known.arrays.get(name), array) for name, array in kept.items()):
            return target
    except DataError as error:
        if target.exists():
            LOG.warning("%s; it is written anew", error)
            kept = kept or _known_votes(target, dataset)
    info, arrays = describe(dataset)
    try:
        target.mkdir(parents=True, exist_ok=True)
        files.replace(
            target / "images.npz", lambda stream: np.savez_compressed(stream, **arrays, **kept)
        )
        text = json.dumps(info, indent=2, allow_nan=False) + "\n"
        files.replace(target / "dataset.json", lambda stream: stream.write(text.encode()))
    except OSError as error:
        raise DataError(f"{target}: cannot be written ({error}); free or unlock it") from None
    return target


def read(runs_dir: str | Path, fingerprint: str) -> Record:
    """Reads the record of a data set.

    Args:
        runs_dir: the folder of the runs.
        fingerprint: the data set's, or its first 12 digits.

    Raises:
        DataError: there is none, or it is damaged.
    """
    where = folder(runs_dir, fingerprint)
    if not where.exists():
        raise DataError(f"{where}: no record of this data set; training writes it")
    file = where / "dataset.json"
    try:
        info = files.parse_json(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{file}: cannot be read ({files.one_line(error)}); {REMEDY}") from None
    arrays = _read_arrays(where)
    _check(info, arrays, where, fingerprint)
    return Record(where, info, arrays)


def _read_arrays(where: Path) -> dict[str, np.ndarray]:
    try:
        return files.read_arrays(where / "images.npz", REMEDY)
    except RunError as error:
        raise DataError(str(error)) from None


def describe(dataset: Dataset) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What a record says about a data set: ``info`` and ``arrays`` of :class:`Record`, no votes."""
    weights = class_weights(dataset.train.labels)
    info = {
        "format": FORMAT,
        "name": dataset.name,
        "source": dataset.source,
        "fingerprint": dataset.fingerprint,
        "counts": dataset.counts,
        "class_weights": [weights[label] for label in range(len(EMOTIONS))],
        "audit": audit(dataset),
        "mean_grey": {"bins": GREY_BINS, **_mean_grey(dataset)},
    }
    labels = {
        f"{name}_labels": split.labels.astype(np.uint8) for name, split in dataset.splits.items()
    }
    return info, {**labels, **masks(dataset)}


def _mean_grey(dataset: Dataset) -> dict[str, list[list[int]]]:
    """For each split and class, how many images have which mean grey value."""
    histograms = {}
    for name, split in dataset.splits.items():
        means = split.images.reshape(len(split), -1).mean(axis=1)
        histograms[name] = [
            np.histogram(means[split.labels == label], GREY_BINS)[0].tolist()
            for label in range(len(EMOTIONS))
        ]
    return histograms


def _votes_arrays(votes: Votes | None) -> dict[str, np.ndarray]:
    return {} if votes is None else {f"{split}_votes": getattr(votes, split) for split in VOTED}


def _known_votes(where: Path, dataset: Dataset) -> dict[str, np.ndarray]:
    """The votes that a damaged record still holds; empty if they are lost too."""
    try:
        arrays = _read_arrays(where)
    except DataError:
        return {}
    shapes = {f"{split}_votes": (len(getattr(dataset, split)), len(CHOICES)) for split in VOTED}
    fits = all(name in arrays and arrays[name].shape == shape for name, shape in shapes.items())
    return {name: arrays[name] for name in shapes} if fits else {}


def _check(info: Any, arrays: dict[str, np.ndarray], where: Path, fingerprint: str) -> None:
    """Raises DataError unless the record is whole and of this data set."""
    if not isinstance(info, dict) or any(
        type(info.get(key)) is not expected for key, expected in REQUIRED_KEYS.items()
    ):
        raise DataError(f"{where}: lacks one of {', '.join(REQUIRED_KEYS)}; {REMEDY}")
    if info["format"] != FORMAT:
        raise DataError(f"{where}: format {info['format']!r}, this version reads {FORMAT}")
    if not info["fingerprint"].startswith(fingerprint):
        raise DataError(f"{where}: is the record of {info['fingerprint']}, not {fingerprint}")
    if any(type(info["audit"].get(key)) is not int for key in AUDIT_KEYS):
        raise DataError(f"{where}: audit lacks one of {', '.join(AUDIT_KEYS)}; {REMEDY}")
    for split in SPLITS:
        labels = arrays.get(f"{split}_labels", np.empty(0, np.uint8))
        if labels.ndim != 1 or labels.dtype != np.uint8 or not (labels < len(EMOTIONS)).all():
            raise DataError(f"{where}: {split}_labels are not labels from 0 to 6; {REMEDY}")
        if np.bincount(labels, minlength=len(EMOTIONS)).tolist() != info["counts"].get(split):
            raise DataError(f"{where}: images.npz does not fit dataset.json; {REMEDY}")
        for name, array in arrays.items():
            width = (len(CHOICES),) if name.endswith("_votes") else ()
            if name.startswith(split) and array.shape != (len(labels), *width):
                raise DataError(f"{where}: {name} has shape {array.shape}; {REMEDY}")
