"""Runs in bfloat16: which rows of the tables they make, and whether they differ from float32's."""

import pandas as pd

from fer_lib.report import markup
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


def pairs(report: Report) -> list[tuple[Run, Run]]:
    """Runs of the same model and seed, on the same images, in float32 and in another format."""
    found = {(run.model, run.recipe["name"], run.seed): run for run in report.runs}
    return [
        (plain, run)
        for run in report.runs
        if (plain := found.get((run.model, run.recipe.get("counts_as"), run.seed)))
        and all(same_images([plain, run], split) for split in SPLITS)
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
    for plain, short in pairs(report):
        row = {}
        for split in SPLITS:
            difference = gain([short], [plain], split)
            for run in (plain, short):
                accuracy = run.info["metrics"][split]["accuracy"]
                row[split, precision(run)] = markup.number(100 * accuracy, 1)
            row[split, "difference"] = _with_interval(difference)
        rows[f"{model_title(plain.model)}, seed {plain.seed}"] = row
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return markup.table(
        frame,
        "Accuracy in percent after the last epoch in both formats; the difference in points with "
        "its 95 % interval.",
    )


def sentence(report: Report) -> str:
    """What the pairs show."""
    found = [
        (f"{model_title(plain.model)}'s on the {split} images", gain([short], [plain], split))
        for plain, short in pairs(report)
        for split in SPLITS
    ]
    if not found:
        return "No run of the study has been made in both formats yet, so nothing can be compared."
    inside = sum(difference.low <= 0 <= difference.high for _, difference in found)
    whose, largest = max(found, key=lambda one: abs(one[1].value))
    return (
        "Rounding makes the two runs of a pair part ways as two seeds do, so a difference need not "
        f"come from the format. {inside} of the {len(found)} intervals include zero; the largest "
        f"difference is {whose}, {markup.points(largest.value)} points."
    )


def _with_interval(difference: Gain) -> str:
    ends = f"{markup.points(difference.low)} to {markup.points(difference.high)}"
    return f"{markup.points(difference.value)} ({ends})"
