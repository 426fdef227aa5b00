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


def test_a_dead_link_at_data_is_refused_and_not_replaced_by_the_demo(root):
    (root / "data").symlink_to("nowhere")
    with pytest.raises(DataError, match=f"^{root}/data: cannot be read .*No such file"):
        data.choose()
