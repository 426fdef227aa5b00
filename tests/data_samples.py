"""A small data set of noise, and its writing in every form in which people have FER2013."""

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from fer_lib.data.dataset import SPLITS, Dataset, Split, fingerprint

USAGES = ("Training", "PublicTest", "PrivateTest")
CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
PER_CLASS = (3, 1, 2)


def dataset(seed: int = 0) -> Dataset:
    """Noise: 3, 1 and 2 images of each class in train, validation and test."""
    random = np.random.default_rng(seed)
    splits = []
    for count in PER_CLASS:
        labels = random.permutation(np.repeat(np.arange(7, dtype=np.uint8), count))
        # Numbers of one, two and three digits alike.
        images = random.integers(0, 256, (len(labels), 48, 48, 1)) >> random.integers(
            0, 7, (len(labels), 48, 48, 1)
        )
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


def to_zip(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def to_tar(files: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for name, target in (links or {}).items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
    return buffer.getvalue()


def to_targz(files: dict[str, bytes]) -> bytes:
    return gzip.compress(to_tar(files), 1)


def png(image: np.ndarray, mode: str = "L") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image[..., 0]).convert(mode).save(buffer, "PNG")
    return buffer.getvalue()


def prefixed_images(data: Dataset, classes: tuple[str, ...] = CLASSES) -> dict[str, bytes]:
    """``train/`` and ``test/`` with the Usage in the file names."""
    return {
        f"{'train' if split == 'train' else 'test'}/{classes[label]}/{usage}_{number}.png": png(
            image
        )
        for split, usage in zip(SPLITS, USAGES, strict=True)
        for number, (image, label) in enumerate(
            zip(data.splits[split].images, data.splits[split].labels, strict=True)
        )
    }


def split_images(data: Dataset, classes: tuple[str, ...] = CLASSES) -> dict[str, bytes]:
    """``train/``, ``validation/`` and ``test/``."""
    return {
        f"{split}/{classes[label]}/im{number}.png": png(image, "RGB")
        for split in SPLITS
        for number, (image, label) in enumerate(
            zip(data.splits[split].images, data.splits[split].labels, strict=True)
        )
    }


def write_files(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return folder
