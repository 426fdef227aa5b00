"""The lock that a process holds on the run that it trains; the system frees it in any case.

On a file system without locks filelock makes do with a file, which a killed process leaves behind.
"""

import errno
from pathlib import Path

import filelock


def lock(scratch: Path) -> filelock.FileLock:
    """The lock of the run whose checkpoints lie in ``scratch``."""
    return filelock.FileLock(scratch.with_name(scratch.name + ".lock"))


def is_held(scratch: Path) -> bool:
    """Whether some process is training the run now."""
    found = lock(scratch)
    if not Path(found.lock_file).exists():
        return False
    try:
        with found.acquire(timeout=0):
            return False
    except filelock.Timeout:
        return True
    except OSError as error:
        # Nobody trains on a read-only disk; behind another user's lock somebody may.
        return error.errno != errno.EROFS
