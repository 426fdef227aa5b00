"""What usual practices add to a test accuracy, on runs that kept the answers of every epoch."""

import itertools

import numpy as np

from fer_lib import evaluation
from fer_lib.report.results import Results
from fer_lib.report.statistics import Part, compare

#: What they are called. The last of a network's epochs and one view are what they are held against.
LABELS = {
    "validation": "epoch chosen on validation images",
    "views": "ten views of each image",
    "together": "then all networks together",
    "searched": "then the best of their subsets, by test labels",
    "test": "epoch chosen on test images",
    "swapped": "the same, and splits swapped",
    "copies": "copies among the test images",
}
#: Columns of the results with what some of them reach.
COLUMNS = {"validation": "test_best", "test": "test_peak", "swapped": "val_at_peak"}
COLUMNS |= {"views": "test_views"}


def gains(results: Results, name: str) -> dict[str, Part]:
    """By the keys of ``LABELS``, the points that each adds to the test accuracy of a name.

    "together" and "searched" add to what stands before them. "swapped" chooses the epoch on the
    test images and gives the accuracy on the validation images.
    """
    plain, runs = results.values(name, "test"), results.of(name)
    values = {key: results.values(name, column) - plain for key, column in COLUMNS.items()}
    copies = results.on_masks("copies", name)
    values["copies"] = copies["all"] - copies["no copies"] if len(copies) else []
    found = {key: compare(LABELS[key], one, column="test") for key, one in values.items()}
    views = [run.predictions["test_views"] for run in runs if "test_views" in run.predictions]
    subsets = (itertools.combinations(views, size + 1) for size in range(len(views)))
    shares = [
        evaluation.accuracy(runs[0].labels("test"), np.mean(subset, axis=0))
        for subset in itertools.chain(*subsets)
    ] or [np.nan]
    steps = {"together": shares[-1] - results.mean(name, "test_views")}
    steps["searched"] = max(shares) - shares[-1]
    for key, gain in steps.items():
        found[key] = Part(LABELS[key], "test", (len(views),), gain)
    return {key: found[key] for key in LABELS}
