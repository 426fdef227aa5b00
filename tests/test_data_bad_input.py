"""Bad input ends in one line of the package's own error that names the file and the place."""

import bz2
import gzip
import io
import lzma
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from data_samples import (
    dataset,
    prefixed_images,
    rows,
    split_images,
    to_csv,
    to_tar,
    to_targz,
    to_zip,
    write_files,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from fer_lib import data, paths
from fer_lib.data import archives, csv_file
from fer_lib.data.dataset import OFFICIAL_COUNTS
from fer_lib.data.rows import Rows, to_dataset
from fer_lib.errors import DataError

NOISE = dataset()
TABLE = rows(NOISE)
CSV = to_csv(TABLE)
#: Pixels need no variety here; a small csv compresses to a small archive.
PICTURES = split_images(NOISE)
FIRST = next(iter(PICTURES))


@pytest.fixture(autouse=True)
def cache_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "CACHE", tmp_path / "cache")


def refusal(path: Path) -> str:
    """The message with which loading a path fails, after checking what all have in common."""
    with pytest.raises(DataError) as caught:
        data.load(path)
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return message


def with_row(number: int, label=None, pixels=None, usage=None) -> bytes:
    """The csv with one row (from 1 on) changed."""
    table = [list(row) for row in TABLE]
    for column, value in enumerate((label, pixels, usage)):
        if value is not None:
            table[number - 1][column] = value
    return to_csv(table)


def with_pixel(position: int, value: str) -> str:
    words = TABLE[4][1].split()
    words[position - 1] = value
    return " ".join(words)


WORDS = TABLE[4][1].split()
ROWS = {
    "one pixel less": (with_row(5, pixels=" ".join(WORDS[:-1])), "2303 pixels instead of 2304"),
    "one pixel more": (with_row(5, pixels=" ".join([*WORDS, "7"])), "2305 pixels"),
    "no pixels": (with_row(5, pixels=""), "0 pixels"),
    "too bright": (with_row(5, pixels=with_pixel(9, "256")), "pixel 9 is 256, outside 0-255"),
    "four digits": (with_row(5, pixels=with_pixel(9, "1000")), "pixel 9 is 1000, outside"),
    "huge": (with_row(5, pixels=with_pixel(9, "9" * 5000)), "outside 0-255"),
    "negative": (with_row(5, pixels=with_pixel(2304, "-1")), "pixel 2304 is -1, outside 0-255"),
    "fraction": (with_row(5, pixels=with_pixel(1, "1.5")), "pixel 1 is '1.5', which is no whole"),
    "word": (with_row(5, pixels=with_pixel(2, "NaN")), "'NaN'"),
    "other digits": (with_row(5, pixels=with_pixel(2, "1_0")), "'1_0'"),
    "label 7": (with_row(5, label="7"), "emotion is '7', not one of 0, 1, 2, 3, 4, 5, 6; correct"),
    "no label": (with_row(5, label=""), "emotion is ''"),
    "usage": (with_row(5, usage="Test"), "PrivateTest; correct the row or download"),
    "swapped usage": (with_row(5, usage="training"), "Usage is 'training'"),
    "more fields": (with_row(5, usage="Training,1"), "4 fields"),
    "blank row": (CSV.replace(b"\n", b"\n\n").replace(b"\n\n", b"\n", 4), "blank"),
    "blank end": (CSV + b"\n" * 101, "over 100 blank lines"),
    "endless row": (with_row(5, pixels="1 " * 50_000), "bytes long"),
}


@pytest.mark.parametrize("case", ROWS)
def test_a_bad_row_is_named(case, tmp_path):
    content, problem = ROWS[case]
    path = tmp_path / "fer2013.csv"
    path.write_bytes(content)
    message = refusal(path)
    assert "row 5 (line 6)" in message or case.startswith("blank")
    assert problem in message


def test_two_wrong_counts_that_add_up_are_noticed(tmp_path):
    path = tmp_path / "fer2013.csv"
    table = [list(row) for row in TABLE]
    table[3][1], table[4][1] = table[3][1] + " 1", " ".join(WORDS[:-1])
    path.write_bytes(to_csv(table))
    assert "row 4" in refusal(path)


def test_of_several_bad_rows_the_first_is_named(tmp_path):
    path = tmp_path / "fer2013.csv"
    table = [list(row) for row in TABLE * 10]
    for row in (299, 200, 100):
        table[row][1] = "1"
    path.write_bytes(to_csv(table))
    assert "row 101 (line 102)" in refusal(path)


def test_a_bad_row_is_named_before_what_is_wrong_with_the_lines_after_it(tmp_path):
    path = tmp_path / "fer2013.csv"
    path.write_bytes(with_row(5, pixels="1") + b"\n\n0,1,Training\n")
    assert "row 5 (line 6): 1 pixels" in refusal(path)


FAULTS = {
    "pixels": {"pixels": "1"},
    "value": {"pixels": with_pixel(9, "300")},
    "label": {"label": "9"},
}
FAULTS |= {"usage": {"usage": "Test"}, "fields": {"usage": "Training,1"}}


@pytest.mark.parametrize("later", FAULTS)
@pytest.mark.parametrize("earlier", FAULTS)
def test_of_two_different_faults_the_first_is_named(earlier, later, tmp_path):
    path = tmp_path / "fer2013.csv"
    lines = with_row(5, **FAULTS[earlier]).split(b"\n")
    lines[9] = with_row(9, **FAULTS[later]).split(b"\n")[9]
    path.write_bytes(b"\n".join(lines))
    assert "row 5 (line 6)" in refusal(path)


def test_whatever_stops_a_thread_is_reported(tmp_path, monkeypatch):
    def out_of_memory(*_, **__):
        raise MemoryError

    monkeypatch.setattr("fer_lib.data.pixels.parse", out_of_memory)
    (tmp_path / "fer2013.csv").write_bytes(CSV)
    with pytest.raises(MemoryError):
        data.load(tmp_path / "fer2013.csv")


@pytest.mark.parametrize("chunk", [20_100, 1 << 20])
def test_rows_after_blank_lines_are_refused_wherever_the_file_is_cut(chunk, tmp_path, monkeypatch):
    monkeypatch.setattr(csv_file, "MAX_ROW_BYTES", 10_000)
    monkeypatch.setattr(csv_file, "CHUNK", chunk)
    path = tmp_path / "fer2013.csv"
    path.write_bytes(CSV + (b" " * 4000 + b"\n") * 9 + CSV.split(b"\n")[1])
    assert f"row {len(TABLE) + 1} (line {len(TABLE) + 2}): is blank, rows" in refusal(path)


PACKED = "is no csv, gzip, zip or tar; unpack it, or save it as a csv in UTF-8"
CONTENTS = {
    "empty": (b"", "is empty"),
    "header alone": (b"emotion,pixels,Usage\n", "no rows"),
    "no header": (to_csv(TABLE).partition(b"\n")[2], "the header is"),
    "train.csv": (b"emotion,pixels\n0,1 2 3\n", "all three splits"),
    "votes": (b"Usage,Image name,neutral\n", "the header is"),
    "binary": (bytes(range(256)) * 40, PACKED),
    "xz": (lzma.compress(CSV), PACKED),
    "bz2": (bz2.compress(CSV), PACKED),
    "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(100), PACKED),
    "UTF-16": (CSV.decode().encode("utf-16"), PACKED),
    "other letters": ("Gefühl,Bild\r\n".encode(), "the header is"),
    "cut row": (CSV[:-4000], "fields"),
    "no test split": (to_csv([row for row in TABLE if row[2] != "PrivateTest"]), "test split"),
    "no validation": (to_csv([row for row in TABLE if row[2] != "PublicTest"]), "PublicTest"),
    "no disgust": (to_csv([row for row in TABLE if row[0] != "1"]), "no image of class Disgusted"),
    "cut gzip": (gzip.compress(CSV)[:-2000], "cut or damaged"),
    "damaged gzip": (gzip.compress(CSV)[:-6] + b"123456", "cut or damaged"),
    "cut zip": (to_zip({"fer2013.csv": CSV})[:-2000], "cut or damaged"),
    "cut tar": (to_tar({"fer2013.csv": CSV})[:-30_000], "cut or damaged"),
    "tar without end": (to_tar({"a": b"1", "fer2013.csv": CSV})[:1024], "cut or damaged"),
    "cut tar.gz": (to_targz({"fer2013.csv": CSV})[:-2000], "cut or damaged"),
    "empty zip": (to_zip({}), "is no data set"),
    "zip of texts": (to_zip({"README": b"x"}), "is no data set"),
    "two csv": (to_zip({"a/fer2013.csv": CSV, "b/fer2013.csv": CSV}), "a/fer2013.csv and b/"),
    "zip slip": (to_zip({"../fer2013.csv": CSV}), "points outside"),
    "zip slip inside": (to_zip({"fer2013.csv": CSV, "a/../../b.png": b"x"}), "points outside"),
    "absolute": (to_zip({"/etc/fer2013.csv": CSV}), "points outside"),
    "windows": (to_zip({"C:\\fer2013.csv": CSV}), "points outside"),
    "backslash slip": (to_zip({"..\\fer2013.csv": CSV}), "points outside"),
    "tar slip": (to_targz({"fer2013.csv": CSV, "../x": b""}), "points outside"),
    "tar link": (to_tar({"x": b""}, links={"fer2013.csv": "/etc/passwd"}), "is a link"),
    "name of two lines": (to_zip({"../a\nb": b"x"}), "entry ../a?b: points outside"),
    "twice": (to_tar({"fer2013.csv": CSV})[:-10240] + to_tar({"fer2013.csv": CSV}), "twice"),
    "matryoshka": (
        gzip.compress(gzip.compress(gzip.compress(gzip.compress(gzip.compress(b"x"))))),
        "archives",
    ),
    "picture twice": (
        to_zip({f"{n}/{k}": v for n in "ab" for k, v in PICTURES.items()}),
        "outside the folders",
    ),
}


@pytest.mark.parametrize("case", CONTENTS)
def test_a_bad_file_is_named(case, tmp_path):
    content, problem = CONTENTS[case]
    path = tmp_path / "file"
    path.write_bytes(content)
    assert problem in refusal(path)


def test_a_zip_with_a_link_is_refused(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("fer2013.csv")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    assert "entry fer2013.csv: is a link" in refusal(path)


def test_an_encrypted_zip_is_refused(tmp_path):
    path = tmp_path / "x.zip"
    content = bytearray(to_zip({"fer2013.csv": CSV}))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert "is encrypted" in refusal(path)


@pytest.mark.parametrize("pack", [lambda x: gzip.compress(x, 1), lambda x: to_zip({"a.csv": x})])
def test_a_bomb_is_refused(pack, tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_BYTES", 1 << 20)
    path = tmp_path / "bomb"
    path.write_bytes(pack(to_csv(TABLE * 8)))
    assert "unpacks to over 1 MiB" in refusal(path)


def test_a_bomb_beside_the_csv_in_a_tar_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_BYTES", 1 << 20)
    path = tmp_path / "bomb"
    path.write_bytes(to_targz({"fer2013.csv": CSV, "zeros": bytes(2 << 20), "end": b"x"}))
    assert "unpacks to over 1 MiB" in refusal(path)


def test_too_many_entries_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_ENTRIES", 20)
    (tmp_path / "x.zip").write_bytes(to_zip(PICTURES))
    assert "over 20 entries" in refusal(tmp_path / "x.zip")
    assert "over 20 files" in refusal(write_files(tmp_path / "folder", PICTURES))


def _picture(size=(48, 48), mode="L", kind="PNG", colour=None) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, colour or 0).save(buffer, kind)
    return buffer.getvalue()


PICTURE = _picture()
PICTURE_CASES = {
    "text": (b"not a picture", "is not a readable picture"),
    "empty": (b"", "is empty"),
    "cut": (PICTURES[FIRST][:-500], "is not a readable picture"),
    "cut jpeg": (_picture(kind="JPEG")[:-60], "is not a readable picture"),
    "larger": (_picture((224, 224)), "is 224 x 224 pixels, FER2013 has 48 x 48; restore or"),
    "turned": (_picture((48, 47)), "is 48 x 47 pixels"),
    "colour": (_picture(mode="RGB", colour=(9, 8, 7)), "(mode RGB), FER2013 has those; restore or"),
    "16 bits": (_picture(mode="I;16"), "mode I;16"),
    "transparent": (_picture(mode="RGBA"), "mode RGBA"),
    "large file": (PICTURE + bytes(1 << 20), "over 1 MiB"),
    "gif": (_picture(kind="GIF"), "is not a readable picture"),
}


@pytest.mark.parametrize("pack", ["folder", "zip"])
@pytest.mark.parametrize("case", PICTURE_CASES)
def test_a_bad_picture_is_named(case, pack, tmp_path):
    content, problem = PICTURE_CASES[case]
    files = {**PICTURES, FIRST: content}
    path = tmp_path / "images"
    if pack == "zip":
        path.write_bytes(to_zip(files))
    else:
        write_files(path, files)
    message = refusal(path)
    assert problem in message
    assert FIRST in message


PREFIXED = prefixed_images(NOISE)
UNPREFIXED = {name.replace("PublicTest_", "im"): content for name, content in PREFIXED.items()}
FOLDER_CASES = {
    "no data": ({"README": b"x"}, "is no data set"),
    "empty": ({}, "is no data set"),
    "unknown class": ({**PICTURES, "test/contempt/1.png": PICTURE}, "folder of test; move it to"),
    "outside a class": ({**PICTURES, "test/1.png": PICTURE}, "test/1.png: lies in no class folder"),
    "too deep": ({**PICTURES, "test/happy/more/1.png": PICTURE}, "more/1.png: lies in no class"),
    "outside a split": ({**PICTURES, "extra/happy/1.png": PICTURE}, "lies outside the folders"),
    "text among pictures": ({**PICTURES, "test/happy/notes.txt": b"x"}, "notes.txt: is not a"),
    "no validation": (UNPREFIXED, "must begin with PublicTest_"),
    "train and validation": (
        {name: content for name, content in PICTURES.items() if not name.startswith("test")},
        "the test split",
    ),
    "swapped": ({**PICTURES, "validation/sad/PrivateTest_1.png": PICTURE}, "the name says Private"),
    "test in train": ({**PREFIXED, "train/sad/PrivateTest_1.png": PICTURE}, "the folder Training"),
    "missing class": (
        {name: content for name, content in PICTURES.items() if "test/sad" not in name},
        "test split has no image of class Sad",
    ),
}


@pytest.mark.parametrize("case", FOLDER_CASES)
def test_a_bad_folder_is_named(case, tmp_path):
    files, problem = FOLDER_CASES[case]
    (tmp_path / "images").mkdir()
    assert problem in refusal(write_files(tmp_path / "images", files))


def test_nothing_there(tmp_path):
    assert "does not exist" in refusal(tmp_path / "nothing.csv")


def test_a_file_without_permission(tmp_path, monkeypatch):
    path = tmp_path / "fer2013.csv"
    path.write_bytes(CSV)

    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert "cannot be read (Permission denied)" in refusal(path)


def test_a_path_that_cannot_be_looked_at(tmp_path, monkeypatch):
    assert "cannot be read (File name too long); restore it" in refusal(tmp_path / ("x" * 300))

    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", refuse)
    with pytest.raises(DataError, match=r"fer2013.csv: cannot be read \(Permission denied\)"):
        data.choose(tmp_path / "locked" / "fer2013.csv")


@pytest.fixture
def lock(monkeypatch):
    """Lets a folder be one that may not be listed, also by root."""

    def lock(locked):
        def scandir(folder, listed=os.scandir):
            if str(folder) == str(locked):
                raise PermissionError(13, "Permission denied", str(folder))
            return listed(folder)

        monkeypatch.setattr(os, "scandir", scandir)

    return lock


@pytest.mark.parametrize("folder", ["images", "images/test", "images/test/angry"])
def test_a_folder_without_permission_is_named(folder, tmp_path, lock):
    path = write_files(tmp_path / "images", PICTURES)
    lock(tmp_path / folder)
    assert f"{tmp_path / folder}: cannot be read (Permission denied)" in refusal(path)


def test_a_folder_of_the_system_beside_the_csv_does_no_harm(tmp_path, lock):
    path = write_files(tmp_path / "disk", {"fer2013.csv": CSV, "lost+found/x": b""})
    lock(path / "lost+found")
    assert data.load(path).fingerprint == NOISE.fingerprint


def test_a_dead_link_is_named(tmp_path):
    path = write_files(tmp_path / "images", PICTURES)
    (path / FIRST).unlink()
    (path / FIRST).symlink_to("nowhere")
    assert f"{path}/{FIRST}: cannot be read (No such file or directory); restore" in refusal(path)


def test_what_never_ends_is_refused_at_once(tmp_path):
    with pytest.raises(DataError, match=r"^/dev/zero: is no regular file; give the path of fer"):
        data.load("/dev/zero")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "folder/fer2013.csv"):
        os.mkfifo(tmp_path / name)
        assert f"{name}: is no regular file" in refusal(tmp_path / name.partition("/")[0])
    path = write_files(tmp_path / "images", PICTURES)
    (path / FIRST).unlink()
    os.mkfifo(path / FIRST)
    assert f"{FIRST}: is no regular file; delete it" in refusal(path)


@pytest.mark.parametrize("name", ["movie.mkv", "folder/fer2013.csv"])
def test_a_file_that_is_far_too_large_is_refused_unread(name, tmp_path, monkeypatch):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.touch()
    os.truncate(path, 30 << 30)
    monkeypatch.setattr("fer_lib.data.loading._digest", None)
    monkeypatch.setattr("fer_lib.data.contents.read", None)
    asked = path if name == "movie.mkv" else path.parent
    assert f"{path}: has over 1024 MiB, far more than FER2013; give the path" in refusal(asked)


def _rows_with(counts: dict[str, list[int]]) -> Rows:
    labels = [np.repeat(np.arange(7, dtype=np.uint8), counts[split]) for split in data.SPLITS]
    splits = np.repeat(np.arange(3, dtype=np.uint8), [len(part) for part in labels])
    labels = np.concatenate(labels)
    images = np.broadcast_to(np.uint8(0), (len(labels), 48, 48, 1))
    return Rows(images, labels, splits, "csv")


def test_more_rows_than_fer2013_has_are_refused_at_the_first_of_them(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_file, "MAX_ROWS", len(TABLE) - 1)
    path = tmp_path / "fer2013.csv"
    path.write_bytes(CSV)
    message = refusal(path)
    assert f"row {len(TABLE)} (line {len(TABLE) + 1}): FER2013 has {len(TABLE) - 1} rows" in message


def test_fer2013_with_a_row_missing_is_not_fer2013():
    counts = {**OFFICIAL_COUNTS, "test": [490, *OFFICIAL_COUNTS["test"][1:]]}
    with pytest.raises(DataError, match=r"class counts of the test split are \[490, 55"):
        to_dataset(_rows_with(counts), "fer2013.csv", "csv")


def test_splits_swapped_are_not_fer2013():
    counts = {
        "train": OFFICIAL_COUNTS["train"],
        "validation": OFFICIAL_COUNTS["test"],
        "test": OFFICIAL_COUNTS["validation"],
    }
    with pytest.raises(DataError, match="official split"):
        to_dataset(_rows_with(counts), "fer2013.csv", "csv")


def test_a_data_set_of_the_wrong_shape_is_refused():
    with pytest.raises(DataError, match=r"must be uint8 of shape \(N, 48, 48, 1\)"):
        data.Split(np.zeros((2, 48, 48), np.uint8), np.zeros(2, int))
    with pytest.raises(DataError, match="2 integers"):
        data.Split(np.zeros((2, 48, 48, 1), np.uint8), np.zeros(3, int))
    with pytest.raises(DataError, match="outside 0-6"):
        data.Split(np.zeros((2, 48, 48, 1), np.uint8), np.array([0, 7]))


#: A data set that is small as a file, so that random damage hits what matters.
SMALL = to_csv(
    [[label, " ".join([str(n % 256)] * 2304), u] for n, (label, _, u) in enumerate(TABLE)]
)
VICTIMS = {
    "csv": SMALL,
    "gz": gzip.compress(SMALL),
    "zip": to_zip({"fer2013.csv": SMALL}),
    "tar": to_tar({"fer2013/README": b"x", "fer2013/fer2013.csv": SMALL}),
    "tar.gz": to_targz({"fer2013/README": b"x", "fer2013/fer2013.csv": SMALL}),
    "pictures": to_zip(PICTURES, zipfile.ZIP_STORED),
    "pictures.tar": to_tar(PICTURES),
}


@pytest.mark.parametrize("kind", VICTIMS)
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    damage=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=4)), min_size=1, max_size=4
    ),
    keep=st.floats(0, 1) | st.just(1.0),
)
def test_random_damage_gives_data_or_the_packages_own_error(kind, damage, keep, tmp_path):
    content = bytearray(VICTIMS[kind])
    for place, replacement in damage:
        position = int(place * len(content))
        content[position : position + len(replacement)] = replacement
    path = tmp_path / "file"
    path.write_bytes(content[: round(keep * len(content))])
    try:
        loaded = data.load(path)
    except DataError as error:
        assert str(path) in str(error)
        assert "\n" not in str(error)
    else:
        assert loaded.fingerprint
