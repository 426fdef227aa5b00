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
    for run in results.runs:
        if title(run.model) in rows:
            continue
        found = pd.DataFrame(run.info["layers"])
        parameters, total = found["parameters"], found["parameters"].sum()
        rows[title(run.model)] = {
            "parameters": f"{total:,}",
            "in dense layers, %": percent(parameters[found["type"] == "Dense"].sum() / total),
            "multiply-adds, million": f"{run.info['multiply_adds'] / 1e6:,.1f}",
        }
    return table(rows)


def recipe_list(results: Results) -> Table:
    """The recipes of the study: in what each differs from the first."""
    names = dict.fromkeys(entry.recipe for entry in results.entries)
    first, *others = [recipes.get(name) for name in names]
    rows = {}
    for recipe, base in [(first, recipes.Recipe("plain")), *((other, first) for other in others)]:
        changed = [
            key.replace("_", " ") + ("" if value is True else f" {value}")
            for key, value in vars(recipe).items()
            if key not in ("name", "expected") and value != vars(base)[key]
        ]
        rows[recipe.name] = {"differs from the first by": ", ".join(changed) or "–"}
    return table(rows)
