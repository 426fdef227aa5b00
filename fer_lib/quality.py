"""Time to quality: what a run spent until its validation accuracy first reached a target.

The compute of an epoch is counted, not timed: a training step costs about three forward passes.
The validation split, on which nothing depends but the count of epochs, is left out. Not every run
reaches the target, so recipes are compared by the expected running time of Hansen et al. 2009
(INRIA RR-6828): all that a recipe's runs spent, divided by how many of them got there. That is what
trying one seed after another costs on average.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fer_lib import speed
from fer_lib.report import Report, markup
from fer_lib.report.accuracies import accuracies
from fer_lib.runs import Run
from fer_lib.speed import Verdict

#: Validation accuracy that the original report's better models end at.
TARGET = 0.65
MODEL = "model2"
#: Targets around it, to see how much hangs on the choice.
OTHER_TARGETS = (0.64, 0.645, 0.6495, 0.655)
#: Resampled studies, for what other seeds would have given.
RESAMPLES = 2000
ORIGINAL, FAST = "original", "fast"
PASSES = 3


@dataclass(frozen=True)
class Reach:
    """What one run spent until it reached the target, or altogether if it never did.

    Attributes:
        seed: the run's.
        reached: whether it did.
        epochs: up to the first epoch at the target, or all.
        seconds: the training time of these epochs.
        multiply_adds: the arithmetic of these epochs.
        best: the highest validation accuracy of the whole run.
        trained_on: the accelerators or the processor that the time was spent on.
    """

    seed: int
    reached: bool
    epochs: int
    seconds: float
    multiply_adds: int
    best: float
    trained_on: str

    def __str__(self) -> str:
        return f"{self.epochs} epochs" if self.reached else f"never in {self.epochs} epochs"


@dataclass(frozen=True)
class Cost:
    """What a recipe is expected to spend until a run reaches the target; NaN if none did.

    Attributes:
        reached, runs: how many did, of how many.
        epochs, multiply_adds: of all of them, for each that did.
    """

    reached: int
    runs: int
    epochs: float
    multiply_adds: float


def reach(run: Run, target: float = TARGET) -> Reach:
    """What a run spent until its validation accuracy first reached the target."""
    accuracies = run.history["val_accuracy"].to_numpy()
    hits = np.flatnonzero(accuracies >= target)
    epochs = int(hits[0]) + 1 if len(hits) else len(accuracies)
    images = sum(run.info["data"]["counts"]["train"])
    return Reach(
        seed=run.seed,
        reached=bool(len(hits)),
        epochs=epochs,
        seconds=float(run.history["seconds"][:epochs].sum()),
        multiply_adds=epochs * images * PASSES * run.info["multiply_adds"],
        best=float(accuracies.max()),
        trained_on=run.trained_on,
    )


def reaches(report: Report, model: str = MODEL, target: float = TARGET) -> dict[str, list[Reach]]:
    """Every recipe of the study that the model has runs of, and what each seed spent."""
    recipes = [recipe for name, recipe in report.groups if name == model]
    found = {recipe: report.seeds(model, recipe) for recipe in recipes}
    return {
        recipe: [reach(run, target) for run in seeds] for recipe, seeds in found.items() if seeds
    }


def cost(found: Sequence[Reach]) -> Cost:
    """The expected running time over a recipe's runs."""
    reached = sum(one.reached for one in found)
    share = 1 / reached if reached else float("nan")
    return Cost(
        reached=reached,
        runs=len(found),
        epochs=share * sum(one.epochs for one in found),
        multiply_adds=share * sum(one.multiply_adds for one in found),
    )


def saving(found: dict[str, list[Reach]], recipe: str) -> float:
    """How many times a recipe's arithmetic the original needs; NaN if either never gets there."""
    if ORIGINAL not in found or recipe not in found:
        return float("nan")
    return cost(found[ORIGINAL]).multiply_adds / cost(found[recipe]).multiply_adds


def verdicts(report: Report) -> list[Verdict]:
    """The fast recipe's saving beside its bar; none before both recipes have runs."""
    found = reaches(report)
    if not {ORIGINAL, FAST} <= found.keys():
        return []
    bar = speed.bars()["quality"]["saving"]
    what = f"arithmetic of recipe {ORIGINAL} to {FAST} until {TARGET:.0%} validation accuracy"
    return [Verdict(what, saving(found, FAST), bar)]


def seed_frame(found: dict[str, list[Reach]]) -> pd.DataFrame:
    """Every run: epochs and seconds until the target, and its arithmetic; as text."""
    rows = {
        f"{recipe}, seed {one.seed}": {
            "target first reached": str(one),
            "best validation accuracy": markup.percent(one.best, 2),
            "multiply-adds": _at_least(_power(one.multiply_adds), not one.reached),
            "training time": _at_least(markup.duration(one.seconds), not one.reached),
            "trained on": one.trained_on,
        }
        for recipe, seeds in found.items()
        for one in seeds
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def recipe_frame(found: dict[str, list[Reach]]) -> pd.DataFrame:
    """Every recipe: its expected running time and the ratio to the original; as text."""
    rows = {}
    for recipe, runs in found.items():
        expected, ratio = cost(runs), saving(found, recipe)
        rows[recipe] = {
            "runs at the target": f"{expected.reached} of {expected.runs}",
            "epochs": markup.number(expected.epochs, 1),
            "multiply-adds": _power(expected.multiply_adds) if expected.reached else markup.NOTHING,
            "the original needs": markup.NOTHING
            if np.isnan(ratio) or recipe == ORIGINAL
            else f"{ratio:.1f} times as much",
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def sensitivity(report: Report) -> str:
    """How the fast recipe's saving changes with the target; "" before both recipes have runs."""
    savings = {target: saving(reaches(report, target=target), FAST) for target in OTHER_TARGETS}
    known = {target: ratio for target, ratio in savings.items() if not np.isnan(ratio)}
    if not known:
        return ""
    parts = [f"{ratio:.1f} times at {markup.percent(target, 2)}" for target, ratio in known.items()]
    low, high = (markup.number(end, 1) for end in saving_range(reaches(report)))
    return (
        f"{_by_an_image(report)}The ratio depends on the target: it would be {markup.join(parts)}. "
        f"With other seeds it may be anything from {low} to {high} (90 % of resampled sets of as "
        "many seeds)."
    )


def _by_an_image(report: Report) -> str:
    """What would be if the runs that miss the target by one image reached it; "" if none does."""
    lower = TARGET - 1 / sum(report.counts["validation"])
    found, more = reaches(report), reaches(report, target=lower)
    runs = sum(cost(more[name]).reached - cost(found[name]).reached for name in (ORIGINAL, FAST))
    if not runs:
        return ""
    ratio, bar = saving(more, FAST), speed.bars()["quality"]["saving"]
    side = "reach" if ratio >= bar else "miss"
    return (
        f"{runs} run{'s' * (runs > 1)} of the two recipes miss{'es' * (runs == 1)} the target by "
        f"one image; counted as reaching it, the ratio would be {ratio:.1f} and {side} its bar. "
    )


def saving_range(found: dict[str, list[Reach]]) -> tuple[float, float]:
    """Between what the fast recipe's saving lies in 90 % of resampled sets of seeds.

    A recipe that does not get there costs infinitely much.
    """
    rng = np.random.default_rng(0)
    costs = {
        recipe: [
            cost(rng.choice(np.array(found[recipe], object), len(found[recipe]))).multiply_adds
            for _ in range(RESAMPLES)
        ]
        for recipe in (ORIGINAL, FAST)
    }
    original, fast = (np.nan_to_num(costs[recipe], nan=np.inf) for recipe in (ORIGINAL, FAST))
    both = np.isfinite(original) | np.isfinite(fast)
    with np.errstate(invalid="ignore"):
        ratios = np.sort((original / fast)[both])  # np.quantile makes NaN of infinity
    low, high = ratios[int(0.05 * len(ratios))], ratios[int(0.95 * len(ratios))]
    return float(low), float(high)


def text(report: Report) -> str:
    """What the table of recipes shows of the fast recipe."""
    found = reaches(report)
    if FAST not in found or ORIGINAL not in found:
        missing = markup.join(name for name in (ORIGINAL, FAST) if name not in found)
        return f"The recipe {missing} has no run yet, so nothing can be said about the saving."
    expected, ratio = cost(found[FAST]), saving(found, FAST)
    reached = f"{expected.reached} of {expected.runs} runs by the recipe {FAST} reach the target"
    if np.isnan(ratio):
        return f"{reached}, and the original does not always: no ratio can be given."
    return (
        f"{reached}, which makes {expected.epochs:.1f} epochs for each that does; the original "
        f"needs {ratio:.1f} times its arithmetic. {speed.verdict_text(verdicts(report))} "
        f"{sensitivity(report)} After its last epoch the recipe is at {_last(report, FAST)} "
        f"validation accuracy, the original at {_last(report, ORIGINAL)}."
    )


def _last(report: Report, recipe: str) -> str:
    """The mean validation accuracy over seeds after the last epoch."""
    return markup.percent(np.mean(accuracies(report.seeds(MODEL, recipe), "validation")), 2)


def _at_least(written: str, is_bound: bool) -> str:
    """A figure that is a lower bound says so."""
    return f"more than {written}" if is_bound else written


def _power(value: float) -> str:
    """A large number with its power of ten: "3.7e14"."""
    return f"{value:.2e}".replace("e+", "e")
