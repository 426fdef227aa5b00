"""Folders of runs for tests of the report: the committed ones, or some of them."""

import functools
import shutil
from pathlib import Path

from fer_lib import paths
from fer_lib.report import results

STUDY = '[groups]\noriginal = ["original", "original-bfloat16"]\n'
TABLE = '[[runs]]\nmodels = ["{}"]\nrecipe = "{}"\nseeds = {}\n'


@functools.cache
def committed():
    """The committed study, read once for all tests."""
    return results.load(paths.ROOT / "runs")


def some(root: Path, *wanted: tuple[str, str, list[int]]) -> Path:
    """A folder with a study of these models, recipes and seeds, and the committed runs of them."""
    root.mkdir(parents=True)
    (root / "study.toml").write_text(STUDY + "".join(TABLE.format(*one) for one in wanted))
    for model, recipe, seeds in wanted:
        for seed in seeds:
            source = paths.ROOT / "runs" / f"{model}-{recipe}" / f"seed{seed}"
            if source.exists():
                shutil.copytree(source, root / f"{model}-{recipe}" / f"seed{seed}")
    return root
