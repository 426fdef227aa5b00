"""Runs in bfloat16: which rows of the tables they make, and whether they differ from float32's."""

import pandas as pd

from fer_lib.report import markup
from fer_lib.report.accuracies import accuracies
from fer_lib.report.comparison import Gain, gain, same_images
from fer_lib.report.naming import model_title
from fer_lib.report.selection import Report
from fer_lib.runs import SPLITS, Run

#: A run's precision for the reader.
SHORT = {"float32": "float32", "mixed_bfloat16": "bfloat16"}


def precision(run: Run) -> str:
    """The format that a run computed in."""
    policy = run.recipe.get("precision", "float32")
    return SHORT.get(policy, policy)


def groups(report: Report) -> list[tuple[list[Run], list[Run]]]:
    """The runs of a model in float32, and those that are the same in another format.

    Runs on other images than the first are left out.
    """
    found: dict[tuple[str, str], tuple[list[Run], list[Run]]] = {}
    for run in report.runs:
        name, counts_as = run.recipe["name"], run.recipe.get("counts_as")
        sides = found.setdefault((run.model, counts_as or name), ([], []))
        sides[bool(counts_as)].append(run)
    return [
        (plain, short)
        for plain, short in found.values()
        if plain and short and all(same_images(plain + short, split) for split in SPLITS)
    ]


def formats(report: Report) -> str:
    """Which models of the main recipe computed in which format; "" if all did in float32."""
    models = {}
    for model in report.models:
        used = dict.fromkeys(precision(run) for run in report.seeds(model))
        if used:
            models.setdefault(markup.join(used), []).append(model_title(model))
    if set(models) <= {"float32"}:
        return ""
    parts = (f"{markup.join(names)} computed in {used}" for used, names in models.items())
    return f"{'; '.join(parts)}."


def table(report: Report):
    """Both formats side by side, and the difference with its interval."""
    rows = {}
    for plain, short in groups(report):
        row = {}
        for split in SPLITS:
            for runs in (plain, short):
                values = accuracies(runs, split)
                row[split, precision(runs[0])] = markup.mean_spread(values, 1, 100)
            row[split, "difference"] = _with_interval(gain(short, plain, split))
        rows[f"{model_title(plain[0].model)}, {len(plain)} and {len(short)} seeds"] = row
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return markup.table(
        frame,
        "Accuracy in percent after the last epoch in both formats; the difference in points with "
        "its 95 % interval.",
    )


def sentence(report: Report) -> str:
    """What the table shows."""
    found = [
        (f"{model_title(plain[0].model)}'s on the {split} images", gain(short, plain, split))
        for plain, short in groups(report)
        for split in SPLITS
    ]
    if not found:
        return "No model has been trained in both formats yet, so nothing can be compared."
    inside = sum(difference.low <= 0 <= difference.high for _, difference in found)
    whose, largest = max(found, key=lambda one: abs(one[1].value))
    return (
        f"{inside} of the {len(found)} intervals include zero; the largest difference is {whose}, "
        f"{markup.points(largest.value)} points."
    )


def _with_interval(difference: Gain) -> str:
    ends = f"{markup.points(difference.low)} to {markup.points(difference.high)}"
    return f"{markup.points(difference.value)} ({ends})"
