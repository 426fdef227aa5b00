"""Sentences on the pretrained network: what was published, what came out, and why they differ."""

import numpy as np

from fer_lib import evaluation
from fer_lib.data.dataset import OFFICIAL_COUNTS
from fer_lib.report import markup, published
from fer_lib.report.accuracies import accuracies
from fer_lib.report.claims.evidence import compare
from fer_lib.report.claims.models import LITE0, PRETRAINED_RECIPE, unsettled
from fer_lib.report.claims.verdicts import helps
from fer_lib.report.naming import model_title
from fer_lib.report.seed_curves import over_seeds
from fer_lib.report.selection import Report

#: A difference in accuracy far beyond what the images and the seeds of Table 1's models make.
FAR = 0.05
#: The same of a loss, in nats.
FAR_LOSS = 0.25


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
    remarks = [_neither(report, first), *unsettled(report, report.seeds(*first))]
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


def disgusted_found(report: Report, groups: list[tuple[str, str]]) -> str:
    """The recall of the rarest class by the pretrained networks, published and reproduced."""
    recall = published.REPORTS["efficientnetb0"].loc["Disgusted", "recall"]
    parts = [f"the published EfficientNetB0 found {markup.percent(recall, 0)}"]
    for model, recipe in groups:
        if found := report.seeds(model, recipe):
            reports = [
                evaluation.classification_report(run.labels("test"), run.probabilities("test"))
                for run in found
            ]
            share = np.mean([one.loc["Disgusted", "recall"] for one in reports])
            parts.append(f"{model_title(model)} by {recipe} {markup.percent(share, 0)}")
    return f"Of the images labelled Disgusted {markup.join(parts)}."


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
