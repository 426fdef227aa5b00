"""Which data is used, and how fetching fails."""

import sys
import types

import pytest
from data_samples import dataset, rows, to_csv

from fer_lib import data, paths
from fer_lib.errors import DataError

NOISE = dataset()


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(paths, "CACHE", tmp_path / ".cache")
    monkeypatch.delenv("FER_DATA", raising=False)
    return tmp_path


@pytest.fixture
def faces(monkeypatch):
    """Stands for the demo faces."""
    import fer_lib

    module = types.ModuleType("fer_lib.faces")
    module.dataset = lambda: "demo faces"
    monkeypatch.setitem(sys.modules, "fer_lib.faces", module)
    monkeypatch.setattr(fer_lib, "faces", module, raising=False)


def write(path, seed: int):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(to_csv(rows(dataset(seed))))
    return path


def test_the_order_of_choice(root, faces, monkeypatch):
    assert data.choose() == "demo faces"
    (root / "data").mkdir()
    (root / "data" / ".gitkeep").touch()
    assert data.choose("") == "demo faces"
    write(root / "data" / "fer2013.csv", seed=1)
    assert data.choose().fingerprint == dataset(1).fingerprint
    monkeypatch.setenv("FER_DATA", str(write(root / "variable.csv", seed=2)))
    assert data.choose().fingerprint == dataset(2).fingerprint
    explicit = write(root / "explicit.csv", seed=3)
    assert data.choose(explicit).fingerprint == dataset(3).fingerprint


def test_what_was_chosen_and_fails_is_not_passed_over(root, faces, monkeypatch):
    write(root / "data" / "fer2013.csv", seed=1).write_bytes(b"")
    with pytest.raises(DataError, match="is empty"):
        data.choose()
    monkeypatch.setenv("FER_DATA", str(root / "nothing"))
    with pytest.raises(DataError, match=r"^FER_DATA: .*nothing: does not exist"):
        data.choose()


def kagglehub(monkeypatch, download):
    module = types.ModuleType("kagglehub")
    module.dataset_download = download
    monkeypatch.setitem(sys.modules, "kagglehub", module)


def test_fetch_returns_the_file(root, monkeypatch):
    path = write(root / "downloads" / "fer2013.csv", seed=0)
    kagglehub(monkeypatch, lambda handle: str(path.parent))
    assert data.load(data.fetch()).fingerprint == NOISE.fingerprint


@pytest.mark.parametrize(
    "error",
    [ConnectionError("no\nnetwork"), RuntimeError("\n\n403 Client Error.\n\nNo permission")],
)
def test_fetch_says_what_to_do_by_hand(error, root, monkeypatch):
    def fail(handle):
        raise error

    kagglehub(monkeypatch, fail)
    with pytest.raises(DataError) as caught:
        data.fetch()
    message = str(caught.value)
    assert "\n" not in message
    assert "download fer2013.csv by hand from https://www.kaggle.com/datasets/" in message
    assert str(root / "data") in message


def test_fetch_without_kagglehub_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    with pytest.raises(DataError, match="kagglehub is not installed"):
        data.fetch()


def test_importing_the_package_loads_no_backend():
    import subprocess

    code = (
        "import sys, fer_lib.data, fer_lib.data.record; "
        "print([m for m in ('keras', 'tensorflow', 'jax', 'torch', 'sklearn', 'kagglehub') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
