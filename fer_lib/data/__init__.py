"""FER2013 from the files people have to arrays in the official split."""

from fer_lib.data.dataset import (
    EMOTIONS,
    FER2013,
    SPLITS,
    Dataset,
    Split,
    class_weights,
    fingerprint,
)
from fer_lib.data.loading import load

__all__ = [
    "EMOTIONS",
    "FER2013",
    "SPLITS",
    "Dataset",
    "Split",
    "class_weights",
    "fingerprint",
    "load",
]
