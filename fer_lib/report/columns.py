"""The numbers of a run, from which all tables, figures and claims are made."""

import numpy as np

from fer_lib import evaluation
from fer_lib.data import EMOTIONS
from fer_lib.runs import Run

#: The columns of :attr:`~fer_lib.report.results.Results.table` that hold numbers.
COLUMNS = (
    *("train", "val", "test", "train_loss", "val_loss", "test_loss", "val_best", "test_best"),
    *("test_views", "test_peak", "val_at_peak"),
    *("arithmetic", "confidence", "ece", *EMOTIONS),
    *("overfit", "happy_lead", "fear_sad_lag", "disgusted_lead"),
)


def of_run(run: Run) -> dict[str, float]:
    """What a run's history, metrics and probabilities say under :data:`COLUMNS`."""
    labels, answers = run.labels("test"), run.probabilities("test")
    found = run.history.iloc[-1][["accuracy", "loss"]].set_axis(["train", "train_loss"]).to_dict()
    for split, column in {"validation": "val", "test": "test"}.items():
        found[column] = run.metrics[split]["accuracy"]
        found[f"{column}_loss"] = run.metrics[split]["loss"]
        found[f"{column}_best"] = run.metrics[f"{split}_best"]["accuracy"]
    if "test_views" in run.predictions:
        found["test_views"] = evaluation.accuracy(labels, run.predictions["test_views"])
    if "test_answers" in run.predictions:
        by_epoch = (run.predictions["test_answers"] == labels).mean(axis=1)
        found["test_peak"] = by_epoch.max()
        found["val_at_peak"] = run.history["val_accuracy"][by_epoch.argmax()]
    found["arithmetic"] = run.info["multiply_adds"] * run.recipe["epochs"]
    found["confidence"] = answers.max(axis=1).mean()
    found["ece"] = run.metrics["test"]["expected_calibration_error"]
    found["overfit"] = found["train"] - found["val"]
    return found | f1(labels, answers)


def f1(labels: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """F1 by emotion, and by how much some lie above or below others."""
    scores = evaluation.classification_report(labels, probabilities)["f1-score"][list(EMOTIONS)]
    worst = scores[["Fear", "Sad"]]
    return {
        **scores,
        "happy_lead": scores["Happy"] - scores.drop("Happy").max(),
        "fear_sad_lag": scores.drop(worst.index).min() - worst.max(),
        "disgusted_lead": scores["Disgusted"] - scores.mean(),
    }


def disgusted_lead(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """By how much F1 of Disgusted lies above the mean of the emotions."""
    return f1(labels, probabilities)["disgusted_lead"]
