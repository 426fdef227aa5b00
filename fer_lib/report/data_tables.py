"""Tables of the data: its classes, what its audit counts, what the original says of it."""

import numpy as np
import pandas as pd

from fer_lib.data import EMOTIONS, SPLITS
from fer_lib.data.auditing import BLANK_RANGE
from fer_lib.data.record import Record
from fer_lib.report import markup, published
from fer_lib.report.selection import Report

#: What the audit counts, and how the table says it.
AUDIT_ROWS = {
    "images_in_all": "images in all",
    "distinct_images": "distinct images (no two pixels by pixel the same)",
    "rows_sharing_pixels": "images whose pixels occur more than once",
    "test_copies_of_train": "test images that are copies of training images",
    "test_copies_of_train_or_validation": "test images that are copies of training or validation "
    "images",
    "validation_copies_of_train": "validation images that are copies of training images",
    "conflicting_groups": "groups of identical images with different labels",
    "conflicting_rows": "images in these groups",
    "blank_images": f"blank images (grey values less than {BLANK_RANGE} apart)",
}


def class_counts(report: Report):
    """Images by emotion and split, the class's share of the training images and its weight."""
    counts = report.counts
    train = np.array(counts["train"])
    frame = pd.DataFrame(
        {split: [f"{count:,}" for count in counts[split]] for split in SPLITS}, index=EMOTIONS
    )
    frame["share of training"] = [markup.percent(share) for share in train / train.sum()]
    # The balanced weights of scikit-learn, as data.class_weights gives them.
    frame["class weight"] = [f"{weight:.2f}" for weight in train.sum() / (len(train) * train)]
    total = {split: f"{sum(counts[split]):,}" for split in SPLITS}
    frame.loc["all"] = total | {"share of training": markup.percent(1), "class weight": ""}
    return markup.table(frame, "Images by emotion and split, and the balanced class weights.")


def audit_table(record: Record):
    """What the audit of the data counts."""
    audit = record.info["audit"]
    frame = pd.DataFrame({"count": {text: f"{audit[key]:,}" for key, text in AUDIT_ROWS.items()}})
    return markup.table(frame, "Audit of the data: copies, conflicts and blanks.")


def published_counts(report: Report):
    """Where the original's statements about the data differ from the data."""
    rows = {name: row for kind in _statements(report).values() for name, row in kind.items()}
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["published", "counted"])
    return markup.table(frame, "What the original report says of the data, and what was counted.")


def published_sentence(report: Report) -> str:
    """How many of these statements agree with the data; "" for other data."""
    if report.is_demo:
        return ""
    parts = [
        f"{sum(said == found for said, found in kind.values())} of the {len(kind)} {name}"
        for name, kind in _statements(report).items()
    ]
    sizes = published.SPLIT_SIZES.values()
    shares = markup.join(markup.percent(size / sum(sizes)) for size in sizes)
    return f"The data has {markup.join(parts)} as stated. The stated sizes make {shares}."


def _statements(report: Report) -> dict[str, dict[str, tuple[str, str]]]:
    """By kind and row: what the original says of the data and what was counted, as text."""
    counts = report.counts
    total = sum(map(sum, counts.values()))
    return {
        "sizes of the splits": {
            f"{split} split, images": (f"{said:,}", f"{sum(counts[split]):,}")
            for split, said in published.SPLIT_SIZES.items()
        },
        "class counts": {
            f"training images, {name}": (f"{said:,}", f"{counts['train'][EMOTIONS.index(name)]:,}")
            for name, said in published.TRAINING_COUNTS.items()
        },
        "shares": {
            f"{split} split, share": (
                markup.percent(said),
                markup.percent(sum(counts[split]) / total),
            )
            for split, said in published.SPLIT_SHARES.items()
        },
    }
