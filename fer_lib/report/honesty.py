"""How far the numbers can be trusted: copies, agreement of annotators, calibration, choices."""

import numpy as np
import pandas as pd

from fer_lib import evaluation, runs
from fer_lib.data.votes import AGREEMENT, agreement
from fer_lib.report import markup
from fer_lib.report.accuracies import accuracies
from fer_lib.report.markup import NOT_RUN, mean_spread
from fer_lib.report.naming import model_title
from fer_lib.report.selection import Report
from fer_lib.runs import Run

#: The mask of test images that stand in the training or validation split too.
COPIES = "test_copy_of_train_or_validation"


def measured(report: Report, model: str, recipe: str = "") -> list[Run]:
    """The runs of a model whose test images are those of the data's record, image by image."""
    record = report.record
    return [
        run
        for run in report.seeds(model, recipe)
        if record is not None and np.array_equal(run.labels("test"), record.arrays["test_labels"])
    ]


def copies_table(report: Report):
    """Accuracy on all test images beside accuracy on those that the model cannot have seen."""
    copies = report.record.arrays[COPIES].astype(bool)
    masks = {
        f"all {len(copies):,}": np.ones_like(copies),
        f"{(~copies).sum():,} that are no copies": ~copies,
        f"{copies.sum():,} copies": copies,
    }
    frame = _by_mask(report, masks)
    return markup.table(frame, "Test accuracy in percent, with and without copies.")


def agreement_table(report: Report):
    """Accuracy by how far the annotators of FER+ agreed on the image."""
    codes = agreement(report.record.arrays["test_votes"])
    masks = {
        f"{name} ({(codes == code).sum():,})": codes == code for code, name in enumerate(AGREEMENT)
    }
    frame = _by_mask(report, masks)
    return markup.table(frame, "Test accuracy in percent, by the agreement of ten annotators.")


def agreement_sentence(report: Report) -> str:
    """How much more often the models are right where the annotators agree."""
    codes = agreement(report.record.arrays["test_votes"])
    clear, unclear = (codes == AGREEMENT.index(name) for name in ("unanimous", "no majority"))
    falls = [
        np.mean([_accuracy(run, clear) - _accuracy(run, unclear) for run in found])
        for model in report.models
        if (found := measured(report, model))
    ]
    if not falls:
        return "No run has been made on this data yet."
    return (
        "On the images without a majority the models are "
        f"{markup.span(falls, lambda fall: f'{100 * fall:.1f}')} points less accurate than on the "
        "unanimous ones."
    )


def _by_mask(report: Report, masks: dict[str, np.ndarray]) -> pd.DataFrame:
    """Accuracy of each model of the main recipe on the test images of each mask."""
    rows = {}
    for model in report.models:
        found = measured(report, model)
        rows[model_title(model)] = {
            name: mean_spread((_accuracy(run, mask) for run in found), 1, 100)
            for name, mask in masks.items()
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _accuracy(run: Run, mask: np.ndarray) -> float:
    return evaluation.accuracy_on(run.labels("test"), run.probabilities("test"), mask)


def copies_sentence(report: Report) -> str:
    """What the copies are worth, in one sentence."""
    copies = report.record.arrays[COPIES].astype(bool)
    gains = [
        np.mean([_accuracy(run, np.ones_like(copies)) - _accuracy(run, ~copies) for run in found])
        for model in report.models
        if (found := measured(report, model))
    ]
    if not gains:
        return "No run has been made on this data yet."
    return (
        f"{copies.sum():,} of the {len(copies):,} test images "
        f"({markup.percent(copies.mean())}) are copies of training or validation images. Counting "
        f"them changes the models' accuracies by {markup.span(gains, markup.points)} points."
    )


def best_epoch_table(report: Report):
    """The last epoch beside the best by validation accuracy; the test split has no say."""
    rows = {}
    for model in report.models:
        found = report.seeds(model)
        rows[model_title(model)] = {
            "best epoch": ", ".join(str(run.info["best_epoch"]) for run in found) or NOT_RUN,
            "of": ", ".join(str(len(run.history)) for run in found[:1]) or markup.NOTHING,
        } | {
            f"{split}, {epoch}": mean_spread(accuracies(found, split + suffix), 1, 100)
            for split in runs.SPLITS
            for epoch, suffix in (("last", ""), ("best", "_best"))
        }
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return markup.table(frame, "Accuracy in percent after the last epoch and after the best.")


def best_epoch_sentence(report: Report) -> str:
    """What choosing the epoch by validation accuracy seems to win, and what it does win."""
    found = [run for model in report.models for run in report.seeds(model)]
    if not found:
        return "No model has been trained yet."
    seeming, true = (
        np.mean(accuracies(found, f"{split}_best")) - np.mean(accuracies(found, split))
        for split in runs.SPLITS
    )
    return (
        f"Averaged over {len(found)} run{'s' * (len(found) > 1)}, the chosen epoch is "
        f"{markup.points(seeming)} points better on the validation images that chose it, and "
        f"{markup.points(true)} points on the test images, which did not choose."
    )


def calibration_table(report: Report):
    """Confidence beside accuracy: how far a model's probabilities can be believed."""
    rows = {}
    for model in report.models:
        found = report.seeds(model)
        metrics = [run.metrics["test"] for run in found]
        confidence = (float(run.probabilities("test").max(axis=1).mean()) for run in found)
        errors = (m["expected_calibration_error"] for m in metrics)
        rows[model_title(model)] = {
            "mean confidence": mean_spread(confidence, 1, 100),
            "accuracy": mean_spread((m["accuracy"] for m in metrics), 1, 100),
            "expected calibration error": mean_spread(errors, 1, 100),
            "loss": mean_spread((m["loss"] for m in metrics), 3),
        }
    frame = pd.DataFrame.from_dict(rows, orient="index")
    caption = "Calibration on the test images after the last epoch; all but the loss in percent."
    return markup.table(frame, caption)


def calibration_sentence(report: Report) -> str:
    """How much surer the models are than right, from the least to the most."""
    gaps = {}
    for model in report.models:
        if found := report.seeds(model):
            confidence = np.mean([run.probabilities("test").max(axis=1).mean() for run in found])
            gaps[model] = float(confidence) - np.mean(accuracies(found, "test"))
    if not gaps:
        return "No model has been trained yet."
    ends = dict.fromkeys((min(gaps, key=gaps.get), max(gaps, key=gaps.get)))
    named = [f"{markup.points(gaps[model])} points ({model_title(model)})" for model in ends]
    return (
        f"The mean confidence minus the accuracy is {' to '.join(named)}. A positive difference "
        "means that a model is surer than it is right."
    )
