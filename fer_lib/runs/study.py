"""What the report consists of: ``runs/study.toml``, read by Snakefile, tables and book."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from fer_lib import files, models, paths, recipes
from fer_lib.errors import ParameterError

KEYS = ("models", "recipe", "seeds")
#: NumPy's and Keras's seeds have 32 bits.
SEEDS = 2**32


@dataclass(frozen=True)
class Entry:
    """One run of the study.

    Attributes:
        model: a key of ``models.MODELS``.
        recipe: a key of ``recipes.RECIPES``.
        seed: a whole number of up to 32 bits.
        group: all runs of a model by the recipes of one group count together; the recipe itself
            where the study file names none.
    """

    model: str
    recipe: str
    seed: int
    group: str = field(compare=False)

    @property
    def name(self) -> str:
        """The run's name, as its folder has it."""
        return f"{self.model}-{self.recipe}"


def file(root: Path) -> Path:
    """The study of a folder of runs: its own ``study.toml``, or else the checkout's."""
    own = Path(root) / "study.toml"
    return own if own.exists() else paths.ROOT / "runs" / "study.toml"


def check(model: str, recipe: recipes.Recipe, seed: int) -> None:
    """Raises ParameterError if there can be no such run."""
    models.check_name(model)
    models.check_recipe(model, recipe)
    if type(seed) is not int or not 0 <= seed < SEEDS:
        raise ParameterError(f"seed {seed!r} is no whole number from 0 to {SEEDS - 1}")


def entries(path: Path) -> list[Entry]:
    """The runs of the study, each once, in the order of the file.

    Args:
        path: a study file.

    Raises:
        ParameterError: the file is missing or malformed, or names an unknown model or recipe.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        unknown = set(content) - {"runs", "groups"} | {key for t in content["runs"] for key in t}
        if unknown := sorted(unknown - set(KEYS)):
            raise ValueError(f"unknown name {unknown[0]!r}")
        groups = {one: name for name, all_ in content.get("groups", {}).items() for one in all_}
        found = [
            Entry(model, table["recipe"], seed, groups.get(table["recipe"], table["recipe"]))
            for table in content["runs"]
            for model in (models.CNNS if table["models"] == "cnns" else table["models"])
            for seed in table["seeds"]
        ]
        for one in found:
            check(one.model, recipes.get(one.recipe), one.seed)
        if not found:
            raise ValueError("it names no run")
    except Exception as error:
        raise ParameterError(
            f"{path}: {files.one_line(error)}; write [[runs]] tables, each with {', '.join(KEYS)}"
        ) from None
    return list(dict.fromkeys(found))
