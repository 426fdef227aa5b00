"""FER2013 from the files that people have to arrays in the official split.

:func:`choose` or :func:`load` gives a :class:`Dataset`; :func:`audit` counts copies and
conflicts; :mod:`fer_lib.data.record` keeps what the report says about the data;
:mod:`fer_lib.data.votes` reads the FER+ votes.
"""

# ruff: noqa: F401

from fer_lib.data.auditing import audit
from fer_lib.data.choosing import choose
from fer_lib.data.dataset import EMOTIONS, FER2013, OFFICIAL_COUNTS, SPLITS, Dataset, Split
from fer_lib.data.dataset import fingerprint as fingerprint
from fer_lib.data.loading import load
from fer_lib.data.votes import read_votes
