"""Bad input ends in one line of the package's own error that names the place and the remedy."""

import gzip
import lzma
import os
import tarfile

import numpy as np
import pytest
from data_samples import dataset, images, picture, rows, to_csv, to_tar, to_zip, write

from fer_lib import data
from fer_lib.data.dataset import assemble
from fer_lib.errors import DataError

NOISE = dataset()
TABLE = rows(NOISE)
CSV = to_csv(TABLE)
PICTURES, PREFIXED = images(NOISE, True), images(NOISE, False)
FIRST = next(iter(PICTURES))
WORDS = TABLE[4][1].split()


def with_row(number: int = 5, label=None, pixels=None, usage=None) -> bytes:
    """The csv with one row (from 1 on) changed."""
    table = [list(row) for row in TABLE]
    for column, value in enumerate((label, pixels, usage)):
        table[number - 1][column] = table[number - 1][column] if value is None else value
    return to_csv(table)


def with_pixel(position: int, value: str) -> bytes:
    return with_row(pixels=" ".join([*WORDS[: position - 1], value, *WORDS[position:]]))


def with_first(content: bytes, pack=lambda files: files):
    return pack({**PICTURES, FIRST: content})


def encrypted() -> bytes:
    content = bytearray(to_zip({"fer2013.csv": CSV}))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def linked() -> bytes:
    content = to_tar({"fer2013.csv": b""})
    member = tarfile.TarInfo("fer2013.csv")
    member.type, member.linkname = tarfile.SYMTYPE, "../fer2013.csv"
    return member.tobuf() + content[512:]


GREY = np.zeros((48, 48), np.uint8)
COLOURED = np.zeros((48, 48, 3), np.uint8) + np.array([9, 8, 7], np.uint8)
SCAN = f'"{[int(word) for word in WORDS]}"'
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2\nsize 301072766\n"
ROW = "fer2013.csv, row 5 (line 6): "
HEADER = "the header is"
CUT = "cannot be read ("
PACKED = "not emotion, pixels and Usage; unpack it, save it as a csv in UTF-8"
PAGE = "is a web page or a server's error, not the file; sign in and download it again"

#: A file (bytes) or folder (dictionary), and what the message says of it.
CASES = {
    "one pixel less": (
        with_row(pixels=" ".join(WORDS[1:])),
        ROW + "is wrong (cannot reshape",
    ),
    "too bright": (with_pixel(9, "256"), ROW + "is wrong (a pixel is not from 0 to 255)"),
    "negative": (with_pixel(2304, "-1"), ROW + "is wrong (a pixel is not from 0 to 255)"),
    "fraction": (with_pixel(1, "1.5"), ROW + "is wrong (string or file could not be read"),
    "pixels as a quoted list": (with_row(pixels=SCAN), ROW + "is wrong (string or file could"),
    "label 7": (with_row(label="7"), ROW + "is wrong (emotion '7', Usage 'Training')"),
    "usage": (with_row(usage="Test"), ROW + "is wrong (emotion '0', Usage 'Test'); correct"),
    "more fields": (with_row(usage="Training,1"), ROW + "is wrong (4 fields, the header has 3)"),
    "endless row": (with_row(pixels="1 " * 50_000), ROW),
    "open quote": (with_row(pixels='"1 2'), "fer2013.csv: cannot be read (field larger than"),
    "cut row": (CSV[:-4000], f"row {len(TABLE)} (line {len(TABLE) + 1}): is wrong (2 fields"),
    "too many rows": (to_csv(TABLE + TABLE), "row 43 (line 44): is wrong (FER2013 has 42 rows)"),
    "empty": (b"", "is empty; download it again"),
    "header alone": (b"emotion,pixels,Usage\n", "the train split has no image of Angry, Disgusted"),
    "no header": (CSV.partition(b"\n")[2], HEADER),
    "train.csv": (b"emotion,pixels\n0,1 2 3\n", "or download fer2013.csv, which has all splits"),
    "binary": (bytes(range(256)) * 40, PACKED),
    "xz": (lzma.compress(CSV), PACKED),
    "UTF-16": (CSV.decode().encode("utf-16"), PACKED),
    "Git LFS pointer": (LFS, "is a Git LFS pointer, not the file itself; get it with git lfs pull"),
    "log-in page": (b"\xef\xbb\xbf\n\n  <!DOCTYPE html>\n<html><head>", PAGE),
    "an API's error": (b'\n{"code":403,"message":"Permission denied"}', PAGE),
    "no test split": (to_csv([row for row in TABLE if row[2] != "PrivateTest"]), "the test split"),
    "no disgust": (to_csv([r for r in TABLE if r[0] != "1"]), "has no image of Disgusted"),
    "cut gzip": (gzip.compress(CSV)[:-2000], CUT),
    "cut zip": (to_zip({"fer2013.csv": CSV})[:-2000], CUT),
    "encrypted zip": (encrypted(), "/fer2013.csv: cannot be read (File is encrypted, password"),
    "cut tar": (to_tar({"fer2013.csv": CSV})[:5000], CUT),
    "link in a tar": (linked(), "/fer2013.csv: cannot be read (\"linkname '../fer2013.csv' not fo"),
    "empty zip": (to_zip({}), "holds nothing instead of one data set"),
    "two csv": (to_zip({"a/fer2013.csv": CSV, "b/fer2013.csv": CSV}), "a/fer2013.csv, b/fer2013"),
    "empty folder": ({".gitkeep": b""}, "holds nothing instead of one data set"),
    "text for picture": (with_first(b"not a picture"), f"{FIRST}: cannot be read (cannot identify"),
    "empty picture": (with_first(b""), f"{FIRST}: is empty; download it again"),
    "LFS for picture": (with_first(LFS), f"{FIRST}: is a Git LFS pointer"),
    "cut png": (with_first(PICTURES[FIRST][:-500]), f"{FIRST}: cannot be read ("),
    "cut png in a zip": (with_first(PICTURES[FIRST][:-500], to_zip), f"/{FIRST}: cannot be read ("),
    "turned": (with_first(picture(GREY[1:])), f"{FIRST}: is 48 x 47 pixels, mode L, FER2013 has"),
    "colour": (with_first(picture(COLOURED, "RGB")), "mode RGB, FER2013 has grey ones of 48 x 48"),
    "gif": (with_first(picture(GREY, kind="GIF")), "cannot identify image file); restore or del"),
    "one unknown class": ({**PICTURES, "test/contempt/1.png": b""}, "test/contempt/1.png: lies in"),
    "all class folders unknown": (
        images(NOISE, True, tuple(f"{label}_x" for label in range(7))),
        ".png: lies in no class folder of train, validation or test; move or delete it, or "
        "rename a folder to one of angry, anger, 0, disgust",
    ),
    "text among pictures": ({**PICTURES, "test/happy/notes.txt": b"x"}, "notes.txt: cannot be re"),
    "no validation": (
        {name.replace("PublicTest_", "im"): content for name, content in PREFIXED.items()},
        "the name does not fit the folder",
    ),
    "swapped": ({**PICTURES, "validation/sad/PrivateTest_1.png": PICTURES[FIRST]}, "PrivateTest_1"),
    "missing class": (
        {name: content for name, content in PICTURES.items() if "test/sad" not in name},
        "the test split has no image of Sad where the official one has [491",
    ),
}


def refusal(path) -> str:
    """The message with which loading a path fails, after checking what all have in common."""
    with pytest.raises(DataError) as caught:
        data.load(path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(str(path))
    return message


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_named(case, tmp_path, monkeypatch):
    content, problem = CASES[case]
    monkeypatch.setattr("fer_lib.data.csv_file.MAX_ROWS", len(TABLE))
    name = "fer2013.csv" if isinstance(content, bytes) else "images"
    assert problem in refusal(write(tmp_path / name, content))


def test_nothing_there_and_dead_links_are_named(tmp_path):
    assert "cannot be read ([Errno 2] No such file" in refusal(tmp_path / "nothing.csv")
    assert "cannot be read (Could not determine home" in refusal("~nobody-of-this-name/fer2013.csv")
    path = write(tmp_path / "images", PICTURES)
    (path / FIRST).unlink()
    (path / FIRST).symlink_to("nowhere")
    assert f"No such file or directory: '{path}/{FIRST}'); make it readable" in refusal(path)


@pytest.mark.parametrize("locked", ["images", "images/test", "images/test/angry"])
def test_what_belongs_to_somebody_else_is_named(locked, tmp_path, monkeypatch):
    def scandir(folder, listed=os.scandir):
        if str(folder) == str(tmp_path / locked):
            raise PermissionError(13, "Permission denied", str(folder))
        return listed(folder)

    path = write(tmp_path / "images", PICTURES)
    monkeypatch.setattr(os, "scandir", scandir)
    assert f"Permission denied: '{tmp_path / locked}'); make it readable" in refusal(path)


@pytest.mark.parametrize("change", ["a row missing", "splits swapped"])
def test_nearly_fer2013_is_not_fer2013(change):
    counts = dict(data.OFFICIAL_COUNTS)
    if change == "a row missing":
        counts["test"] = [490, *counts["test"][1:]]
    else:
        counts["validation"], counts["test"] = counts["test"], counts["validation"]
    labels = np.concatenate([np.repeat(np.arange(7), counts[name]) for name in data.SPLITS])
    splits = np.repeat(np.arange(3), [sum(counts[name]) for name in data.SPLITS])
    pixels = np.broadcast_to(np.uint8(0), (len(labels), 48, 48, 1))
    with pytest.raises(DataError, match=r"^fer2013.csv: the (test|validation) split has \[49"):
        assemble(pixels, labels, splits, "fer2013.csv", "csv")
