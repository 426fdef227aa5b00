"""Where things are: the only module that knows the layout of the checkout."""

import os
from pathlib import Path

#: The checkout's root folder.
ROOT = Path(__file__).resolve().parent.parent

#: Run folders that the report reads; the environment variable FER_RUNS points elsewhere.
RUNS = Path(os.environ.get("FER_RUNS") or ROOT / "runs").resolve()

#: Parsed data sets; safe to delete. The environment variable FER_CACHE points elsewhere.
CACHE = Path(os.environ.get("FER_CACHE") or ROOT / ".cache").resolve()
