"""FER2013 from the files that people have to arrays in the official split.

:func:`choose` or :func:`load` gives a :class:`Dataset`; :func:`fetch` gets the file;
:func:`audit` counts copies and conflicts; :mod:`fer_lib.data.record` keeps what the report says
about the data; :mod:`fer_lib.data.votes` reads the FER+ votes.
"""

from fer_lib.data.auditing import audit
from fer_lib.data.choosing import choose
from fer_lib.data.dataset import (
    EMOTIONS,
    FER2013,
    SPLITS,
    Dataset,
    Split,
    class_weights,
    fingerprint,
)
from fer_lib.data.fetching import fetch
from fer_lib.data.loading import load
from fer_lib.data.votes import read_votes

__all__ = [
    "EMOTIONS",
    "FER2013",
    "SPLITS",
    "Dataset",
    "Split",
    "audit",
    "choose",
    "class_weights",
    "fetch",
    "fingerprint",
    "load",
    "read_votes",
]
