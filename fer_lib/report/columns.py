"""The numbers of a run, from which all tables, figures and claims are made."""

from fer_lib import evaluation
from fer_lib.data import EMOTIONS
from fer_lib.runs import Run

#: The columns of :attr:`~fer_lib.report.results.Results.table` that hold numbers.
COLUMNS = (
    *("train", "val", "test", "train_loss", "val_loss", "test_loss", "val_best", "test_best"),
    *("val_views", "test_views", "test_peak", "val_at_peak"),
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
        if f"{split}_views" in run.predictions:
            views = run.predictions[f"{split}_views"]
            found[f"{column}_views"] = evaluation.correct(run.labels(split), views).mean()
    if "test_answers" in run.predictions:
        by_epoch = (run.predictions["test_answers"] == labels).mean(axis=1)
        found["test_peak"] = by_epoch.max()
        found["val_at_peak"] = run.history["val_accuracy"][by_epoch.argmax()]
    found["arithmetic"] = run.info["multiply_adds"] * run.recipe["epochs"]
    found["confidence"] = answers.max(axis=1).mean()
    found["ece"] = run.metrics["test"]["expected_calibration_error"]
    return found | evaluation.classification_report(labels, answers)["f1-score"].to_dict()
