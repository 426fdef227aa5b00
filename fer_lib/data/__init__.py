"""FER2013 from the files that people have to arrays in the official split.

:func:`choose` or :func:`load` gives a :class:`Dataset`; :func:`fetch` gets the file;
:func:`audit` counts copies and conflicts; :mod:`fer_lib.data.record` keeps what the report says
about the data; :mod:`fer_lib.data.votes` reads the FER+ votes.
"""

from fer_lib.data.auditing import audit as audit
from fer_lib.data.choosing import choose as choose
from fer_lib.data.choosing import fetch as fetch
from fer_lib.data.dataset import EMOTIONS as EMOTIONS
from fer_lib.data.dataset import FER2013 as FER2013
from fer_lib.data.dataset import IMAGE_SHAPE as IMAGE_SHAPE
from fer_lib.data.dataset import OFFICIAL_COUNTS as OFFICIAL_COUNTS
from fer_lib.data.dataset import SPLITS as SPLITS
from fer_lib.data.dataset import Dataset as Dataset
from fer_lib.data.dataset import Split as Split
from fer_lib.data.dataset import class_weights as class_weights
from fer_lib.data.dataset import fingerprint as fingerprint
from fer_lib.data.loading import load as load
from fer_lib.data.votes import read_votes as read_votes
