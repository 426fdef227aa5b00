"""Image folders: ``train/angry/Training_3908.jpg`` and the like, in a folder or an archive.

Two layouts are known: ``train/`` and ``test/``, where the file names say ``Training_``,
``PublicTest_`` or ``PrivateTest_``; and ``train/``, ``validation/`` and ``test/``.
"""

import io
import re

import numpy as np

from fer_lib.data.archives import MAX_BYTES, Entry, readable, stand_in
from fer_lib.data.dataset import IMAGE_SHAPE, SPLITS, USAGES
from fer_lib.errors import DataError


def _numbered(*groups: str) -> dict[str, int]:
    return {name: number for number, names in enumerate(groups) for name in names.split()}


#: Folder names of the splits and classes in the wild, in lower case.
SPLIT_FOLDERS = _numbered(
    "train training", "validation val valid publictest", "test testing privatetest"
)
CLASS_FOLDERS = _numbered(
    *("angry anger 0", "disgust disgusted 1", "fear fearful 2", "happy happiness 3"),
    *("sad sadness 4", "surprise surprised 5", "neutral 6"),
)
PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".pgm")
VALIDATION, TEST = SPLITS.index("validation"), SPLITS.index("test")


def root_of(entries: list[Entry]) -> str | None:
    """The folder (with "/" at its end, or "") that holds ``train/``, or None without any images."""
    for entry in entries:
        *above, split, _, picture = ["", "", *entry.name.lower().split("/")]
        if split in SPLIT_FOLDERS and picture.endswith(PICTURES):
            return entry.name[: sum(len(part) + 1 for part in above[2:])]
    return None


def read(entries: list[Entry]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Reads image folders.

    Args:
        entries: all files, of which at least one is a picture in a folder of a split's folder.

    Returns:
        Images (uint8, N x 48 x 48 x 1), labels and splits (uint8, N), sorted by split, by the last
        number in the file's name (often the row in the csv), and by name.

    Raises:
        DataError: names the file and what is wrong with it.
    """
    root, members = root_of(entries), []
    for entry in entries:
        split, *below = entry.name.lower().removeprefix(root.lower()).split("/")
        is_inside = entry.name.startswith(root) and split in SPLIT_FOLDERS and below
        if is_inside and len(below) == 2 and below[0] in CLASS_FOLDERS:
            members.append((entry, SPLIT_FOLDERS[split], CLASS_FOLDERS[below[0]]))
        elif is_inside or entry.name.lower().endswith(PICTURES):  # a README beside them may be
            raise DataError(
                f"{entry.where}: lies in no class folder of {root}train, {root}validation or "
                f"{root}test; move or delete it, or rename a folder to one of "
                f"{', '.join(CLASS_FOLDERS)}"
            )
    has_validation = any(split == VALIDATION for _, split, _ in members)
    images, order = np.empty((len(members), *IMAGE_SHAPE), np.uint8), []
    for position, (entry, folder, label) in enumerate(members):
        images[position] = _pixels(entry)
        split = _split(entry, folder, has_validation)
        numbers = re.findall("[0-9]+", entry.name.rpartition("/")[2])
        order.append((split, int(numbers[-1]) if numbers else -1, entry.name, position, label))
    splits, _, _, positions, labels = zip(*sorted(order), strict=True)
    return images[list(positions)], np.array(labels, np.uint8), np.array(splits, np.uint8)


def _split(entry: Entry, folder: int, has_validation: bool) -> int:
    """The split by folder and file name, which must agree."""
    name = entry.name.rpartition("/")[2].lower()
    named = [n for n, usage in enumerate(USAGES) if name.startswith(f"{usage}_".lower())]
    allowed = ([VALIDATION], [TEST]) if folder == TEST and not has_validation else ([], [folder])
    if named not in allowed:
        raise DataError(
            f"{entry.where}: the name does not fit the folder, for this is not the official split "
            "(PublicTest_ and PrivateTest_ in test, or the folders validation and test); use the "
            "csv or another copy of FER2013"
        )
    return named[0] if named else folder


def _pixels(entry: Entry) -> np.ndarray:
    """The pixels of a grey picture (uint8, 48 x 48 x 1)."""
    from PIL import Image

    with readable(entry.where, "restore or delete it"):
        with entry.open() as stream:
            content = stream.read(MAX_BYTES)
        if problem := stand_in(content):
            raise DataError(f"{entry.where}: {problem}")
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "BMP", "PPM")) as picture:
            kind = f"{picture.width} x {picture.height} pixels, mode {picture.mode}"
            is_fer2013s = picture.size == (48, 48) and picture.mode in ("L", "RGB", "P", "1")
            colours = np.asarray(picture.convert("RGB")) if is_fer2013s else np.arange(3)
    if (colours != colours[..., :1]).any():
        problem = f"is {kind}, FER2013 has grey ones of 48 x 48"
        raise DataError(f"{entry.where}: {problem}; restore or delete it, or use the csv")
    return colours[..., :1]
