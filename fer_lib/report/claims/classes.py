"""Section 5: which emotions are said to be recognised best and worst on the test images."""

from collections.abc import Callable

import numpy as np

from fer_lib.data import EMOTIONS
from fer_lib.report import comparison, markup
from fer_lib.report.claims.evidence import not_run
from fer_lib.report.claims.verdicts import (
    NEAR,
    SIMULATION_ERROR,
    Claim,
    Evidence,
    Verdict,
    claim,
    holds_in,
)
from fer_lib.report.naming import model_title
from fer_lib.report.selection import Report

#: Says of F1 scores (float, draws x 7) in which draws a statement holds (bool, draws).
Statement = Callable[[np.ndarray], np.ndarray]


def happy_is_best(report: Report) -> Claim:
    happy = EMOTIONS.index("Happy")
    return _claim(
        report,
        "The F1-score is the highest for Happy.",
        lambda f1: f1.argmax(axis=1) == happy,
    )


def fear_and_sad_are_worst(report: Report) -> Claim:
    worst = {EMOTIONS.index("Fear"), EMOTIONS.index("Sad")}
    return _claim(
        report,
        "The lowest scores are those of Fear and Sad.",
        lambda f1: np.isin(f1.argsort(axis=1)[:, :2], list(worst)).all(axis=1),
    )


def disgust_does_well(report: Report) -> Claim:
    disgusted = EMOTIONS.index("Disgusted")
    return _claim(
        report,
        "Although underrepresented, Disgusted has a good score (above the mean of all classes).",
        lambda f1: f1[:, disgusted] > f1.mean(axis=1),
    )


def _claim(report: Report, text: str, holds: Statement) -> Claim:
    """A claim about the order of the classes' F1, for the two models that were tested."""
    return claim("5", text, [_order(report, model, holds) for model in ("model3", "model6")])


def _order(report: Report, model: str, holds: Statement) -> Evidence:
    found = report.seeds(model)
    if not found:
        return not_run([model_title(model)])
    if not comparison.same_images(found, "test"):
        sentence = f"{model_title(model)}: its runs saw different images."
        return Evidence(sentence, Verdict.UNDECIDABLE)
    scores = comparison.mean_f1(found, "test")
    ranked = [f"{EMOTIONS[k]} {scores[k]:.2f}" for k in np.argsort(scores)[::-1]]
    single = [bool(holds(comparison.mean_f1([run], "test")[np.newaxis])[0]) for run in found]
    share = comparison.ranking_share(found, "test", holds)
    verdict = holds_in(share)
    otherwise = {holds_in(share + shift) for shift in (-SIMULATION_ERROR, SIMULATION_ERROR)}
    is_near = otherwise != {verdict}
    sentence = (
        f"{model_title(model)}: F1 {markup.join(ranked)}. True in {sum(single)} of {len(found)} "
        f"runs, and of their mean in {markup.percent(share, 1 + is_near)} of resampled test sets."
    )
    return Evidence(sentence + f" {NEAR}" * is_near, verdict, frozenset(otherwise))
