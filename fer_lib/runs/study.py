"""What the report consists of: ``runs/study.toml``, read by sweep, tables and book."""

import dataclasses
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fer_lib import files, models, paths, recipes, runs
from fer_lib.errors import ParameterError

GROUPS = {"cnns": models.CNNS, "pretrained": models.PRETRAINED}
#: What a ``[[runs]]`` table has.
KEYS = ("models", "recipe", "seeds")
#: As many as the training notebook takes: those of 32 bits.
SEEDS = 2**32


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
    """The description of a folder of runs: its own ``study.toml``, or else the checkout's.

    Raises:
        RunError: ``root`` is no folder.
    """
    runs.check_root(root)
    own = Path(root) / "study.toml"
    is_there = own.exists() or own.is_symlink()  # Reading a dead link says that it is one.
    return own if is_there else paths.ROOT / "runs" / "study.toml"


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
    found = [
        entry
        for number, table in enumerate(_tables(Path(path)), 1)
        for entry in _expand(table, f"{path}: table {number}")
    ]
    if not found:
        raise ParameterError(f"{path}: names no run; add a [[runs]] table")
    return found


def _tables(path: Path) -> list[dict[str, Any]]:
    """The ``[[runs]]`` tables of a study file, which has nothing else."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ParameterError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        message = f"{path}: needs [[runs]] tables; {files.one_line(error)}"
        raise ParameterError(message) from None
    for name, value in content.items():
        if name != "runs":
            kind = "table" if isinstance(value, dict | list) else "key"
            raise ParameterError(f"{path}: unknown {kind} {name!r}; write [[runs]]")
    tables = content.get("runs")
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ParameterError(f"{path}: needs [[runs]] tables with {', '.join(KEYS)}")
    return tables


def _expand(table: dict[str, Any], where: str) -> list[Entry]:
    """The entries of one ``[[runs]]`` table; errors begin with where it stands."""
    if set(table) != set(KEYS):
        raise ParameterError(f"{where} needs exactly models, recipe and seeds")
    names, recipe, seeds = _names(table["models"], where), table["recipe"], table["seeds"]
    if not isinstance(recipe, str):
        raise ParameterError(f"{where}: recipe must be a name")
    try:
        for name in names:
            models.check_name(name)
            models.check_recipe(name, recipes.get(recipe))
    except ParameterError as error:
        raise ParameterError(f"{where}: {error}") from None
    if not isinstance(seeds, list) or not seeds or not all(map(_is_seed, seeds)):
        raise ParameterError(
            f"{where}: seeds must be a list of whole numbers from 0 to {SEEDS - 1}, with at least "
            "one in it"
        )
    return [Entry(name, recipe, seed) for name in names for seed in seeds]


def _names(chosen: Any, where: str) -> list[str]:
    """The models that a table's ``models`` means."""
    if isinstance(chosen, str):
        if chosen not in GROUPS:
            groups = " or ".join(GROUPS)
            raise ParameterError(f"{where}: models is {chosen!r}; write {groups} or a list")
        return list(GROUPS[chosen])
    if (
        not isinstance(chosen, list)
        or not chosen
        or not all(isinstance(name, str) for name in chosen)
    ):
        raise ParameterError(f"{where}: models must be a list of names")
    return chosen


def _is_seed(value: Any) -> bool:
    return type(value) is int and 0 <= value < SEEDS
