"""Which data is used."""

import pytest
from data_samples import dataset, rows, to_csv, write

from fer_lib import data, faces, paths
from fer_lib.errors import DataError

NOISE = dataset()


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(faces, "dataset", lambda: "demo faces")
    monkeypatch.delenv("FER_DATA", raising=False)
    return tmp_path


def csv(path, seed: int):
    return write(path, to_csv(rows(dataset(seed))))


def test_the_order_of_choice(root, monkeypatch):
    assert data.choose() == "demo faces"
    write(root / "data", {".gitkeep": b"", "Thumbs.db": b""})
    assert data.choose("") == "demo faces"
    csv(root / "data" / "fer2013.csv", seed=1)
    assert data.choose().fingerprint == dataset(1).fingerprint
    assert data.choose("demo") == "demo faces"
    monkeypatch.setenv("HOME", str(csv(root / "variable.csv", seed=2).parent))
    monkeypatch.setenv("FER_DATA", "~/variable.csv")
    assert data.choose().fingerprint == dataset(2).fingerprint
    explicit = csv(root / "explicit.csv", seed=3)
    assert data.choose(explicit).fingerprint == dataset(3).fingerprint
    monkeypatch.setenv("FER_DATA", str(root / "nothing"))
    with pytest.raises(DataError, match=r"nothing: cannot be read .*give another path"):
        data.choose()


def locked(path):
    def scandir(folder):
        raise PermissionError(13, "Permission denied", str(folder))

    path.mkdir()
    return scandir


#: What may stand at ``data`` in place of a folder with a data set, and the message about it.
IN_PLACE_OF_DATA = {
    "a dead link": (lambda path: path.symlink_to("nowhere"), "No such file"),
    "a link to itself": (lambda path: path.symlink_to(path), "Too many levels of symbolic links"),
    "a plain file": (lambda path: path.write_bytes(b""), "is empty"),
    "a folder of other files": (lambda path: write(path, {"a.txt": b"x"}), "the header is 'x'"),
    "somebody else's folder": (locked, "Permission denied"),
}


@pytest.mark.parametrize("kind", IN_PLACE_OF_DATA)
def test_what_exists_at_data_is_loaded_or_refused(kind, root, monkeypatch):
    make, problem = IN_PLACE_OF_DATA[kind]
    scandir = make(root / "data")
    if callable(scandir):
        monkeypatch.setattr("os.listdir", scandir)
        monkeypatch.setattr("os.scandir", scandir)
    with pytest.raises(DataError) as caught:
        data.choose()
    assert str(caught.value).startswith(str(root / "data"))
    assert problem in str(caught.value)
