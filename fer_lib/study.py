"""What the report consists of: ``runs/study.toml``, read by sweep, tables and book."""

import dataclasses
import tomllib
from dataclasses import dataclass
from pathlib import Path

from fer_lib import models, paths, recipes
from fer_lib.errors import ParameterError

GROUPS = {"cnns": models.CNNS, "pretrained": models.PRETRAINED}


@dataclass(frozen=True)
class Entry:
    """One run of the study: a model, the name of its recipe, a seed."""

    model: str
    recipe: str
    seed: int

    @property
    def name(self) -> str:
        """The run's name, as its folder has it."""
        return f"{self.model}-{self.recipe}"


def file(root: Path = paths.RUNS) -> Path:
    """The description of a folder of runs: its own ``study.toml``, or else the checkout's."""
    own = Path(root) / "study.toml"
    return own if own.exists() else paths.ROOT / "runs" / "study.toml"


def fillings(entry: Entry) -> list[Entry]:
    """What can fill an entry's place, best first: itself, then ``Recipe.counts_as`` its recipe."""
    others = (name for name, one in recipes.RECIPES.items() if one.counts_as == entry.recipe)
    return [entry, *(dataclasses.replace(entry, recipe=name) for name in others)]


def entries(path: Path | None = None) -> list[Entry]:
    """The runs of the study, in the order of the file.

    Args:
        path: a study file; None for that of the folder that the report reads.

    Raises:
        ParameterError: the file is missing or malformed, or names an unknown model or recipe.
    """
    path = path or file()
    try:
        tables = tomllib.loads(Path(path).read_text(encoding="utf-8"))["runs"]
        found = [
            entry
            for number, table in enumerate(tables, 1)
            for entry in _expand(table, path, number)
        ]
    except OSError as error:
        raise ParameterError(f"{path}: cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise ParameterError(f"{path}: needs [[runs]] tables; {error}") from None
    if not found:
        raise ParameterError(f"{path}: names no run; add a [[runs]] table")
    return found


def _expand(table: dict, path: Path, number: int) -> list[Entry]:
    """The entries of one ``[[runs]]`` table."""
    if set(table) != {"models", "recipe", "seeds"}:
        raise ParameterError(f"{path}: table {number} needs exactly models, recipe and seeds")
    group = table["models"]
    if isinstance(group, str) and group not in GROUPS:
        raise ParameterError(
            f"{path}: table {number}: models is {group!r}; write {' or '.join(GROUPS)} or a list"
        )
    if not isinstance(table["recipe"], str):
        raise ParameterError(f"{path}: table {number}: recipe must be a name")
    names = list(GROUPS[group]) if isinstance(group, str) else group
    if not isinstance(names, list) or not names:
        raise ParameterError(f"{path}: table {number}: models must be a list of names")
    try:
        for name in names:
            models.check_name(name)
            models.check_recipe(name, recipes.get(table["recipe"]))
    except ParameterError as error:
        raise ParameterError(f"{path}: table {number}: {error}") from None
    seeds = table["seeds"]
    if not isinstance(seeds, list) or not all(type(seed) is int and seed >= 0 for seed in seeds):
        raise ParameterError(f"{path}: table {number}: seeds must be a list of whole numbers")
    return [Entry(name, table["recipe"], seed) for name in names for seed in seeds]
