"""The report's sentences with numbers in them, made from the runs."""

import math

import numpy as np

from fer_lib import evaluation, recipes
from fer_lib.data import EMOTIONS
from fer_lib.data.dataset import OFFICIAL_COUNTS
from fer_lib.report import claims, markup, published
from fer_lib.report.accuracies import accuracies, interval_text, mean_accuracies
from fer_lib.report.claims.evidence import compare, describe
from fer_lib.report.claims.models import LITE0, PRETRAINED_RECIPE, last_step
from fer_lib.report.claims.verdicts import Verdict, helps
from fer_lib.report.comparison import gain, mean_f1, same_images
from fer_lib.report.intervals import LEVEL, pair_difference, pooled_spread
from fer_lib.report.naming import model_title
from fer_lib.report.seed_curves import over_seeds
from fer_lib.report.selection import Report
from fer_lib.runs import Run

#: A difference in accuracy far beyond what the images and the seeds of Table 1's models make.
FAR = 0.05
#: The same of a loss, in nats.
FAR_LOSS = 0.25


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

    The level allows for all pairs, of which the best was picked (Bonferroni).
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
        <= 0
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
        f"{markup.percent(validation, 0)} on the validation images (loss "
        f"{published.PRETRAINED_VALIDATION['loss']:.2f}) and "
        f"{markup.percent(test, 0)} on the test images, {(validation - test) / error:.0f} standard "
        "errors of such a difference apart; the original does not say why."
    )


def model_or_recipe(report: Report) -> str:
    """Whether the recipe or the model is what kept the pretrained network down."""
    first, tuned = (LITE0, PRETRAINED_RECIPE), (LITE0, "fine-tuning")
    pairs = [(tuned, first), (tuned, ("model2", ""))]
    found = (compare(report, one, other, helps, split="test")[0] for one, other in pairs)
    # Without a run both say the same.
    listed = "\n".join(f"- {sentence}" for sentence in dict.fromkeys(found))
    remarks = [_neither(report, first), *last_step(report.seeds(*first))]
    return f"{listed}\n\n{' '.join(remarks)}".strip()


def _neither(report: Report, configuration: tuple[str, str]) -> str:
    """What a network that is far better by the same recipe says; "" if it is not, or missing."""
    found = report.seeds(*configuration)
    there = published.REPORTS["efficientnetb0"].loc["accuracy", "f1-score"]
    here = np.mean(accuracies(found, "test")) if found else there
    if here - there < FAR:
        return ""
    loss = np.mean([run.metrics["validation"]["loss"] for run in found])
    return (
        f"{model_title(configuration[0])} by the original's recipe, as far as that is stated, is "
        f"at {markup.percent(here)} on the test images, {markup.points(here - there)} points from "
        "the published EfficientNetB0. So the stated recipe need not lead to the published figure, "
        "at least not for a network so close to EfficientNetB0; something that the original does "
        "not state is likelier: which layers learned, how the pixels were scaled, the size of the "
        f"pictures.{_unlike(loss, published.PRETRAINED_VALIDATION['loss'])}"
    )


def _unlike(here: float, there: float) -> str:
    """Says it if two validation losses are too far apart for the same training."""
    if abs(here - there) < FAR_LOSS:
        return ""
    return (
        f" The validation losses, {here:.2f} here and {there:.2f} published, also say that the "
        "two did not learn alike."
    )


def fine_tuning(report: Report) -> str:
    """What the second recipe of the pretrained network does, and where it ends; "" unmade."""
    found = report.seeds(LITE0, "fine-tuning")
    if not found:
        return ""
    recipe = found[0].recipe
    loss, accuracy = (over_seeds(found, name)["mean"] for name in ("val_loss", "accuracy"))
    return (
        f"Fine-tuning shows pictures of {recipe['input_size']} x {recipe['input_size']} pixels; "
        f"for {recipe['frozen_epochs']} epochs the new head learns alone (rate "
        f"{recipe['learning_rate']:g}), then all layers (rate {recipe['fine_tuning_rate']:g}). The "
        f"validation loss is lowest after epoch {loss.idxmin()} ({loss.min():.2f}, at the end "
        f"{loss.iloc[-1]:.2f}), the training accuracy ends at {markup.percent(accuracy.iloc[-1])}. "
        "These are two recipes, not the best that can be done with a pretrained network."
    )


def confusions(report: Report) -> str:
    """The three pairs of emotions that are mistaken most often, over the models' means."""
    found = [report.seeds(model) for model in report.models if report.seeds(model)]
    if not found:
        return "No model has been trained yet."
    shares = np.stack([_confused_share(runs) for runs in found])
    mean = shares.mean(axis=0)
    np.fill_diagonal(mean, 0)
    pairs = np.dstack(np.unravel_index(np.argsort(mean, axis=None)[::-1][:3], mean.shape))[0]
    parts = [
        f"{EMOTIONS[truth]} for {EMOTIONS[answer]} ({_from_to(100 * shares[:, truth, answer])} %)"
        for truth, answer in pairs
    ]
    return (
        f"Most often taken for another, in percent of an emotion's images and from model to "
        f"model: {markup.join(parts)}."
    )


def _confused_share(runs: list[Run]) -> np.ndarray:
    """The share of each emotion's test images (7 x 7, rows) that get each answer, all seeds."""
    counts = sum(evaluation.confusion(r.labels("test"), r.probabilities("test")) for r in runs)
    return counts / counts.sum(axis=1, keepdims=True)


def _from_to(values: np.ndarray) -> str:
    low, high = f"{values.min():.0f}", f"{values.max():.0f}"
    return low if low == high else f"{low}–{high}"


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


def tested(report: Report) -> str:
    """The two models that the original tested, beside each other; "" before both have runs."""
    first, second = report.seeds("model3"), report.seeds("model6")
    if not first or not second or not same_images([*first, *second], "test"):
        return ""
    found = gain(first, second, "test", others=report.seeds_by_model)
    printed = [markup.percent(published.accuracy(one, "test"), 0) for one in ("model3", "model6")]
    return (
        f"The original prints {printed[0]} for model 3 and {printed[1]} for model 6. Here the "
        f"first minus the second is {describe(found, 'test')}"
    )


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
    judged = claims.judge(report)
    refuted = [
        f"{_quoted(one)}{' (narrowly)' * one.is_narrow}"
        for one in judged
        if one.verdict == Verdict.REFUTED
    ]
    narrow = [_quoted(one) for one in judged if one.verdict == Verdict.CONFIRMED and one.is_narrow]
    stand_ins = [_quoted(one) for one in judged if one.stand_in and one.verdict != Verdict.NOT_RUN]
    named = f" Judged by a stand-in: {'; '.join(stand_ins)}." if stand_ins else ""
    named += f" Refuted: {'; '.join(refuted)}." if refuted else ""
    named += f" Confirmed narrowly: {'; '.join(narrow)}." if narrow else ""
    return f"{claims.verdict_counts(judged)}{named} Verdicts are on the networks as built here."


def _quoted(claim: claims.Claim) -> str:
    return f"“{claim.text.rstrip('.')}”"


def _with_interval(report: Report, model: str) -> str:
    mean = mean_accuracies(report, "test")[model]
    return f"{markup.percent(mean)} (95 % interval {interval_text(report.seeds(model))})"
