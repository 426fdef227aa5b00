"""Classification reports over several seeds, published beside reproduced."""

import numpy as np
import pandas as pd

from fer_lib import evaluation
from fer_lib.data import EMOTIONS
from fer_lib.report import markup, published
from fer_lib.report.markup import NOT_RUN, NOTHING, mean_spread
from fer_lib.report.naming import model_title
from fer_lib.report.selection import Report


def class_report(report: Report, model: str, recipe: str = "", shown: str = ""):
    """A model's classification report on the test split, published beside reproduced.

    Args:
        report: the runs.
        model, recipe: which of them; "" for the main recipe.
        shown: the model whose published report stands beside it; "" for the same.
    """
    from IPython.display import Markdown

    found = report.seeds(model, recipe)
    original = published.REPORTS.get(shown or model)
    name = f"{model_title(model)}, recipe {recipe or report.recipe}"
    if not found and original is None:
        return Markdown(f"{name}: {NOT_RUN}.")
    seeds = f"mean ± spread of {len(found)} seeds" if len(found) > 1 else "one seed"
    seeds = seeds if found else NOT_RUN
    reproduced = [
        evaluation.classification_report(run.labels("test"), run.probabilities("test"))
        for run in found
    ]
    return markup.table(
        _side_by_side(original, reproduced),
        f"{name}: classification report on the test split, {seeds}{_whose(model, shown)}.",
    )


def _whose(model: str, shown: str) -> str:
    """Says it if the published figures are another model's."""
    return f"; published: {model_title(shown)}" if shown not in ("", model) else ""


def _side_by_side(original: pd.DataFrame | None, reproduced: list[pd.DataFrame]) -> pd.DataFrame:
    """The cells as text; of the two sides, those that there are."""
    frame = pd.DataFrame(index=[*EMOTIONS, "accuracy", "macro avg", "weighted avg"])
    for column in ("precision", "recall", "f1-score"):
        if original is not None:
            frame[column, "published"] = [markup.number(x, 2) for x in original[column]]
        if reproduced:
            frame[column, "reproduced"] = [
                _cell([table.loc[row, column] for table in reproduced]) for row in frame.index
            ]
    frame["", "support"] = (reproduced[0] if reproduced else original)["support"]
    return frame


def _cell(values: list[float]) -> str:
    return NOTHING if np.isnan(values[0]) else mean_spread(values, 2)
