"""What each committed run gave, pinned: recomputed from its files and compared with a table.

``tests/pinned_runs.csv`` has a row for each of the first 47 runs: figures after the last epoch and
the F1 of each class on the test images. ``python tests/test_pinned_runs.py`` prints it anew.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import report_runs
from sklearn.metrics import f1_score, log_loss

from fer_lib import paths
from fer_lib.data import EMOTIONS

TABLE = Path(__file__).parent / "pinned_runs.csv"
COPIES = {
    "images_in_all": 35887,
    "distinct_images": 34035,
    "rows_sharing_pixels": 3366,
    "test_copies_of_train": 288,
    "validation_copies_of_train": 280,
    "conflicting_groups": 56,
    "blank_images": 14,
}


def figures(run) -> dict[str, float]:
    """The row of a run: history's last line, and what its probabilities give."""
    last = run.history.iloc[-1]
    row = {"train_accuracy": last["accuracy"], "train_loss": last["loss"]}
    for split in ("validation", "test"):
        labels, probabilities = run.labels(split), run.probabilities(split).astype(float)
        row[f"{split}_accuracy"] = np.mean(probabilities.argmax(axis=1) == labels)
        row[f"{split}_loss"] = log_loss(labels, probabilities / probabilities.sum(1, keepdims=True))
    labels, predicted = run.labels("test"), run.probabilities("test").argmax(axis=1)
    scores = f1_score(labels, predicted, labels=range(7), average=None, zero_division=0)
    return row | dict(zip(EMOTIONS, scores, strict=True))


def table() -> pd.DataFrame:
    rows = {(run.name, run.seed): figures(run) for run in report_runs.committed().runs}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["run", "seed"]).round(6)


def test_committed_runs_give_what_they_gave():
    pinned = pd.read_csv(TABLE, index_col=["run", "seed"])
    pd.testing.assert_frame_equal(table().loc[pinned.index], pinned, atol=2e-6, rtol=0)


def test_the_audit_counts_are_what_they_were():
    from fer_lib.data import record

    (folder,) = (paths.ROOT / "runs" / "data").iterdir()
    counted = record.read(paths.ROOT / "runs", folder.name).info["audit"]
    assert {name: counted[name] for name in COPIES} == COPIES


if __name__ == "__main__":
    table().to_csv(sys.stdout)
