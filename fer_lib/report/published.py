"""The original report's numbers, each typed once; every column "published" comes from here.

"Section" and "Table" mean those of the original report, "Deep Learning based on CNNs: Facial
Emotion Recognition" by F-Riv. Accuracies are fractions, losses nats, as it prints them.
"""

import pandas as pd

from fer_lib.data import EMOTIONS

#: Section 1: images by split, and the shares that it states (they are 80, 10 and 10 %).
SPLIT_SIZES = {"train": 28709, "validation": 3589, "test": 3589}
SPLIT_SHARES = {"train": 0.75, "validation": 0.125, "test": 0.125}
#: Section 1: the classes whose training images it counts (the file has one fewer of each).
TRAINING_COUNTS = {"Disgusted": 437, "Happy": 7216}

#: Not of the original: images of the rebuilt data file that come from a JPEG copy, counted when the
#: file was made; the others are exact to the pixel.
INEXACT = 177

#: Table 1: after 50 epochs.
TABLE1 = pd.DataFrame.from_dict(
    {
        "model1": (0.7877, 0.5726, 0.6353, 1.2657),
        "model2": (0.8521, 0.3988, 0.6512, 1.3973),
        "model3": (0.9289, 0.2025, 0.6545, 1.9193),
        "model4": (0.8623, 0.3711, 0.6475, 1.5991),
        "model5": (0.9210, 0.2285, 0.6520, 1.8573),
        "model6": (0.8219, 0.4792, 0.6506, 1.2509),
    },
    orient="index",
    columns=["train", "train_loss", "val", "val_loss"],
)

B0 = "efficientnetb0"
#: Section 6: EfficientNetB0 at the end of its ten epochs.
PRETRAINED = {"val": 0.56, "val_loss": 1.18}


def _report(text: str) -> pd.DataFrame:
    """A printed classification report as a table like ``evaluation.classification_report``'s."""
    rows = [[float(cell) for cell in line.split()] for line in text.strip().splitlines()]
    names = [*EMOTIONS, "accuracy", "macro avg", "weighted avg"]
    columns = ["precision", "recall", "f1-score", "support"]
    return pd.DataFrame(rows, index=names, columns=columns).astype({"support": int})


#: Sections 5 and 6: the classification reports on the test split, by model.
REPORTS = {
    "model6": _report("""
        0.62 0.53 0.57  491
        0.70 0.64 0.67   55
        0.59 0.44 0.51  528
        0.87 0.86 0.87  879
        0.48 0.60 0.53  594
        0.78 0.77 0.78  416
        0.59 0.66 0.62  626
        nan  nan  0.66 3589
        0.66 0.64 0.65 3589
        0.67 0.66 0.66 3589
    """),
    "model3": _report("""
        0.55 0.62 0.58  491
        0.88 0.65 0.75   55
        0.54 0.49 0.51  528
        0.88 0.85 0.86  879
        0.52 0.55 0.53  594
        0.82 0.80 0.81  416
        0.64 0.64 0.64  626
        nan  nan  0.67 3589
        0.69 0.66 0.67 3589
        0.68 0.67 0.67 3589
    """),
    B0: _report("""
        0.48 0.28 0.35  491
        0.33 0.02 0.03   55
        0.36 0.35 0.36  528
        0.68 0.75 0.71  879
        0.38 0.46 0.41  594
        0.59 0.69 0.64  416
        0.47 0.45 0.46  626
        nan  nan  0.51 3589
        0.47 0.43 0.42 3589
        0.50 0.51 0.50 3589
    """),
}


def value(name: str, column: str) -> float:
    """What was printed under a column of :attr:`Results.table`; NaN where nothing was.

    Args:
        name: of a model, such as "model3" or "efficientnetb0".
        column: "train", "train_loss", "val", "val_loss", "test", or an emotion (its test F1).
    """
    if column in TABLE1 and name in TABLE1.index:
        return float(TABLE1.loc[name, column])
    if name == B0 and column in PRETRAINED:
        return PRETRAINED[column]
    if name in REPORTS and column in ("test", *EMOTIONS):
        return float(REPORTS[name].loc["accuracy" if column == "test" else column, "f1-score"])
    return float("nan")
