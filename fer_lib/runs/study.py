"""What the report consists of: ``runs/study.toml``, read by Snakefile, tables and book."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
    group: str = field(default="", compare=False)

    def __post_init__(self):
        if not self.group:
            object.__setattr__(self, "group", self.recipe)

    @property
    def name(self) -> str:
        """The run's name, as its folder has it."""
        return f"{self.model}-{self.recipe}"


def page_name(entry: Entry) -> str:
    """File name of an entry's executed notebook, which is its page in the book."""
    return f"{entry.name}-seed{entry.seed}.ipynb"


def file(root: Path) -> Path:
    """The study of a folder of runs: its own ``study.toml``, or else the checkout's."""
    own = Path(root) / "study.toml"
    return own if own.exists() else paths.ROOT / "runs" / "study.toml"


def entries(path: Path | None = None) -> list[Entry]:
    """The runs of the study, each once, in the order of the file.

    Args:
        path: a study file; None for that of the folder that the report reads.

    Raises:
        ParameterError: the file is missing or malformed, or names an unknown model or recipe.
    """
    path = Path(path or file(paths.RUNS))
    where = str(path)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        if unknown := sorted(content.keys() - {"runs", "groups"}):
            raise ParameterError(f"unknown name {unknown[0]!r}; write [[runs]] or [groups]")
        groups = _groups(content.get("groups", {}))
        found = []
        for number, table in enumerate(content["runs"], 1):
            where = f"{path}: table {number}"
            found += _entries(table, groups)
    except ParameterError as error:
        raise ParameterError(f"{where}: {error}") from None
    except OSError as error:
        raise ParameterError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        reason = f"needs [[runs]] tables with {', '.join(KEYS)}"
        raise ParameterError(f"{where}: {reason} ({files.one_line(error)})") from None
    if not found:
        raise ParameterError(f"{path}: names no run; add a [[runs]] table")
    return list(dict.fromkeys(found))


def _groups(table: dict[str, list[str]]) -> dict[str, str]:
    """The group of each recipe that is in one."""
    found: dict[str, str] = {}
    for group, members in table.items():
        for recipe in members:
            if found.setdefault(recipes.get(recipe).name, group) != group:
                raise ParameterError(f"recipe {recipe!r} is in two groups; leave it in one")
    return found


def _entries(table: dict[str, Any], groups: dict[str, str]) -> list[Entry]:
    """The entries of one ``[[runs]]`` table."""
    if set(table) != set(KEYS):
        raise ParameterError(f"needs exactly {', '.join(KEYS)}")
    names, recipe, seeds = (table[key] for key in KEYS)
    names = list(models.CNNS) if names == "cnns" else names
    for key, value in (("models", names), ("seeds", seeds)):
        if not isinstance(value, list) or not value:
            raise ParameterError(f"{key} must be a list with at least one in it")
    for name in names:
        models.check_name(name)
        models.check_recipe(name, recipes.get(recipe))
    if not all(type(seed) is int and 0 <= seed < SEEDS for seed in seeds):
        raise ParameterError(f"seeds must be whole numbers from 0 to {SEEDS - 1}")
    group = groups.get(recipe, recipe)
    return [Entry(name, recipe, seed, group) for name in names for seed in seeds]
