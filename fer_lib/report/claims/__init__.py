"""The original report's claims, each judged by the runs.

:mod:`~fer_lib.report.claims.verdicts` has the rules, :mod:`~fer_lib.report.claims.evidence`
compares two configurations in words. The claims themselves stand in
:mod:`~fer_lib.report.claims.data` (section 1), :mod:`~fer_lib.report.claims.models` (3, 4 and 6),
:mod:`~fer_lib.report.claims.training` (4) and :mod:`~fer_lib.report.claims.classes` (5).
"""

from fer_lib.report.claims.classes import disgust_does_well, fear_and_sad_are_worst, happy_is_best
from fer_lib.report.claims.data import class_weights, data_counts
from fer_lib.report.claims.models import (
    average_pooling,
    efficientnet_is_no_better,
    model3_beats_model6,
    model3_highest_loss,
    model6_improves_both,
    no_meaningful_gain,
    variations_beat_model1,
    variations_lose_more,
)
from fer_lib.report.claims.training import (
    all_overfit,
    l2_does_not_help,
    l2_stops_learning,
    model3_best_in_training,
)
from fer_lib.report.claims.verdicts import MARGIN, SURE, Claim, Verdict
from fer_lib.report.claims.wording import card, shared_noise, verdict_counts
from fer_lib.report.selection import Report

__all__ = [
    "ALL",
    "MARGIN",
    "SURE",
    "Claim",
    "Verdict",
    "card",
    "judge",
    "shared_noise",
    "verdict_counts",
]

#: In the order of the original's sections.
ALL = (
    data_counts,
    class_weights,
    average_pooling,
    variations_beat_model1,
    variations_lose_more,
    model6_improves_both,
    no_meaningful_gain,
    model3_best_in_training,
    model3_highest_loss,
    all_overfit,
    l2_does_not_help,
    l2_stops_learning,
    model3_beats_model6,
    happy_is_best,
    fear_and_sad_are_worst,
    disgust_does_well,
    efficientnet_is_no_better,
)


def judge(report: Report) -> list[Claim]:
    """All claims; none without a run."""
    return [claim(report) for claim in ALL] if report.runs else []
