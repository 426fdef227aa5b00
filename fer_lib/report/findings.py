"""The report's sentences with numbers in them, made from the runs."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fer_lib import evaluation, recipes
from fer_lib.data import EMOTIONS
from fer_lib.data.dataset import OFFICIAL_COUNTS
from fer_lib.report import claims, markup, published
from fer_lib.report.accuracies import interval, interval_text, mean_accuracies
from fer_lib.report.claims.evidence import compare, describe
from fer_lib.report.claims.verdicts import helps
from fer_lib.report.comparison import gain, mean_f1, same_images
from fer_lib.report.naming import model_title
from fer_lib.report.selection import Report
from fer_lib.runs import Run


def summary(report: Report) -> str:
    """What was found, in a few sentences; the validation images say which model is best."""
    means = mean_accuracies(report, "validation")
    if not means:
        return "No run of the study has been made yet, so nothing has been found."
    ranked = sorted(means, key=means.get, reverse=True)
    best, worst = ranked[0], ranked[-1]
    right = f"On the test images {model_title(best)} is right in {_with_interval(report, best)}"
    if best == worst:
        return f"{right}."
    text = (
        f"Of the {len(means)} models trained so far, {model_title(best)} is the best on the "
        f"validation images and {model_title(worst)} the worst. {right}, {model_title(worst)} in "
        f"{_with_interval(report, worst)}."
    )
    sides = report.seeds(best), report.seeds(worst)
    if not same_images([*sides[0], *sides[1]], "test"):
        return text
    return f"{text} That is {describe(gain(*sides, 'test'), 'test')}"


def imbalance(report: Report) -> str:
    """How uneven the classes are."""
    counts = report.counts["train"]
    most, least = int(np.argmax(counts)), int(np.argmin(counts))
    return (
        f"The most frequent emotion, {EMOTIONS[most]}, has {counts[most]:,} training images, the "
        f"rarest, {EMOTIONS[least]}, has {counts[least]:,}: one for every "
        f"{counts[most] / counts[least]:.0f}. Always answering {EMOTIONS[most]} is right "
        f"on {markup.percent(counts[most] / sum(counts))} of the training images."
    )


def recipe_text(report: Report) -> str:
    """How the models of Table 1 are trained."""
    recipe = recipes.get(report.recipe)
    course = f"multiplied by {recipe.decay_rate:g} every {recipe.decay_steps:,} steps"
    if recipe.one_cycle:
        course = "reached after a tenth of the steps and left along a cosine"
    return (
        f"The recipe “{recipe.name}”: Adam, learning rate {recipe.learning_rate:g}, {course}, "
        f"{recipe.batch_size} images a "
        f"batch, {recipe.epochs} epochs, cross-entropy, "
        f"{'mirrored images' if recipe.flips else 'no augmentation'}, "
        f"{'with' if recipe.class_weights else 'without'} class weights. The tables show the last "
        "epoch, whatever the curves did before."
    )


def sizes(layers: dict[str, list[dict]]) -> str:
    """What the changes of models 3 and 4 cost, beside model 2."""
    cost = {model: sum(row["multiply_adds"] for row in rows) for model, rows in layers.items()}
    return (
        f"Beside model 2, twice the filters cost {cost['model3'] / cost['model2']:.1f} times the "
        f"arithmetic, the larger kernels {cost['model4'] / cost['model2']:.1f} times."
    )


def pretrained_published() -> str:
    """What the original says of EfficientNetB0."""
    validation = published.PRETRAINED_VALIDATION["accuracy"]
    test = published.REPORTS["efficientnetb0"].loc["accuracy", "f1-score"]
    error = np.sqrt(
        sum(
            share * (1 - share) / sum(OFFICIAL_COUNTS[split])
            for split, share in (("validation", validation), ("test", test))
        )
    )
    return (
        f"It was trained for {published.PRETRAINED_EPOCHS} epochs and ended at "
        f"{markup.percent(validation, 0)} on the validation images and "
        f"{markup.percent(test, 0)} on the test images, {(validation - test) / error:.0f} standard "
        "errors of such a difference apart; the original does not say why."
    )


def model_or_recipe(report: Report) -> str:
    """Whether the recipe or the model is what kept the pretrained network down."""
    tuned = ("efficientnet_lite0", "fine-tuning")
    pairs = [(tuned, ("efficientnet_lite0", "original-pretrained")), (tuned, ("model2", ""))]
    found = (compare(report, first, second, helps, split="test")[0] for first, second in pairs)
    # Without a run both say the same.
    return "\n".join(f"- {sentence}" for sentence in dict.fromkeys(found))


def reproduction(report: Report) -> str:
    """How far validation accuracies are from the published ones."""
    gaps = _published_gaps(report, "val_accuracy")
    if not gaps:
        return "No model of Table 1 has been trained yet."
    widest = max(gaps, key=lambda model: abs(gaps[model]))
    inside = 0
    for model in gaps:
        low, high = interval(report.seeds(model), "validation")
        inside += low <= published.TABLE1.loc[model, "val_accuracy"] <= high
    return (
        f"{inside} of {len(gaps)} validation accuracies lie so near to the published value that "
        f"it is inside their 95 % interval; the largest difference is {model_title(widest)}'s, "
        f"{markup.points(gaps[widest])} points."
    )


def training_gaps(report: Report) -> str:
    """Which training accuracies are furthest from the published ones."""
    gaps = _published_gaps(report, "accuracy")
    named = [
        f"{model_title(model)} ({markup.points(gaps[model])} points)"
        for model in sorted(gaps, key=lambda model: abs(gaps[model]), reverse=True)
    ]
    if len(named) < 3:
        return ""
    return (
        f"Training accuracy is furthest from the published for {named[0]}, then for {named[1]} and "
        f"{named[2]}."
    )


def _published_gaps(report: Report, column: str) -> dict[str, float]:
    """Mean over seeds after the last epoch minus the published value, for each trained model."""
    return {
        model: float(_mean_curve(found, column).iloc[-1] - published.TABLE1.loc[model, column])
        for model in published.TABLE1.index
        if (found := report.seeds(model))
    }


def overfitting(report: Report) -> str:
    """When the curves part: the epoch with the lowest validation loss, and the end."""
    parts = []
    for model in report.models:
        if found := report.seeds(model):
            curve = _mean_curve(found, "val_loss")
            parts.append(
                f"{model_title(model)} at epoch {curve.idxmin()} "
                f"({curve.min():.2f}, at the end {curve.iloc[-1]:.2f})"
            )
    if not parts:
        return "No model has been trained yet."
    return f"The validation loss, averaged over the seeds, is lowest for {markup.join(parts)}."


def capped_loss(report: Report) -> str:
    """Which curves of the validation loss Keras caps, and what that makes; "" if none."""
    found = [run for model in report.models for run in report.seeds(model)]
    capped = [run for run in found if run.info.get("backend") in ("jax", "torch")]
    if not capped:
        return ""
    missing = max(
        run.info["metrics"]["validation"]["loss"] - run.history["val_loss"].iloc[-1]
        for run in capped
    )
    return (
        "Keras counts no image with a loss above "
        f"{-np.log(evaluation.KERAS_CLIPS_AT):.0f} nats where it does not compute with TensorFlow: "
        f"{len(capped)} of the {len(found)} curves of the loss end up to {missing:.2f} nats lower "
        "for it. The tables count every validation image in full."
    )


def _mean_curve(found: Sequence[Run], column: str) -> pd.Series:
    """A column of the history, averaged over seeds, by epoch."""
    curves = [run.history.set_index("epoch")[column] for run in found]
    return pd.concat(curves).groupby("epoch").mean()


def classes(report: Report, model: str) -> str:
    """Which emotions a model recognises best and worst, by F1 on the test images."""
    found = report.seeds(model)
    if not found:
        return f"{model_title(model)} has not been trained yet."
    scores = mean_f1(found, "test")
    order = np.argsort(scores)
    named = [f"{EMOTIONS[k]} ({scores[k]:.2f})" for k in order]
    return (
        f"{model_title(model)} has its best F1 for {named[-1]} and {named[-2]}, its worst for "
        f"{named[0]} and {named[1]}."
    )


def verdicts_at_a_glance(report: Report) -> str:
    """How the claims fare; nothing to say without runs, or with demo runs that cannot tell."""
    if not report.runs or report.is_demo:
        return ""
    return claims.verdict_counts(claims.judge(report))


def _with_interval(report: Report, model: str) -> str:
    mean = mean_accuracies(report, "test")[model]
    return f"{markup.percent(mean)} (95 % interval {interval_text(report.seeds(model))})"
