"""The report's figures: from the committed runs, from a demo's, from none."""

import dataclasses
import re

import numpy as np
import pytest
import report_runs

from fer_lib.report import figures, results
from fer_lib.report.exhibits import NARROW, WIDE

FULL = report_runs.committed()


def demo() -> results.Results:
    """A run of four epochs for each model."""
    made = {}
    for name in FULL.models:
        entry, run = next(pair for pair in FULL.made.items() if FULL.name(pair[0]) == name)
        made[entry] = dataclasses.replace(run, info={**run.info, "best_epoch": 3})
        made[entry].__dict__["history"] = run.history.head(4)
    return results.Results(FULL.root, tuple(made), made)


SETS = {"full": FULL, "demo": demo(), "none": results.Results(FULL.root, FULL.entries, {})}
NAMES = "overview frontier figure1 single_models class_counts f1 forest copies votes"
ABLATION = ["compact", "compact_half", "compact_without_mirroring"]


def drawn(kind: str):
    yield from (getattr(figures, name)(SETS[kind]) for name in NAMES.split())
    yield figures.overview(SETS[kind], "efficientnetb0", "model2")
    yield from (figures.practices(SETS[kind], "compact"), figures.ablation(SETS[kind], *ABLATION))
    yield from (figures.confusion(SETS[kind], "model6"), figures.calibration(SETS[kind], "model3"))
    for run in SETS[kind].runs[:1]:
        yield from (figures.learning_curves(run), figures.confusion_matrix(run))


@pytest.mark.parametrize("kind", SETS)
@pytest.mark.filterwarnings("error")
def test_every_figure_is_drawn_for_desk_and_phone(kind):
    for name in ("strip", "blocks"):
        assert "nan" not in getattr(figures, name)(SETS[kind]).html("it")
    for picture in drawn(kind):
        assert picture.alt and not re.search(r"\bnan\b", picture.alt)
        for width in (NARROW, WIDE) if kind == "full" else (NARROW,):
            text = picture.svg("it", width)
            sizes = re.findall(r"font(?:-size)?: (?:bold )?([\d.]+)px", text)
            assert min(map(float, sizes), default=9) >= 9


def test_overview_draws_the_runs_and_their_means():
    panel, _ = figures.overview(FULL).figure().axes
    dots = [line.get_xdata() for line in panel.lines if line.get_marker() == "o"]
    strokes = [line.get_xdata() for line in panel.lines if line.get_marker() == "|"]
    for name, shown, mean in zip(FULL.models, dots, strokes, strict=True):
        np.testing.assert_allclose(shown, 100 * FULL.values(name, "val"))
        np.testing.assert_allclose(mean, shown.mean())


def test_figure1_ends_where_the_table_does():
    units = {"train": 100, "val": 100, "train_loss": 1, "val_loss": 1}
    panels = figures.figure1(FULL).figure().axes
    for panel, (column, unit) in zip(panels, units.items(), strict=True):
        ends = [line.get_ydata()[-1] for line in panel.lines if len(line.get_ydata()) == 50]
        table = [unit * FULL.values(name, column).mean() for name in FULL.models]
        # The last epoch's loss is Keras's, which clips probabilities at 1e-7.
        np.testing.assert_allclose(ends, table, rtol=0.03 if column == "val_loss" else 1e-4)
