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
from fer_lib.runs import Run
from fer_lib.speed import Verdict

#: Validation accuracy that the original report's better models end at.
TARGET = 0.65
MODEL = "model2"
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
        if self.reached:
            return f"{self.epochs} epochs"
        return f"never in {self.epochs} epochs (best {self.best:.4f})"


@dataclass(frozen=True)
class Cost:
    """What a recipe is expected to spend until a run reaches the target.

    Attributes:
        reached, seeds: how many runs did, of how many.
        epochs: in all of them, for each that did.
        seconds: likewise; NaN if the runs were not trained on the same device.
        multiply_adds: likewise.
    """

    reached: int
    seeds: int
    epochs: float
    seconds: float
    multiply_adds: float

    @property
    def is_bound(self) -> bool:
        """Whether no run got there: the figures are all that was spent, which was too little."""
        return self.reached == 0


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
    spent = {
        key: sum(getattr(one, key) for one in found) / max(reached, 1)
        for key in ("epochs", "seconds", "multiply_adds")
    }
    if len({one.trained_on for one in found}) > 1:
        spent["seconds"] = float("nan")
    return Cost(reached=reached, seeds=len(found), **spent)


def saving(found: dict[str, list[Reach]], recipe: str) -> tuple[float, bool]:
    """How much more arithmetic the original recipe needs than another.

    Returns:
        The ratio, NaN if it cannot be told; and whether it is only a lower bound, as the original
        never reached the target.
    """
    if ORIGINAL not in found or recipe not in found:
        return float("nan"), False
    original, other = cost(found[ORIGINAL]), cost(found[recipe])
    if other.is_bound:
        return float("nan"), False
    return original.multiply_adds / other.multiply_adds, original.is_bound


def verdicts(report: Report) -> list[Verdict]:
    """The fast recipe's saving beside its bar; none before both recipes have runs."""
    found = reaches(report)
    if not {ORIGINAL, FAST} <= found.keys():
        return []
    bar = speed.bars()["quality"]["saving"]
    what = f"arithmetic of recipe {ORIGINAL} to {FAST} until {TARGET:.0%} validation accuracy"
    return [Verdict(what, saving(found, FAST)[0], bar)]


def seed_frame(found: dict[str, list[Reach]]) -> pd.DataFrame:
    """Every run: epochs and seconds until the target, and its arithmetic; as text."""
    rows = {
        f"{recipe}, seed {one.seed}": {
            "target first reached": str(one),
            "best validation accuracy": f"{one.best:.4f}",
            "trained on": one.trained_on,
            "training time": _at_least(markup.duration(one.seconds), not one.reached),
            "multiply-adds": _at_least(_power(one.multiply_adds), not one.reached),
        }
        for recipe, seeds in found.items()
        for one in seeds
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def recipe_frame(found: dict[str, list[Reach]]) -> pd.DataFrame:
    """Every recipe: its expected running time and the ratio to the original; as text."""
    rows = {}
    for recipe, seeds in found.items():
        expected, (ratio, is_bound) = cost(seeds), saving(found, recipe)
        rows[recipe] = {
            "runs at the target": f"{expected.reached} of {expected.seeds}",
            "epochs": _at_least(f"{expected.epochs:.1f}", expected.is_bound),
            "training time": _time(expected),
            "multiply-adds": _at_least(_power(expected.multiply_adds), expected.is_bound),
            "the original needs": markup.NOTHING
            if np.isnan(ratio) or recipe == ORIGINAL
            else _at_least(f"{ratio:.1f} times as much", is_bound),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def text(report: Report) -> str:
    """What the table of recipes shows of the fast recipe."""
    found = reaches(report)
    if FAST not in found or ORIGINAL not in found:
        missing = markup.join(name for name in (ORIGINAL, FAST) if name not in found)
        return f"The recipe {missing} has no run yet, so nothing can be said about the saving."
    expected, (ratio, is_bound) = cost(found[FAST]), saving(found, FAST)
    if np.isnan(ratio):
        return (
            f"None of the {expected.seeds} runs by the recipe {FAST} reached the target, so its "
            "cost is only known from below and no ratio is given."
        )
    return (
        f"{expected.reached} of {expected.seeds} runs by the recipe {FAST} reach the target, which "
        f"makes {expected.epochs:.1f} epochs for each that does; the original needs "
        f"{_at_least(f'{ratio:.1f} times', is_bound)} its arithmetic. "
        f"{speed.verdict_text(verdicts(report))}"
    )


def _time(expected: Cost) -> str:
    """The expected time; none of times on different machines."""
    if np.isnan(expected.seconds):
        return markup.NOTHING
    return _at_least(markup.duration(expected.seconds), expected.is_bound)


def _at_least(written: str, is_bound: bool) -> str:
    """A figure that is a lower bound says so."""
    return f"more than {written}" if is_bound else written


def _power(value: float) -> str:
    """A large number with its power of ten: "3.7e14"."""
    return f"{value:.2e}".replace("e+", "e")
