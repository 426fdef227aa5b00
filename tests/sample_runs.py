"""Run folders of any name that hold what a committed run holds, for tests of what reads them."""

from pathlib import Path

from fer_lib import paths, runs

COMMITTED = paths.RUNS / "model2-fast" / "seed1"


def write_sample_run(root: Path, model: str, recipe: str = "original", seed: int = 0) -> runs.Run:
    """Writes the run folder of a model, a recipe and a seed."""
    run = runs.read(COMMITTED)
    run.info.update(name=f"{model}-{recipe}", model=model, seed=seed)
    folder = runs.folder(root, run.name, seed)
    return runs.write(folder, run.info, run.history, run.predictions)
