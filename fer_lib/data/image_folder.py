"""Image folders: ``train/angry/Training_3908.jpg`` and the like, in a folder or an archive.

Two layouts are known: ``train/`` and ``test/``, where the file names say ``Training_``,
``PublicTest_`` or ``PrivateTest_``; and ``train/``, ``validation/`` and ``test/``.
"""

import io
import re
from collections.abc import Iterable
from pathlib import PurePosixPath

import numpy as np

from fer_lib.data.archives import Entry, damage_reported, printable
from fer_lib.data.dataset import IMAGE_SHAPE, SPLITS
from fer_lib.data.rows import USAGES, Rows
from fer_lib.errors import DataError

#: Folder names of the splits and classes in the wild, in lower case.
SPLIT_FOLDERS = {
    name: code
    for code, names in enumerate(
        (
            ("train", "training"),
            ("validation", "val", "valid", "publictest"),
            ("test", "testing", "privatetest"),
        )
    )
    for name in names
}
CLASS_FOLDERS = {
    name: label
    for label, names in enumerate(
        (
            ("angry", "anger"),
            ("disgust", "disgusted"),
            ("fear", "fearful"),
            ("happy", "happiness"),
            ("sad", "sadness"),
            ("surprise", "surprised"),
            ("neutral",),
        )
    )
    for name in (*names, str(label))
}
PREFIXES = {f"{usage.lower()}_": code for code, usage in enumerate(USAGES)}
PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".pgm")
VALIDATION, TEST = SPLITS.index("validation"), SPLITS.index("test")
#: A picture of 48 x 48 pixels has a few kilobytes.
MAX_PICTURE_BYTES = 1 << 20
USE_ANOTHER = "restore or delete it, or use the csv or another copy of FER2013"


def root_of(names: Iterable[str]) -> str | None:
    """The folder (with "/" at its end, or "") that holds ``train/``, or None without any images."""
    for name in names:
        parts = name.split("/")
        if (
            len(parts) >= 3
            and parts[-3].lower() in SPLIT_FOLDERS
            and parts[-2].lower() in CLASS_FOLDERS
        ):
            return "".join(f"{part}/" for part in parts[:-3])
    return None


def read(entries: list[Entry]) -> Rows:
    """Reads image folders.

    Args:
        entries: all files, of which at least one lies in a split's class folder.

    Returns:
        The images, sorted by split, by the number in their names, and by name.

    Raises:
        DataError: names the file and what is wrong with it.
    """
    root = root_of(entry.name for entry in entries)
    members = _members(entries, root)
    folders = {entry.name[len(root) :].split("/")[0].lower() for entry in members}
    has_validation = VALIDATION in {SPLIT_FOLDERS[folder] for folder in folders}
    images = np.empty((len(members), *IMAGE_SHAPE), np.uint8)
    labels, splits, keys = [], [], []
    for number, entry in enumerate(members):
        split, label = _classify(entry, root, has_validation)
        images[number] = decode(entry)
        labels.append(label)
        splits.append(split)
        keys.append((split, _number(entry.name), entry.name))
    order = sorted(range(len(members)), key=keys.__getitem__)
    labels, splits = (np.array(values, np.uint8)[order] for values in (labels, splits))
    return Rows(images[order], labels, splits, "image folders")


def _members(entries: list[Entry], root: str) -> list[Entry]:
    """The files in the split folders; a README may lie beside them, a picture may not."""
    members = []
    for entry in entries:
        folder, slash, _ = entry.name.removeprefix(root).partition("/")
        if entry.name.startswith(root) and slash and folder.lower() in SPLIT_FOLDERS:
            members.append(entry)
        elif entry.name.lower().endswith(PICTURES):
            raise DataError(
                f"{entry.where}: lies outside the folders {root}train, {root}validation and "
                f"{root}test; move or delete it"
            )
    return members


def _classify(entry: Entry, root: str, has_validation: bool) -> tuple[int, int]:
    """Split and label by the folders and the file's name, which must agree."""
    parts = entry.name[len(root) :].split("/")
    if len(parts) != 3 or parts[1].lower() not in CLASS_FOLDERS:
        known = ", ".join(CLASS_FOLDERS)
        raise DataError(
            f"{entry.where}: lies in no class folder of {parts[0]}; move it to one or delete it; "
            f"known are {known}"
        )
    folder = SPLIT_FOLDERS[parts[0].lower()]
    name = parts[2].lower()
    prefixed = [code for prefix, code in PREFIXES.items() if name.startswith(prefix)]
    if folder == TEST and not has_validation:
        if not prefixed:
            raise DataError(
                f"{entry.where}: without a validation folder the names must begin with PublicTest_ "
                "(validation) or PrivateTest_ (test); use the csv or another copy of FER2013"
            )
        folder = VALIDATION if prefixed == [VALIDATION] else TEST
    if prefixed not in ([], [folder]):
        raise DataError(
            f"{entry.where}: the name says {USAGES[prefixed[0]]}, the folder {USAGES[folder]}; "
            "this is not the official split, use the csv or another copy of FER2013"
        )
    return folder, CLASS_FOLDERS[parts[1].lower()]


def _number(name: str) -> int:
    """The last number in a file's name, -1 without one: often the row in the csv."""
    numbers = re.findall(r"[0-9]+", PurePosixPath(name).stem)
    return int(numbers[-1][:18]) if numbers else -1


def decode(entry: Entry) -> np.ndarray:
    """The pixels of a picture (uint8, 48 x 48 x 1).

    Raises:
        DataError: it is no picture, damaged, in colour, or not 48 x 48.
    """
    with damage_reported(entry.where), entry.open() as stream:
        data = stream.read(MAX_PICTURE_BYTES + 1)
    if not data or len(data) > MAX_PICTURE_BYTES:
        problem = f"is over {MAX_PICTURE_BYTES >> 20} MiB" if data else "is empty"
        raise DataError(f"{entry.where}: {problem}, not a picture of 48 x 48; restore or delete it")
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "BMP", "PPM")) as picture:
            size, mode = picture.size, picture.mode
            pixels = np.asarray(picture.convert("RGB")) if size == IMAGE_SHAPE[1::-1] else None
    except Exception as error:  # decoders raise anything on damaged files
        reason = printable(str(error).partition(" <")[0])
        raise DataError(
            f"{entry.where}: is not a readable picture ({reason}); restore or delete it"
        ) from None
    if pixels is None:
        raise DataError(
            f"{entry.where}: is {size[0]} x {size[1]} pixels, FER2013 has 48 x 48; {USE_ANOTHER}"
        )
    grey = pixels[..., :1]
    if mode not in ("L", "RGB", "P", "1") or (pixels != grey).any():
        raise DataError(
            f"{entry.where}: is no 8-bit grey picture (mode {mode}), FER2013 has those; "
            f"{USE_ANOTHER}"
        )
    return grey
