"""Fixtures that several test modules share."""

import os

# Before TensorFlow is imported: it greets with a page of lines otherwise.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import pytest
import tiny

from fer_lib import models


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Keeps tests out of the user's cache; the folder of parsed data."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "fer_lib" / "data"


@pytest.fixture
def tiny_model(monkeypatch):
    """Makes the tiny model one of the study's."""
    monkeypatch.setitem(models.MODELS, tiny.NAME, tiny.model)
    return tiny.NAME


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    """An uninterrupted run by a recipe with all there is. Do not write to it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(models.MODELS, tiny.NAME, tiny.model)
        return tiny.train(tmp_path_factory.mktemp("whole"), tiny.FULL)
