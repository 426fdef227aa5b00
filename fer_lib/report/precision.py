"""Runs in bfloat16: which rows of the tables they make, and whether they differ from float32's."""

from collections.abc import Callable
from itertools import chain

import numpy as np
import pandas as pd

from fer_lib.report import markup
from fer_lib.report.accuracies import accuracies
from fer_lib.report.comparison import Gain, gain, same_images
from fer_lib.report.intervals import LEVEL
from fer_lib.report.naming import model_title
from fer_lib.report.selection import Report
from fer_lib.runs import SPLITS, Run

#: Keras's backends for the reader.
BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}
#: The format of the original report.
PLAIN = "float32"
#: Recipes in bfloat16 that are compared with the original one in bfloat16.
CONTROLLED = ("class-weights", "l2-small", "l2-middle")
#: A run's precision for the reader.
SHORT = {PLAIN: PLAIN, "mixed_bfloat16": "bfloat16"}


def precision(run: Run) -> str:
    """The format that a run computed in."""
    policy = run.recipe.get("precision", PLAIN)
    return SHORT.get(policy, policy)


def groups(report: Report) -> list[tuple[list[Run], list[Run]]]:
    """The study's runs of a model in float32, and those that are the same in another format.

    Runs on other images than the first are left out.
    """
    outside = {run.folder for run in report.others}
    found: dict[tuple[str, str], tuple[list[Run], list[Run]]] = {}
    for run in report.runs:
        if run.folder not in outside:
            name, counts_as = run.recipe["name"], run.recipe.get("counts_as")
            sides = found.setdefault((run.model, counts_as or name), ([], []))
            first = next(chain(*sides), run)
            if all(same_images([first, run], split) for split in SPLITS):
                sides[bool(counts_as)].append(run)
    return [(plain, short) for plain, short in found.values() if plain and short]


def formats(report: Report) -> str:
    """What the main recipe's runs computed in and with; "" if all alike and in float32."""
    groups: dict[tuple, dict[str, list[int]]] = {}
    for model in report.models:
        for run in report.seeds(model):
            seeds = groups.setdefault(_made_with(run), {})
            seeds.setdefault(model_title(model), []).append(run.seed)
    if len(groups) < 2 and all(used[0] == PLAIN for used in groups):
        return ""
    parts = (
        f"{markup.join(_with_seeds(seeds))} computed in {used} with {backend} on {device}"
        for (used, backend, device), seeds in groups.items()
    )
    return f"{'; '.join(parts)}."


def _made_with(run: Run) -> tuple[str, str, str]:
    devices = ("a CPU" if device == "CPU" else device for device in run.devices)
    return precision(run), BACKENDS.get(run.info["backend"], "?"), ", then ".join(devices)


def _with_seeds(seeds: dict[str, list[int]]) -> list[str]:
    """Models with the same seeds stand together: "Model 1 and Model 3 (seed 0)"."""
    alike: dict[tuple[int, ...], list[str]] = {}
    for title, numbers in seeds.items():
        alike.setdefault(tuple(numbers), []).append(title)
    return [
        f"{markup.join(titles)} ({'seed' if len(numbers) == 1 else 'seeds'} "
        f"{markup.join(map(str, numbers))})"
        for numbers, titles in alike.items()
    ]


def table(report: Report):
    """Both formats side by side, and the difference with its interval."""
    rows = {}
    for plain, short in groups(report):
        row = {}
        for split in SPLITS:
            for runs in (plain, short):
                values = accuracies(runs, split)
                row[split, precision(runs[0])] = markup.mean_spread(values, 1, 100)
            row[split, "difference"] = _with_interval(
                gain(short, plain, split, others=report.seeds_by_model)
            )
        rows[f"{model_title(plain[0].model)}, {len(plain)} and {len(short)} seeds"] = row
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return markup.table(
        frame,
        "Accuracy in percent after the last epoch in both formats; the difference in points with "
        "its 95 % interval.",
    )


def sentence(report: Report) -> str:
    """What the table shows, and the same of the validation loss."""
    pairs = {model_title(plain[0].model): (short, plain) for plain, short in groups(report)}
    if not pairs:
        return "No model has been trained in both formats yet, so nothing can be compared."
    found = {
        f"{model} on the {split} images": gain(*pair, split, others=report.seeds_by_model)
        for model, pair in pairs.items()
        for split in SPLITS
    }
    losses = {
        model: gain(*pair, "validation", "loss", _lenders(report, pair))
        for model, pair in pairs.items()
    }
    half = np.median([(difference.high - difference.low) / 2 for difference in found.values()])
    return (
        f"{_inside(found, _with_interval)} One in twenty such intervals misses zero by chance "
        f"where nothing differs. A typical interval reaches {100 * half:.1f} points to either "
        f"side: a smaller cost than that cannot be seen in one model. {_over_models(pairs)}"
        f"For the validation loss, {_inside(losses, _in_nats)}"
    )


def _over_models(pairs: dict[str, tuple[list[Run], list[Run]]]) -> str:
    """The mean difference over the models, with Student's interval between them; "" for one."""
    from scipy.stats import ttest_1samp

    if len(pairs) < 2:
        return ""
    parts = []
    for split in SPLITS:
        gaps = [
            np.mean(accuracies(short, split)) - np.mean(accuracies(plain, split))
            for short, plain in pairs.values()
        ]
        low, high = ttest_1samp(gaps, 0).confidence_interval(LEVEL)
        ends = f"{markup.points(low)} to {markup.points(high)}"
        parts.append(f"{markup.points(np.mean(gaps))} on the {split} images ({ends})")
    return f"Averaged over the {len(pairs)} models it is {markup.join(parts)}. "


def control(report: Report) -> str:
    """What hangs on model 2's difference; "" without runs that are compared with it."""
    pairs = [(short, plain) for plain, short in groups(report) if plain[0].model == "model2"]
    compared = [name for name in CONTROLLED if report.seeds("model2", name)]
    if not pairs or not compared:
        return ""
    found = gain(*pairs[0], "validation", others=report.seeds_by_model)
    side = "worse" if found.value > 0 else "better"
    return (
        f"Model 2's bfloat16 runs are also what the recipes {markup.join(compared)} are compared "
        "with, which compute in the same format. On the validation images they differ by "
        f"{markup.points(found.value)} points from its float32 runs: as far as that is chance, it "
        f"makes the recipes look {side} than they are. {{doc}}`claims` shows either comparison."
    )


def _lenders(report: Report, pair: tuple[list[Run], list[Run]]) -> list[list[Run]]:
    """Whose seeds tell how losses spread: the model's own, where it has several in one format."""
    return [] if any(len(side) > 1 for side in pair) else report.seeds_by_model


def _inside(found: dict[str, Gain], write: Callable[[Gain], str]) -> str:
    """How many intervals include zero; those that do not, with their differences."""
    outside = [
        f"{name}, {write(difference)}"
        for name, difference in found.items()
        if not difference.low <= 0 <= difference.high
    ]
    named = f"; not that of {markup.join(outside)}" if outside else ""
    return f"{len(found) - len(outside)} of {len(found)} intervals include zero{named}."


def _in_nats(difference: Gain) -> str:
    low, value, high = (
        markup.signed(end, 3) for end in (difference.low, difference.value, difference.high)
    )
    return f"{value} nats ({low} to {high})"


def _with_interval(difference: Gain) -> str:
    ends = f"{markup.points(difference.low)} to {markup.points(difference.high)}"
    return f"{markup.points(difference.value)} ({ends})"
