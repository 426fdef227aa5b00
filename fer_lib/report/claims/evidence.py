"""How two configurations are compared in words.

And what is said of runs that are missing, and of networks that train unlike the original's.
"""

import dataclasses
import functools
from collections.abc import Callable, Iterable

from fer_lib import recipes
from fer_lib.report import markup, reproduction
from fer_lib.report.claims.verdicts import CLOSE, NOT_JUDGED, OWN_SEEDS, Claim, Evidence, Verdict
from fer_lib.report.comparison import Gain, gain, same_images
from fer_lib.report.naming import model_title
from fer_lib.report.precision import PLAIN, precision
from fer_lib.report.selection import Report
from fer_lib.runs import Run

#: An accuracy that another seed easily makes up for.
HAIR = 0.001


def compare(
    report: Report,
    first: tuple[str, str],
    second: tuple[str, str],
    rule: Callable[[Gain], Verdict],
    split: str = "validation",
    measure: str = "accuracy",
) -> Evidence:
    """One sentence on two configurations, and the rule's verdict on the gain of the first.

    Args:
        report: the runs.
        first, second: a model and its recipe, "" for the main one.
        rule: one of :mod:`fer_lib.report.claims.verdicts`.
        split, measure: what :func:`fer_lib.report.comparison.gain` measures.
    """
    names = [
        f"{model_title(model)} ({recipe or report.recipe})"
        if first[1] != second[1]
        else model_title(model)
        for model, recipe in (first, second)
    ]
    a, b = report.seeds(*first), report.seeds(*second)
    if not a or not b:
        return not_run(names[:1] if not a else names[1:])
    if not same_images([*a, *b], split):
        sentence = f"{names[0]} and {names[1]} saw different {split} images."
        return Evidence(sentence, Verdict.UNDECIDABLE)
    measured = functools.partial(gain, split=split, measure=measure)
    found = measured(a, b, others=report.seeds_by_model)
    text = f"{names[0]} against {names[1]}: {describe(found, split, measure)}"
    verdict = rule(found)
    text += formats(
        names, a, b, verdict, lambda *sides: rule(measured(*sides, others=report.seeds_by_model))
    )
    part = Evidence(text, verdict)
    return _fragile(part, found, measured(a, b), rule) if measure == "accuracy" else part


def _fragile(part: Evidence, found: Gain, own: Gain, rule: Callable[[Gain], Verdict]) -> Evidence:
    """Says it if the verdict hangs on the other models' seeds, or on a hair."""
    if rule(own) != part.verdict:
        remark = (
            f" {OWN_SEEDS} the interval would be {ends(own.low, own.high)}, "
            f"and the answer: {rule(own)}."
        )
        return part._replace(sentence=part.sentence + remark, otherwise=frozenset([rule(own)]))
    nudged = {
        rule(dataclasses.replace(found, low=found.low + shift, high=found.high + shift))
        for shift in (-HAIR, HAIR)
    }
    if nudged == {part.verdict}:
        return part
    return part._replace(sentence=f"{part.sentence} {CLOSE}", otherwise=frozenset(nudged))


def compare_with_original(report: Report, recipe: str, rule: Callable[[Gain], Verdict]) -> Evidence:
    """Model 2 by a recipe and by the main one, in the recipe's own format if that has runs.

    What its runs in the tables would give then follows, without being judged.
    """
    changed, control = ("model2", recipe), _in_the_same_format(report, "model2", recipe)
    judged = compare(report, changed, ("model2", control), rule)
    is_same = not control or report.seeds("model2", control) == report.seeds("model2")
    if is_same or judged.verdict == Verdict.NOT_RUN:
        return judged
    beside = compare(report, changed, ("model2", ""), rule)
    sentence = (
        f"{judged.sentence} {NOT_JUDGED} {beside.sentence} "
        f"That comparison alone would give: {beside.verdict}."
    )
    return judged._replace(sentence=sentence)


def _in_the_same_format(report: Report, model: str, recipe: str) -> str:
    """The main recipe in the format that another recipe computes in; "" if that has no run."""
    wanted = recipes.RECIPES[recipe].precision
    found = (
        name
        for name, one in recipes.RECIPES.items()
        if one.counts_as == report.recipe and one.precision == wanted and report.seeds(model, name)
    )
    return next(found, "")


def not_run(names: Iterable[str]) -> Evidence:
    """What is said of configurations without a run."""
    return Evidence(f"{markup.join(names)}: {markup.NOT_RUN}.", Verdict.NOT_RUN)


def describe(found: Gain, split: str, measure: str = "accuracy") -> str:
    """A gain in words, with its interval and its seeds; McNemar's test for one seed each."""
    if measure == "accuracy":
        interval = f"95 % interval {ends(found.low, found.high)}"
        text = f"{markup.points(found.value)} points of {split} accuracy ({interval}"
        test = "" if found.p_value is None else f"; McNemar p = {found.p_value:.2g}"
        return f"{text}{test}{_seeds(found)})."
    interval = f"95 % interval {markup.signed(found.low, 3)} to {markup.signed(found.high, 3)}"
    text = f"{markup.signed(found.value, 3)} nats of {split} loss ({interval}"
    return f"{text}{_seeds(found)})."


def ends(low: float, high: float) -> str:
    """The ends of an interval of accuracies, in points."""
    return f"{_end(low)} to {_end(high)}"


def _end(value: float) -> str:
    """An end of an interval, with as many decimals as its sign needs next to zero."""
    if abs(value) >= HAIR:
        return markup.points(value)
    return markup.points(value, next((d for d in (2, 3) if round(100 * value, d)), 4))


def formats(
    names: list[str],
    first: list[Run],
    second: list[Run],
    verdict: Verdict,
    judge: Callable[[list[Run], list[Run]], Verdict],
) -> str:
    """What each side computed in, where the two differ in it, and whether that matters.

    Args:
        names: of both sides.
        first, second: their runs.
        verdict: on all of them.
        judge: gives the verdict on some of both.
    """
    used = [markup.join(dict.fromkeys(map(precision, runs))) for runs in (first, second)]
    if used[0] == used[1]:
        return ""
    text = f" {names[0]} computed in {used[0]}, {names[1]} in {used[1]}."
    plain = [[run for run in runs if precision(run) == PLAIN] for runs in (first, second)]
    if not all(plain):
        return text
    answer = judge(*plain)
    said = "the same" if answer == verdict else f"another: {answer}"
    return f"{text} By the {PLAIN} runs alone the answer would be {said}."


def _seeds(found: Gain) -> str:
    first, second = found.seeds
    return "; one seed each" if first == second == 1 else f"; {first} and {second} seeds"


def as_built(report: Report, judged: Claim, *models: str) -> Claim:
    """Says of which models the training accuracy is far from the published."""
    gaps = reproduction.far_in_training(report)
    named = [
        f"{model_title(model)} ({markup.points(gaps[model])} points)"
        for model in models
        if model in gaps
    ]
    if not named:
        return judged
    remark = (
        f"The training accuracy of {markup.join(named)} is far from the published: the verdict is "
        "on the network as built here, with the choices that the original leaves open."
    )
    return dataclasses.replace(judged, evidence=[*judged.evidence, remark])
