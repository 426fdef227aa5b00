"""The original report's claims, each judged by the runs.

A verdict follows from intervals by rules that were fixed before the runs were made: a gain counts
if its whole interval (:mod:`fer_lib.comparison`) lies above zero, and "no gain" is confirmed only
if the whole interval lies below :data:`MARGIN`. What the data cannot decide stays undecidable.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from fer_lib import comparison, markup, published
from fer_lib.comparison import Gain, gain
from fer_lib.data import EMOTIONS
from fer_lib.report import Report, model_title
from fer_lib.report_background import counts_of
from fer_lib.runs import Run

#: Accuracy gains below one point are not worth calling an improvement.
MARGIN = 0.01
#: A statement about an order holds if it does in this share of resampled test sets.
SURE = 0.95


class Verdict(StrEnum):
    """What the runs say of a claim."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    UNDECIDABLE = "undecidable at this sample size"
    NOT_RUN = "not yet run"


@dataclass(frozen=True)
class Claim:
    """A claim of the original report with its evidence.

    Attributes:
        section: where the original makes it.
        text: what it says.
        evidence: what the runs say, one sentence an item.
        verdict: which of the two is right.
    """

    section: str
    text: str
    evidence: list[str]
    verdict: Verdict


def helps(found: Gain) -> Verdict:
    """For "a is better than b"."""
    if found.low > 0:
        return Verdict.CONFIRMED
    return Verdict.REFUTED if found.high < 0 else Verdict.UNDECIDABLE


def does_not_help(found: Gain) -> Verdict:
    """For "a is no better than b": below the margin for sure, or above zero for sure."""
    if found.high < MARGIN:
        return Verdict.CONFIRMED
    return Verdict.REFUTED if found.low > 0 else Verdict.UNDECIDABLE


def holds_in(share: float) -> Verdict:
    """For a statement that holds in this share of resampled test sets."""
    if share >= SURE:
        return Verdict.CONFIRMED
    return Verdict.REFUTED if share <= 1 - SURE else Verdict.UNDECIDABLE


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """For a claim that has several parts: it falls with the first that is refuted."""
    found = set(verdicts)
    for verdict in (Verdict.REFUTED, Verdict.NOT_RUN, Verdict.UNDECIDABLE):
        if verdict in found:
            return verdict
    return Verdict.CONFIRMED if found else Verdict.NOT_RUN


def judge(report: Report) -> list[Claim]:
    """All claims in the order of the original's sections."""
    return [
        data_counts(report),
        class_weights(report),
        average_pooling(report),
        variations_beat_model1(report),
        variations_lose_more(report),
        model6_improves_both(report),
        no_meaningful_gain(report),
        model3_best_in_training(report),
        model3_highest_loss(report),
        all_overfit(report),
        l2_does_not_help(report),
        l2_stops_learning(report),
        model3_beats_model6(report),
        happy_is_best(report),
        fear_and_sad_are_worst(report),
        disgust_does_well(report),
        efficientnet_is_no_better(report),
    ]


def compare(
    report: Report,
    first: tuple[str, str],
    second: tuple[str, str],
    rule: Callable[[Gain], Verdict],
    split: str = "validation",
    measure: str = "accuracy",
) -> tuple[str, Verdict]:
    """One sentence of evidence on two configurations (model, recipe), and the rule's verdict."""
    a, b = report.seeds(*first), report.seeds(*second)
    names = [
        _name(report, model, recipe or report.recipe, first[1] != second[1])
        for model, recipe in (first, second)
    ]
    if not a or not b:
        return f"{names[0] if not a else names[1]}: {markup.NOT_RUN}.", Verdict.NOT_RUN
    found = gain(a, b, split, measure)
    return f"{names[0]} against {names[1]}: {describe(found, split, measure)}", rule(found)


def describe(found: Gain, split: str, measure: str = "accuracy") -> str:
    """A gain in words, with its interval, its seeds and McNemar's test."""
    if measure == "accuracy":
        ends = f"{markup.points(found.low)} to {markup.points(found.high)}"
        text = f"{markup.points(found.value)} points of {split} accuracy (95 % interval {ends}"
        return f"{text}; McNemar p = {found.p_value:.2g}{_seeds(found)})."
    ends = f"{markup.signed(found.low, 3)} to {markup.signed(found.high, 3)}"
    text = f"{markup.signed(found.value, 3)} nats of {split} loss (95 % interval {ends}"
    return f"{text}{_seeds(found)})."


def _seeds(found: Gain) -> str:
    first, second = found.seeds
    return "; one seed each" if first == second == 1 else f"; {first} and {second} seeds"


def _name(report: Report, model: str, recipe: str, with_recipe: bool) -> str:
    name = model_title(model)
    return f"{name} ({recipe})" if with_recipe else name


def _claim(section: str, text: str, parts: Sequence[tuple[str, Verdict]]) -> Claim:
    sentences, verdicts = zip(*parts, strict=True)
    return Claim(section, text, list(dict.fromkeys(sentences)), all_of(verdicts))


def data_counts(report: Report) -> Claim:
    """Section 1: two class counts and the shares of the splits."""
    counts = counts_of(report)
    total = sum(map(sum, counts.values()))
    parts = []
    for name, said in published.TRAINING_COUNTS.items():
        found = counts["train"][EMOTIONS.index(name)]
        same = Verdict.CONFIRMED if found == said else Verdict.REFUTED
        parts.append((f"The file has {found:,} training images of {name}.", same))
    shares = [sum(counts[split]) / total for split in published.SPLIT_SHARES]
    said = list(published.SPLIT_SHARES.values())
    same = Verdict.CONFIRMED if np.allclose(shares, said, atol=0.005) else Verdict.REFUTED
    parts.append((f"The splits hold {markup.join(markup.percent(s) for s in shares)}.", same))
    words = [f"{said:,} images of {name}" for name, said in published.TRAINING_COUNTS.items()]
    shares_said = markup.join(markup.percent(share) for share in published.SPLIT_SHARES.values())
    text = f"The training set has {markup.join(words)}; the splits hold {shares_said}."
    return _claim("1", text, parts)


def class_weights(report: Report) -> Claim:
    part = compare(report, ("model2", "class-weights"), ("model2", ""), does_not_help)
    return _claim("1", "Class weights do not increase accuracy.", [part])


def average_pooling(report: Report) -> Claim:
    part = compare(report, ("model2", ""), ("model1", ""), helps)
    return _claim("3", "Average instead of max pooling increases validation accuracy.", [part])


def variations_beat_model1(report: Report) -> Claim:
    parts = [compare(report, (m, ""), ("model1", ""), helps) for m in _variations(report)]
    return _claim("4", "All variations have a better validation accuracy than model 1.", parts)


def variations_lose_more(report: Report) -> Claim:
    parts = [
        compare(report, (model, ""), ("model1", ""), helps, measure="loss")
        for model in _variations(report)
        if model != "model6"
    ]
    text = "All variations but model 6 have a higher validation loss than model 1."
    return _claim("4", text, parts)


def model6_improves_both(report: Report) -> Claim:
    parts = [
        compare(report, ("model6", ""), ("model1", ""), helps),
        compare(report, ("model6", ""), ("model1", ""), _lower, measure="loss"),
    ]
    return _claim("4", "Model 6 improves both accuracy and loss over model 1.", parts)


def no_meaningful_gain(report: Report) -> Claim:
    parts = [
        compare(report, (model, ""), ("model2", ""), does_not_help)
        for model in ("model4", "model5")
    ]
    text = "A larger kernel and an additional block do not improve the accuracy meaningfully."
    return _claim("4", text, parts)


def model3_best_in_training(report: Report) -> Claim:
    text = "Model 3 has the best training accuracy."
    means = {
        model: np.mean([run.history["accuracy"].iloc[-1] for run in report.seeds(model)])
        for model in _published_models(report)
        if report.seeds(model)
    }
    if "model3" not in means or len(means) < len(_published_models(report)):
        return Claim("4", text, [_lacking(report, _published_models(report))], Verdict.NOT_RUN)
    ranked = sorted(means, key=means.get, reverse=True)
    first, second = (f"{model_title(m)} with {markup.percent(means[m], 2)}" for m in ranked[:2])
    lead = means[ranked[0]] - means[ranked[1]]
    images = sum(counts_of(report)["train"])
    # Two standard errors of a difference of two accuracies measured on the training images.
    noise = 2 * np.sqrt(2 * means[ranked[0]] * (1 - means[ranked[0]]) / images)
    verdict = Verdict.CONFIRMED if ranked[0] == "model3" else Verdict.REFUTED
    verdict = verdict if lead > noise else Verdict.UNDECIDABLE
    return Claim("4", text, [f"First is {first}, second {second}."], verdict)


def model3_highest_loss(report: Report) -> Claim:
    parts = [
        compare(report, ("model3", ""), (model, ""), helps, measure="loss")
        for model in _published_models(report)
        if model != "model3"
    ]
    return _claim("4", "Model 3 has the highest validation loss.", parts)


def all_overfit(report: Report) -> Claim:
    """The training accuracy must exceed the validation accuracy by more than sampling explains."""
    parts = []
    for model in _published_models(report):
        for run in report.seeds(model)[:1]:
            last = run.history.iloc[-1]
            gap = last["accuracy"] - last["val_accuracy"]
            error = comparison.sampling_error(run, "validation")
            verdict = Verdict.CONFIRMED if gap > 2 * error else Verdict.REFUTED
            parts.append((f"{model_title(model)}: {markup.points(gap)} points.", verdict))
        if not report.seeds(model):
            parts.append((f"{model_title(model)}: not yet run.", Verdict.NOT_RUN))
    text = "All models overfit: training accuracy ends far above validation accuracy."
    return _claim("4", text, parts)


def l2_does_not_help(report: Report) -> Claim:
    parts = [
        compare(report, ("model2", recipe), ("model2", ""), does_not_help)
        for recipe in ("l2-small", "l2-middle")
    ]
    return _claim("4", "L2 regularization does not yield a significant improvement.", parts)


def l2_stops_learning(report: Report) -> Claim:
    """Nothing is learned if the accuracy is within a point of always answering one class."""
    text = "L2 set too high stops the learning."
    found = report.seeds("model2", "l2-high")
    if not found:
        return Claim("4", text, ["Model 2 (l2-high): not yet run."], Verdict.NOT_RUN)
    counts = np.array(counts_of(report)["validation"])
    constant = counts.max() / counts.sum()
    accuracy = np.mean([run.info["metrics"]["validation"]["accuracy"] for run in found])
    verdict = Verdict.CONFIRMED if accuracy < constant + MARGIN else Verdict.REFUTED
    sentence = (
        f"Model 2 (l2-high) ends at {markup.percent(accuracy)} validation accuracy; always "
        f"answering the most frequent emotion gives {markup.percent(constant)}."
    )
    return Claim("4", text, [sentence], verdict)


def model3_beats_model6(report: Report) -> Claim:
    part = compare(report, ("model3", ""), ("model6", ""), helps, split="test")
    return _claim("5", "Model 3 is slightly better than model 6 on the test set.", [part])


def happy_is_best(report: Report) -> Claim:
    happy = EMOTIONS.index("Happy")
    return _ranking(
        report,
        "The F1-score is the highest for Happy.",
        lambda f1: f1.argmax(axis=1) == happy,
    )


def fear_and_sad_are_worst(report: Report) -> Claim:
    worst = {EMOTIONS.index("Fear"), EMOTIONS.index("Sad")}
    return _ranking(
        report,
        "The lowest scores are those of Fear and Sad.",
        lambda f1: np.isin(f1.argsort(axis=1)[:, :2], list(worst)).all(axis=1),
    )


def disgust_does_well(report: Report) -> Claim:
    disgusted = EMOTIONS.index("Disgusted")
    return _ranking(
        report,
        "Although underrepresented, Disgusted has a good score (above the mean of all classes).",
        lambda f1: f1[:, disgusted] > f1.mean(axis=1),
    )


def efficientnet_is_no_better(report: Report) -> Claim:
    parts = [
        compare(report, ("efficientnetb0", "original-pretrained"), (model, ""), does_not_help)
        for model in _published_models(report)
    ]
    return _claim("6", "EfficientNetB0 is no better than the other models.", parts)


def _ranking(report: Report, text: str, holds: Callable[[np.ndarray], np.ndarray]) -> Claim:
    """A claim about the order of the classes' F1 on the test images, for models 3 and 6."""
    parts = []
    for model in ("model3", "model6"):
        found = report.seeds(model)
        if not found:
            parts.append((f"{model_title(model)}: not yet run.", Verdict.NOT_RUN))
            continue
        share = float(np.mean([comparison.ranking_share(run, "test", holds) for run in found]))
        parts.append((f"{model_title(model)}: {_scores(found)} {_true_in(share)}", holds_in(share)))
    return _claim("5", text, parts)


def _scores(found: list[Run]) -> str:
    """The mean F1 of each class, best first."""
    matrices = np.stack([_matrix(run) for run in found])
    scores = comparison.f1_scores(matrices).mean(axis=0)
    ranked = np.argsort(scores)[::-1]
    return f"F1 {markup.join(f'{EMOTIONS[k]} {scores[k]:.2f}' for k in ranked)}."


def _matrix(run: Run) -> np.ndarray:
    from fer_lib import evaluation

    return evaluation.confusion(run.labels("test"), run.probabilities("test"))


def _true_in(share: float) -> str:
    return f"True in {100 * share:.0f} % of resampled test sets."


def _lower(found: Gain) -> Verdict:
    """For "a has the lower loss"."""
    if found.high < 0:
        return Verdict.CONFIRMED
    return Verdict.REFUTED if found.low > 0 else Verdict.UNDECIDABLE


def _published_models(report: Report) -> list[str]:
    return list(published.TABLE1.index)


def _variations(report: Report) -> list[str]:
    return [model for model in _published_models(report) if model != "model1"]


def _lacking(report: Report, models: Iterable[str]) -> str:
    names = markup.join(model_title(model) for model in models if not report.seeds(model))
    return f"{names}: not yet run."
