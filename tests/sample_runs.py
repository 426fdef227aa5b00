"""Run folders of any name that hold what a committed run holds, for tests of what reads them."""

import copy
import functools
from pathlib import Path

from fer_lib import paths, runs

COMMITTED = paths.RUNS / "model2-fast" / "seed1"


@functools.cache
def committed() -> runs.Run:
    return runs.read(COMMITTED)


def write_sample_run(root: Path, model: str, recipe: str = "original", seed: int = 0) -> runs.Run:
    """Writes the run folder of a model, a recipe and a seed."""
    run, own = committed(), {"name": f"{model}-{recipe}", "model": model, "seed": seed}
    folder = runs.folder(root, own["name"], seed)
    return runs.write(folder, copy.deepcopy(run.info) | own, run.history, run.predictions)
