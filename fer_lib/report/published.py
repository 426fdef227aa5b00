"""The original report's numbers, as ``published.toml`` has them."""

import io
import tomllib
from pathlib import Path

import pandas as pd

_TYPED = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))

#: Shares of the splits (0-1), and the training images of some emotions.
SPLIT_SHARES, TRAINING_COUNTS = _TYPED["split_shares"], _TYPED["training_counts"]
#: Images of the data file that are not exact to the pixel.
INEXACT = _TYPED["inexact"]
#: Well-known results of others; ``arithmetic`` is multiply-adds for an image in all epochs.
ELSEWHERE = pd.DataFrame.from_dict(_TYPED["elsewhere"], orient="index")
ELSEWHERE["arithmetic"] = ELSEWHERE[["multiply_adds", "crops", "epochs"]].prod(axis=1)
B0 = "efficientnetb0"
#: The printed classification reports by model, like ``evaluation.classification_report``'s.
REPORTS = {
    name: pd.read_csv(io.StringIO(text), index_col=0, skipinitialspace=True)
    for name, text in _TYPED["reports"].items()
}
#: Under the columns of :attr:`Results.table` what was printed of each model; the emotions hold the
#: test F1.
VALUES = pd.DataFrame.from_dict(_TYPED["after_training"], orient="index").join(
    pd.DataFrame({name: report["f1-score"] for name, report in REPORTS.items()})
    .T.rename(columns={"accuracy": "test"})
    .drop(columns=["macro avg", "weighted avg"])
)


def value(name: str, column: str) -> float:
    """What was printed of a model under a column of :attr:`VALUES`; NaN where nothing was."""
    is_known = name in VALUES.index and column in VALUES
    return float(VALUES.loc[name, column]) if is_known else float("nan")
