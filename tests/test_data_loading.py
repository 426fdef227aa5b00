"""Every form of the data set gives the same content; the cache gives it again, damaged or not."""

import gzip
import itertools
import logging
import os
import time
from pathlib import Path

import numpy as np
import pytest
from data_samples import (
    dataset,
    prefixed_images,
    rows,
    split_images,
    to_csv,
    to_icml,
    to_tar,
    to_targz,
    to_zip,
    write_files,
)

from fer_lib import data, paths
from fer_lib.data import cache, contents, csv_file, loading
from fer_lib.data.dataset import OFFICIAL_COUNTS, Split

REAL = paths.ROOT.parent / "shared" / "data" / "fer2013.csv.gz"
NOISE = dataset()
TABLE = rows(NOISE)
CSV = to_csv(TABLE)
OTHER_CLASSES = ("Anger", "Disgusted", "FEAR", "happiness", "Sadness", "Surprised", "Neutral")

FILES = {
    "fer2013.csv": CSV,
    "fer2013.csv.gz": gzip.compress(CSV, 1),
    "parts.csv.gz": gzip.compress(CSV[:99_999]) + gzip.compress(CSV[99_999:], 9) + bytes(512),
    "fer2013.csv.zip": to_zip({"fer2013.csv": CSV}),
    "renamed.zip": to_zip({"something.csv": CSV}),
    "fer2013.tar.gz": to_targz({"fer2013/README": b"text", "fer2013/fer2013.csv": CSV}),
    "fer2013.tar": to_tar({"./fer2013/fer2013.csv": CSV}),
    "icml_face_data.csv": to_icml(TABLE),
    "quoted.csv": to_csv([[f'"{field}"' for field in row] for row in TABLE]),
    "bom.csv": b"\xef\xbb\xbf" + CSV + b"\n\n",
    "challenge.zip": to_zip(
        {
            "example_submission.csv": b"text",
            "fer2013.tar.gz": to_targz({"fer2013/fer2013.csv": CSV}),
            "icml_face_data.csv": to_icml(TABLE),
            "test.csv": b"pixels\n",
            "train.csv": b"emotion,pixels\n",
        }
    ),
    "zip-in-zip.zip": to_zip({"fer2013.csv.zip": to_zip({"fer2013.csv": CSV})}),
    "prefixed.zip": to_zip({f"archive/{k}": v for k, v in prefixed_images(NOISE).items()}),
    "split.tar.gz": to_targz(split_images(NOISE)),
    "reversed.csv": to_csv(TABLE[::-1]),
}
FOLDERS = {
    "prefixed": prefixed_images(NOISE),
    "other-classes": prefixed_images(NOISE, OTHER_CLASSES),
    "split": split_images(NOISE),
    "litter": {
        **split_images(NOISE),
        "train/happy/.DS_Store": b"x",
        "__MACOSX/train/happy/._im0.png": b"x",
        "README.md": b"x",
    },
    "nested": {f"images/{name}": content for name, content in split_images(NOISE).items()},
    "val": {
        name.replace("validation/", "VAL/"): content
        for name, content in split_images(NOISE, OTHER_CLASSES).items()
    },
    "unpacked": {"fer2013/fer2013.csv": CSV, "fer2013/README": b"x"},
    "with-votes": {"fer2013.csv.gz": gzip.compress(CSV, 1), "fer2013new.csv": b"x"},
    "csv-and-images": {"fer2013.csv": CSV, **prefixed_images(dataset(seed=1))},
    "zipped": {"archive.zip": to_zip(prefixed_images(NOISE))},
}


@pytest.fixture(autouse=True)
def cache_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "CACHE", tmp_path / "cache")
    return tmp_path / "cache" / "data"


@pytest.fixture
def csv(tmp_path) -> Path:
    path = tmp_path / "fer2013.csv"
    path.write_bytes(CSV)
    return path


@pytest.fixture
def unparsed(monkeypatch):
    """Forbids reading a source again."""

    def fail(path):
        raise AssertionError(f"{path} was read again")

    return lambda: monkeypatch.setattr(contents, "read", fail)


def assert_same(loaded: data.Dataset, expected: data.Dataset = NOISE) -> None:
    for name, split in expected.splits.items():
        np.testing.assert_array_equal(loaded.splits[name].images, split.images)
        np.testing.assert_array_equal(loaded.splits[name].labels, split.labels)
    assert loaded.fingerprint == expected.fingerprint


@pytest.mark.parametrize("name", FILES)
def test_every_kind_of_file_has_the_same_content(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(FILES[name])
    loaded = data.load(path)
    assert loaded.fingerprint == NOISE.fingerprint
    if name != "reversed.csv":
        assert_same(loaded)
    assert loaded.source.endswith(f"in {name}")


@pytest.mark.parametrize("name", FOLDERS)
def test_every_kind_of_folder_has_the_same_content(name, tmp_path):
    loaded = data.load(write_files(tmp_path / name, FOLDERS[name]))
    assert_same(loaded)
    assert_same(data.load(tmp_path / name))


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("chunk", [20_100, 30_011, len(CSV) // 2, len(CSV), len(CSV) + 100])
def test_rows_are_put_together_wherever_the_file_is_cut(chunk, ending, csv, monkeypatch):
    monkeypatch.setattr(csv_file, "MAX_ROWS", len(TABLE))
    monkeypatch.setattr(csv_file, "MAX_ROW_BYTES", 10_000)
    monkeypatch.setattr(csv_file, "CHUNK", chunk)
    for end in ("", "\n", "\n\n", " \n" * 50, "\n" + " " * 9000):
        csv.write_text(CSV.decode().rstrip().replace("\n", ending) + end, newline="")
        assert_same(data.load(csv))


@pytest.mark.parametrize("around", ["", "\t", '"', ' "\v'])
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_columns_may_stand_in_any_order(order, around, csv, monkeypatch):
    monkeypatch.setattr(csv_file, "MAX_ROW_BYTES", 10_000)
    monkeypatch.setattr(csv_file, "CHUNK", 20_100)
    shifted = [[label, f"7 {text.rpartition(' ')[0]}", usage] for label, text, usage in TABLE]
    lines = [("emotion", "pixels", "Usage"), *shifted]
    csv.write_text(
        "\n".join(",".join(f"{around}{line[k]}{around[::-1]}" for k in order) for line in lines)
    )
    found = data.load(csv)
    images = np.concatenate([split.images for split in found.splits.values()]).reshape(-1, 2304)
    expected = np.concatenate([split.images for split in NOISE.splits.values()]).reshape(-1, 2304)
    assert (images[:, 0] == 7).all()
    np.testing.assert_array_equal(images[:, 1:], expected[:, :-1])


def test_arrays_have_the_promised_types(csv):
    loaded = data.load(str(csv))
    assert loaded.train.images.shape == (21, 48, 48, 1)
    assert loaded.train.images.dtype == np.uint8
    assert loaded.train.labels.dtype == np.uint8
    assert loaded.counts == {"train": [3] * 7, "validation": [1] * 7, "test": [2] * 7}
    assert loaded.name not in ("FER2013", "drawn demo faces")


def test_only_the_official_counts_are_called_fer2013(monkeypatch, csv):
    monkeypatch.setattr("fer_lib.data.rows.OFFICIAL_COUNTS", NOISE.counts)
    assert data.load(csv).name == data.FER2013


def test_the_fingerprint_sees_pixels_labels_and_splits():
    found = {NOISE.fingerprint}
    images, labels = NOISE.train.images.copy(), NOISE.train.labels.copy()
    images[0, 0, 0, 0] ^= 1
    found.add(data.fingerprint(Split(images, labels), NOISE.validation, NOISE.test))
    labels[0] = (labels[0] + 1) % 7
    found.add(data.fingerprint(Split(NOISE.train.images, labels), NOISE.validation, NOISE.test))
    found.add(data.fingerprint(NOISE.train, NOISE.test, NOISE.validation))
    assert len(found) == 4


def test_the_fingerprint_stays_as_it_is_for_committed_runs():
    grey = np.arange(7, dtype=np.uint8)[:, None, None, None] * np.ones((1, 48, 48, 1), np.uint8)
    split = Split(grey, np.arange(7, dtype=np.uint8))
    assert data.fingerprint(split, split, split) == (
        "f60d68cd66b52e4f8d79f09a1ed60cc561226ab034c90f9a43729bbafd9fcd8b"
    )


def test_a_second_load_reads_nothing_but_the_cache(csv, unparsed, monkeypatch):
    data.load(csv)
    unparsed()
    monkeypatch.setattr(loading, "_digest", lambda path: pytest.fail(f"{path} was hashed again"))
    loaded = data.load(csv)
    assert_same(loaded)
    assert isinstance(loaded.train.images.base.base, np.memmap)


def test_a_copied_or_touched_file_is_recognised_by_its_content(csv, tmp_path, unparsed):
    data.load(csv)
    unparsed()
    os.utime(csv)
    assert_same(data.load(csv))
    copy = tmp_path / "copy.csv"
    copy.write_bytes(CSV)
    assert data.load(copy).source == "csv in copy.csv"


def test_a_changed_file_is_read_again(csv):
    data.load(csv)
    other = dataset(seed=1)
    csv.write_bytes(to_csv(rows(other)))
    assert_same(data.load(csv), other)


def test_a_file_that_changes_while_it_is_read_is_not_kept(csv, cache_folder, monkeypatch, caplog):
    read = contents.read

    def changes_meanwhile(path):
        found = read(path)
        path.write_bytes(to_csv(rows(dataset(seed=1))))
        return found

    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(contents, "read", changes_meanwhile)
        assert_same(data.load(csv))
    assert "fer2013.csv: changed while it was read" in caplog.text
    assert not list(cache_folder.glob("**/*"))
    assert_same(data.load(csv), dataset(seed=1))


def test_a_file_that_changes_while_it_is_hashed_is_not_taken_for_what_it_was(
    csv, tmp_path, monkeypatch
):
    data.load(csv)
    copy, other = tmp_path / "copy.csv", to_csv(rows(dataset(seed=1)))
    copy.write_bytes(CSV)
    digest = loading._digest

    def changes_meanwhile(path):
        found = digest(path)
        path.write_bytes(other)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(loading, "_digest", changes_meanwhile)
        data.load(copy)
    assert_same(data.load(copy), dataset(seed=1))


def test_a_changed_picture_in_a_folder_is_read_again(tmp_path):
    folder = write_files(tmp_path / "images", split_images(NOISE))
    data.load(folder)
    write_files(folder, split_images(dataset(seed=1)))
    assert data.load(folder).fingerprint != NOISE.fingerprint


def _flip(file: Path, position: int) -> None:
    content = bytearray(file.read_bytes())
    content[position] ^= 1
    file.write_bytes(content)


DAMAGES = {
    "pixel": lambda entry: _flip(entry / "images.npy", -1000),
    "label": lambda entry: _flip(entry / "labels.npy", -1),
    "header": lambda entry: _flip(entry / "images.npy", 20),
    "cut images": lambda entry: os.truncate(entry / "images.npy", 5000),
    "empty images": lambda entry: os.truncate(entry / "images.npy", 0),
    "no labels": lambda entry: (entry / "labels.npy").unlink(),
    "no meta": lambda entry: (entry / "meta.json").unlink(),
    "cut meta": lambda entry: os.truncate(entry / "meta.json", 50),
    "fingerprint": lambda entry: (entry / "meta.json").write_text(
        (entry / "meta.json").read_text().replace(NOISE.fingerprint, "0" * 64)
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_cache_is_noticed_and_rebuilt(damage, csv, cache_folder, caplog, unparsed):
    data.load(csv)
    (entry,) = cache_folder.glob("*-v*")
    DAMAGES[damage](entry)
    with caplog.at_level(logging.WARNING):
        assert_same(data.load(csv))
    assert "cache is damaged" in caplog.text
    unparsed()
    assert_same(data.load(csv))


def test_a_write_that_fails_half_way_leaves_nothing_and_loads(csv, cache_folder, monkeypatch):
    def disk_full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(cache, "_save", disk_full)
        assert_same(data.load(csv))
    assert not list(cache_folder.iterdir())
    assert_same(data.load(csv))


def test_what_killed_processes_left_is_removed_after_a_day(csv, cache_folder):
    old, new = cache_folder / ".old-v1-x", cache_folder / ".new-v1-x"
    old.mkdir(parents=True)
    new.mkdir()
    stamp = cache_folder / "stamps" / ".ab.json-x"
    stamp.parent.mkdir()
    stamp.touch()
    for left in (old, stamp):
        os.utime(left, (0, time.time() - 25 * 3600))
    data.load(csv)
    assert not old.exists() and not stamp.exists()
    assert new.exists()


def test_a_stamp_that_cannot_be_written_leaves_nothing(csv, cache_folder, monkeypatch):
    def disk_full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", disk_full)
        cache.remember("ab" * 32, "digest")
    assert not list((cache_folder / "stamps").iterdir())


@pytest.mark.parametrize("size", [999, 1000, 1001, 5000])
def test_the_cache_writes_what_numpy_does(size, tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "BLOCK", 1000)
    for array in (np.arange(size, dtype=np.uint8), np.ones((size, 2, 3), np.uint8)):
        cache._save(tmp_path / "ours.npy", array)
        np.save(tmp_path / "numpys.npy", array)
        assert (tmp_path / "ours.npy").read_bytes() == (tmp_path / "numpys.npy").read_bytes()


def test_with_a_cache_that_cannot_be_looked_into_it_still_loads(csv, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    for method in ("glob", "mkdir"):
        monkeypatch.setattr(Path, method, refuse)
    assert_same(data.load(csv))


def test_without_a_writable_cache_it_still_loads(csv, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(paths, "CACHE", tmp_path / "file")
    assert_same(data.load(csv))


def test_entries_of_other_formats_are_not_read(csv, cache_folder, monkeypatch):
    data.load(csv)
    monkeypatch.setattr(cache, "FORMAT", cache.FORMAT + 1)
    data.load(csv)
    assert len(list(cache_folder.glob("*-v*"))) == 2


@pytest.mark.skipif(not REAL.exists(), reason="needs FER2013 itself")
def test_fer2013_itself(unparsed):
    loaded = data.load(REAL)
    assert loaded.name == data.FER2013
    assert loaded.counts == OFFICIAL_COUNTS
    assert loaded.fingerprint == "638259302d4d1ff128a9b50992b4970e2aba80b8469f12a427be06b8198319a3"
    unparsed()
    data.load(REAL)
