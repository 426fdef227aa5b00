"""A small data set of noise, and its writing in every form in which people have FER2013."""

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from fer_lib.data.dataset import SPLITS, USAGES, Dataset, Split, fingerprint

CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
PER_CLASS = (3, 1, 2)


def dataset(seed: int = 0) -> Dataset:
    """Noise: 3, 1 and 2 images of each class in train, validation and test."""
    random = np.random.default_rng(seed)
    splits = []
    for count in PER_CLASS:
        labels = random.permutation(np.repeat(np.arange(7, dtype=np.uint8), count))
        shape = (len(labels), 48, 48, 1)
        # Numbers of one, two and three digits alike.
        images = random.integers(0, 256, shape) >> random.integers(0, 7, shape)
        splits.append(Split(images.astype(np.uint8), labels))
    return Dataset(*splits, name="noise", source="tests", fingerprint=fingerprint(*splits))


def rows(data: Dataset) -> list[list[str]]:
    """The rows of the csv as emotion, pixels, Usage."""
    return [
        [str(label), " ".join(map(str, image.ravel().tolist())), usage]
        for usage, split in zip(USAGES, data.splits.values(), strict=True)
        for image, label in zip(split.images, split.labels, strict=True)
    ]


def to_csv(table: list[list[str]], header: str = "emotion,pixels,Usage") -> bytes:
    return "".join(",".join(row) + "\n" for row in [header.split(","), *table]).encode()


def to_icml(table: list[list[str]]) -> bytes:
    lines = ["emotion, Usage, pixels"] + [f"{label}, {usage}, {p}" for label, p, usage in table]
    return ("\r\n".join(lines) + "\r\n").encode()


def to_zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def to_tar(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def to_targz(files: dict[str, bytes]) -> bytes:
    return gzip.compress(to_tar(files), 1)


def picture(pixels: np.ndarray, mode: str = "L", kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(buffer, kind)
    return buffer.getvalue()


def images(data: Dataset, has_validation: bool, classes: tuple[str, ...] = CLASSES):
    """Image folders, with ``validation/`` or with the Usage in the file names."""
    files = {}
    for name, usage in zip(SPLITS, USAGES, strict=True):
        folder = name if has_validation or name == "train" else "test"
        split = data.splits[name]
        for number, (image, label) in enumerate(zip(split.images, split.labels, strict=True)):
            file = f"im{number}.png" if has_validation else f"{usage}_{number}.png"
            mode = "RGB" if has_validation else "L"
            files[f"{folder}/{classes[label]}/{file}"] = picture(image[..., 0], mode)
    return files


def write(path: Path, content: bytes | dict[str, bytes]) -> Path:
    """Writes a file, or a folder of files."""
    for name, part in content.items() if isinstance(content, dict) else [("", content)]:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(part)
    return path
