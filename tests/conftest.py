"""Fixtures that several test modules share."""

import os

# Before TensorFlow is imported: it greets with a page of lines otherwise.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import pytest
import tiny

from fer_lib import models


@pytest.fixture(scope="session")
def tiny_dataset():
    return tiny.dataset()


@pytest.fixture
def tiny_model(monkeypatch):
    """Makes the tiny model one of the study's."""
    monkeypatch.setitem(models.MODELS, tiny.NAME, tiny.model)
    return tiny.NAME
