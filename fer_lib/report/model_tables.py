"""Tables of the models and of the recipes that train them."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from fer_lib import recipes
from fer_lib.report.exhibits import Table, percent, table
from fer_lib.report.results import Results, title


def layers(rows: Iterable[dict[str, Any]]) -> Table:
    """Layers as ``models.architecture.layers`` gives them."""
    shown = {}
    for layer in rows:
        row = shown[layer["name"]] = {"type": layer["type"]}
        row["output"] = " × ".join(map(str, layer["output_shape"]))
        row["parameters"] = f"{layer['parameters']:,}"
        row["multiply-adds"] = f"{layer['multiply_adds']:,}"
    return table(shown, stacks=False)


def sizes(results: Results) -> Table:
    """Parameters and multiply-adds of each model that has a run."""
    rows = {}
    for run in {one.model: one for one in results.runs}.values():
        found = pd.DataFrame(run.info["layers"])
        parameters, total = found["parameters"], found["parameters"].sum()
        rows[title(run.model)] = {
            "parameters": f"{total:,}",
            "in dense layers, %": percent(parameters[found["type"] == "Dense"].sum() / total),
            "multiply-adds, million": f"{run.info['multiply_adds'] / 1e6:,.1f}",
        }
    return table(rows)


def recipe_list(results: Results) -> Table:
    """The recipes of the study: which earlier one each is most like, and in what it differs."""
    rows, known = {}, []
    for name in dict.fromkeys(entry.recipe for entry in results.entries):
        recipe = recipes.get(name)
        base = min(known, key=lambda one: len(_changes(recipe, one)), default=recipe)
        changes = ", ".join(_changes(recipe, base)) or "–"
        rows[name] = {"like": base.name if known else "–", "but with": changes}
        known.append(recipe)
    return table(rows)


def _changes(recipe: recipes.Recipe, base: recipes.Recipe) -> list[str]:
    """In what a recipe differs from another."""
    silent = ("name", "expected", "all_answers")
    values = {k: v for k, v in vars(recipe).items() if k not in silent and v != vars(base)[k]}
    words = {key: key.replace("_", " ") for key in values}
    return [
        words[key] if value is True else f"{words[key]} {value}" if value else f"no {words[key]}"
        for key, value in values.items()
    ]
