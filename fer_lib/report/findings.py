"""The report's sentences with numbers in them, made from the runs."""

import math

import numpy as np

from fer_lib import evaluation, recipes
from fer_lib.data import EMOTIONS
from fer_lib.report import claims, field, markup, published
from fer_lib.report.accuracies import accuracies, interval_text, mean_accuracies
from fer_lib.report.claims.evidence import HAIR, describe
from fer_lib.report.claims.verdicts import Verdict
from fer_lib.report.comparison import gain, same_images
from fer_lib.report.intervals import LEVEL, pair_difference, pooled_spread
from fer_lib.report.naming import model_title
from fer_lib.report.seed_curves import over_seeds
from fer_lib.report.selection import Report


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
    so_far = " trained so far" if len(means) < len(report.models) else ""
    text = (
        f"Of the {len(means)} models{so_far}, {model_title(best)} has the highest mean "
        f"accuracy on the validation images and {model_title(worst)} the lowest"
        f"{_not_apart(report, best, ranked[1:])}. {right}, {model_title(worst)} in "
        f"{_with_interval(report, worst)}."
    )
    sides = report.seeds(best), report.seeds(worst)
    if not same_images([*sides[0], *sides[1]], "test"):
        return text
    found = describe(gain(*sides, "test", others=report.seeds_by_model), "test").rstrip(".")
    return f"{text} That is {found}, for a pair that was picked by its validation accuracies."


def _not_apart(report: Report, best: str, others: list[str]) -> str:
    """The models that the validation images cannot tell from the best; "" if they can.

    The level allows for all pairs, of which the best was picked (Bonferroni). An interval's end is
    no surer than a tenth of a point.
    """
    pairs = math.comb(len(others) + 1, 2)
    alike = [
        model_title(other)
        for other in sorted(others)
        if same_images([*report.seeds(best), *report.seeds(other)], "validation")
        and gain(
            report.seeds(best),
            report.seeds(other),
            "validation",
            others=report.seeds_by_model,
            level=1 - (1 - LEVEL) / pairs,
        ).low
        < HAIR
    ]
    return f", but {markup.join(alike)} cannot be told from the highest" if alike else ""


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
    course = (
        f"falling smoothly, by {markup.percent(1 - recipe.decay_rate, 0)} every "
        f"{recipe.decay_steps:,} steps"
    )
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


def overfitting(report: Report) -> str:
    """When the curves part: the epoch with the lowest validation loss, and the end."""
    parts = []
    for model in report.models:
        if found := report.seeds(model):
            curve = over_seeds(found, "val_loss")["mean"]
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
    missing = [
        run.metrics["validation"]["loss"] - run.history["val_loss"].iloc[-1]
        for run in found
        if run.info.get("backend") in ("jax", "torch")
    ]
    if not missing or max(missing) < 0.005:
        return ""
    return (
        "With JAX and PyTorch Keras caps the loss of a single image at "
        f"{-np.log(evaluation.KERAS_CLIPS_AT):.0f} nats, with TensorFlow it does not: "
        f"{len(missing)} of the {len(found)} curves end up to {max(missing):.2f} nats lower for it "
        "than the validation losses in the tables, which count every image in full."
    )


def seed_noise(report: Report) -> str:
    """What two single runs differ by through their seeds alone, beside what the original ranks."""
    several = [accuracies(found, "validation") for found in report.seeds_by_model if len(found) > 1]
    spread, degrees = pooled_spread(several)
    if not degrees:
        return ""
    variations = published.TABLE1["val_accuracy"].iloc[1:]
    return (
        f"The seeds of one model scatter by {100 * spread:.1f} points of validation accuracy "
        f"(standard deviation, over {sum(map(len, several))} runs of {len(several)} models): two "
        f"single runs differ by up to {100 * pair_difference(several):.1f} points in 95 % of all "
        "pairs. The original ranks its five variations by one run each, which lie within "
        f"{100 * (variations.max() - variations.min()):.1f} points."
    )


def widest_seeds(report: Report) -> str:
    """Of which model the seeds end furthest apart, and nearest; "" without several seeds."""
    ranges = {
        model: np.ptp(accuracies(found, "validation"))
        for model in report.models
        if len(found := report.seeds(model)) > 1
    }
    if not ranges:
        return ""
    ends = dict.fromkeys((max(ranges, key=ranges.get), min(ranges, key=ranges.get)))
    named = [
        f"{100 * ranges[model]:.1f} points of validation accuracy ({model_title(model)}, "
        f"{len(report.seeds(model))} seeds)"
        for model in ends
    ]
    return f"At the end the seeds of one model lie apart by {' down to '.join(named)}."


def answer(report: Report) -> str:
    """How often the best model is right, beside the simplest answer and beside people."""
    means = mean_accuracies(report, "validation")
    if not means or report.is_demo:
        return ""
    best = max(means, key=means.get)
    counts, train = np.array(report.counts["test"]), report.counts["train"]
    usual = int(np.argmax(train))
    return (
        f"It can, for {markup.percent(mean_accuracies(report, 'test')[best], 0)} of the test "
        f"images. Always answering {EMOTIONS[usual]}, the most frequent emotion, would be right "
        f"for {markup.percent(counts[usual] / counts.sum(), 0)}; people, asked to label such "
        f"images, were right for {field.FIELD[0].percent} % "
        f"{{cite}}`{field.FIELD[0].citation}`."
    )


def verdicts_at_a_glance(report: Report) -> str:
    """How the claims fare; nothing to say without runs, or with demo runs that cannot tell."""
    if not report.runs or report.is_demo:
        return ""
    judged = claims.judge(report)
    refuted = [
        f"{_quoted(one)}{' (narrowly)' * one.is_narrow}"
        for one in judged
        if one.verdict == Verdict.REFUTED
    ]
    narrow = [
        _quoted(one)
        for one in judged
        if one.verdict == Verdict.CONFIRMED and one.is_narrow and not one.stand_in
    ]
    stand_ins = [
        f"{_quoted(one)}{' (narrowly)' * one.is_narrow}"
        for one in judged
        if one.stand_in and one.verdict != Verdict.NOT_RUN
    ]
    named = f" Judged by a stand-in: {'; '.join(stand_ins)}." if stand_ins else ""
    named += f" Refuted: {'; '.join(refuted)}." if refuted else ""
    named += f" Confirmed narrowly: {'; '.join(narrow)}." if narrow else ""
    return (
        f"{claims.verdict_counts(judged)}{named} Verdicts are on the networks as built here; "
        "{doc}`claims` has the evidence for each, and those that the runs leave open."
    )


def _quoted(claim: claims.Claim) -> str:
    return f"“{claim.text.rstrip('.')}”"


def _with_interval(report: Report, model: str) -> str:
    mean = mean_accuracies(report, "test")[model]
    ends = interval_text(report.seeds(model))
    return f"{markup.percent(mean)} (95 % interval for other images {ends})"
