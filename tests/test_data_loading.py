"""Every form of the data set gives the same content; the cache gives it again, damaged or not."""

import gzip
import os

import numpy as np
import pytest
from data_samples import dataset, images, rows, to_csv, to_icml, to_tar, to_targz, to_zip, write

from fer_lib import data, paths
from fer_lib.data import csv_file, image_folder, record
from fer_lib.data import dataset as dataset_

REAL = paths.ROOT.parent / "shared" / "data" / "fer2013.csv.gz"
NOISE = dataset()
TABLE = rows(NOISE)
CSV = to_csv(TABLE)
GZ = gzip.compress(CSV, 1)
SPLIT, PREFIXED = images(NOISE, True), images(NOISE, False)
OTHER_CLASSES = ("Anger", "Disgusted", "FEAR", "happiness", "4", "Surprised", "Neutral")
ICML = to_icml(TABLE)
LEFT_BEHIND = (
    *(".DS_Store", "._im0.png", ".ipynb_checkpoints/im0-checkpoint.png", ".gitkeep", ".directory"),
    *("@eaDir/im0.png/SYNOPHOTO_THUMB_M.jpg", "Thumbs.db", "ehthumbs.db", "desktop.ini"),
)
LEFTOVERS = {f"train/happy/{name}": b"x" for name in LEFT_BEHIND}
LEFTOVERS |= {"__MACOSX/train/happy/._im0.png": b"x", "README.md": b"x", "lost+found/a.png": b"x"}

#: Files (bytes) and folders (dictionaries) by name.
FORMS = {
    "fer2013.csv": CSV,
    "fer2013.csv.gz": GZ,
    "fer2013.csv.zip": to_zip({"fer2013.csv": CSV}),
    "fer2013.tar.gz": to_targz({"fer2013/README": b"text", "fer2013/fer2013.csv": CSV}),
    "fer2013.tar": to_tar({"./fer2013/fer2013.csv": CSV}),
    "icml_face_data.csv": ICML,
    "quoted.csv": to_csv([[f'"{field}"' for field in row] for row in TABLE]),
    "bom-and-blank-lines.csv": b"\xef\xbb\xbf" + CSV.replace(b"\n", b"\r\n\r\n") + b"\n \n",
    "challenge.zip": to_zip(
        {
            "example_submission.csv": b"text",
            "fer2013.tar.gz": to_targz({"fer2013/fer2013.csv": CSV}),
            "icml_face_data.csv": ICML,
            "test.csv": b"pixels\n",
            "train.csv": b"emotion,pixels\n",
        }
    ),
    "zip-in-zip.zip": to_zip({"fer2013.csv.zip": to_zip({"fer2013.csv": CSV})}),
    "prefixed.zip": to_zip({f"archive/{name}": content for name, content in PREFIXED.items()}),
    "split.tar.gz": to_targz(SPLIT),
    "leftovers.zip": to_zip(SPLIT | LEFTOVERS),
    "surplus-columns-of-pandas-and-excel.csv": to_csv(
        [["7", *row, "a.jpg", "", ""] for row in TABLE], ",emotion,pixels,Usage,file,,"
    ),
    "prefixed": PREFIXED,
    "other-classes": images(NOISE, False, OTHER_CLASSES),
    "split": SPLIT,
    "leftovers": SPLIT | LEFTOVERS,
    "nested": {f"images/{name}": content for name, content in SPLIT.items()},
    "val": {
        name.replace("validation/", "VAL/"): content
        for name, content in images(NOISE, True, OTHER_CLASSES).items()
    },
    "unpacked": {"fer2013/fer2013.csv": CSV, "fer2013/README": b"x"},
    "with-votes": {"fer2013.csv.gz": GZ, "fer2013new.csv": b"x"},
    "csv-and-images": {"fer2013.csv": CSV, **images(dataset(seed=1), False)},
    "zipped": {"archive.zip": to_zip(PREFIXED)},
    "browsers-zip": {"archive (1).zip": to_zip(PREFIXED), ".gitkeep": b""},
    "browsers-gz": {"fer2013 (1).csv.gz": GZ, "fer2013new.csv": b"x"},
    "tar-without-ending": {"fer2013": to_tar({"fer2013/fer2013.csv": CSV})},
}


@pytest.fixture
def unparsed(monkeypatch):
    """Forbids reading a source again."""

    def forbid():
        for reader in (csv_file, image_folder):
            monkeypatch.setattr(reader, "read", lambda *_: pytest.fail("was read again"))

    return forbid


def assert_same(loaded: data.Dataset, expected: data.Dataset = NOISE) -> None:
    for name, split in expected.splits.items():
        np.testing.assert_array_equal(loaded.splits[name].images, split.images)
        np.testing.assert_array_equal(loaded.splits[name].labels, split.labels)
    assert loaded.fingerprint == expected.fingerprint


@pytest.mark.parametrize("name", FORMS)
def test_every_form_has_the_same_content_and_comes_again_from_the_cache(name, tmp_path, unparsed):
    path = write(tmp_path / name, FORMS[name])
    loaded = data.load(path)
    assert_same(loaded)
    unparsed()
    again = data.load(str(path))
    assert_same(again)
    assert again.source == loaded.source


def test_rows_in_another_order_are_the_same_data(tmp_path):
    table = [[pixels, usage, label] for label, pixels, usage in TABLE[::-1]]
    path = write(tmp_path / "reversed.csv", to_csv(table, "pixels,Usage,emotion"))
    assert data.load(path).fingerprint == NOISE.fingerprint


def test_only_the_official_counts_are_called_fer2013(tmp_path, monkeypatch):
    loaded = data.load(write(tmp_path / "a.csv", CSV))
    assert loaded.train.images.dtype == loaded.train.labels.dtype == np.uint8
    assert loaded.name not in (data.FER2013, "drawn demo faces")
    monkeypatch.setattr(dataset_, "OFFICIAL_COUNTS", NOISE.counts)
    assert data.load(write(tmp_path / "b.csv", CSV)).name == data.FER2013


def test_the_fingerprint_stays_as_it_is_for_committed_runs():
    grey = np.arange(7, dtype=np.uint8)[:, None, None, None] * np.ones((1, 48, 48, 1), np.uint8)
    split, other = data.Split(grey, np.arange(7)), data.Split(grey, np.arange(7)[::-1])
    assert data.fingerprint(split, split, split) == (
        "f60d68cd66b52e4f8d79f09a1ed60cc561226ab034c90f9a43729bbafd9fcd8b"
    )
    found = [(split, split, other), (split, other, split), (other, split, split)]
    assert len({data.fingerprint(*splits) for splits in found}) == 3


def test_a_changed_source_is_read_again(tmp_path):
    other = dataset(seed=1)
    assert_same(data.load(write(tmp_path / "a.csv", CSV)))
    assert_same(data.load(write(tmp_path / "a.csv", to_csv(rows(other)))), other)
    assert_same(data.load(write(tmp_path / "b", SPLIT)))
    changed = write(tmp_path / "b", {next(iter(SPLIT)): SPLIT[list(SPLIT)[1]]})
    assert data.load(changed).fingerprint not in (NOISE.fingerprint, other.fingerprint)


DAMAGES = {
    "pixels": lambda file: np.savez(
        file, **{**np.load(file), "test_images": 0 * NOISE.test.images}
    ),
    "cut": lambda file: os.truncate(file, 5000),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_cache_is_noticed_and_rebuilt(damage, tmp_path, cache, unparsed):
    path = write(tmp_path / "fer2013.csv", CSV)
    data.load(path)
    (file,) = cache.iterdir()
    DAMAGES[damage](file)
    assert_same(data.load(path))
    unparsed()
    assert_same(data.load(path))


def test_without_a_writable_cache_it_still_loads(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("XDG_CACHE_HOME", str(write(tmp_path / "file", b"")))
    assert_same(data.load(write(tmp_path / "fer2013.csv", CSV)))
    assert "cannot be written" in caplog.text


@pytest.mark.skipif(not REAL.exists(), reason="needs FER2013 itself")
def test_fer2013_and_its_votes_themselves():
    loaded = data.load(REAL)
    assert loaded.name == data.FER2013
    assert loaded.counts == data.OFFICIAL_COUNTS
    assert loaded.fingerprint == "638259302d4d1ff128a9b50992b4970e2aba80b8469f12a427be06b8198319a3"
    kept = record.read(paths.RUNS, loaded.fingerprint)
    assert data.audit(loaded).items() <= kept.info["audit"].items()
    found = data.read_votes(REAL.with_name("fer2013new.csv"), loaded)
    assert np.bincount(data.votes.agreement(found["test"])).tolist() == [805, 1924, 844, 16]
