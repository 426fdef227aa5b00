"""What a claim and a verdict are, and the rules that give a verdict.

A gain counts if its whole interval (:mod:`fer_lib.report.comparison`) lies above zero, and "no
gain" is confirmed only if the whole interval lies below :data:`MARGIN`. What the data cannot decide
stays undecidable. The rules were written before the first run had finished; what was changed since
is in the changelog.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import NamedTuple

from fer_lib.report import markup
from fer_lib.report.comparison import Gain

#: What is said where little would change the answer.
OWN_SEEDS = "By the seeds of these two alone"
CLOSE = "A tenth of a point would change the answer."
NEAR = "So near to the limit, another simulation could change the answer."
#: What follows this in a sentence has no part in the verdict.
NOT_JUDGED = "Not judged, as the formats differ:"
#: Accuracy gains below one point are not worth calling an improvement.
MARGIN = 0.01
#: A statement about an order holds if it does in this share of resampled test sets.
SURE = 0.95
#: What a share of resampled test sets may be wrong by: two standard errors.
SIMULATION_ERROR = 0.01


class Verdict(StrEnum):
    """What the runs say of a claim."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    UNDECIDABLE = "undecidable at this sample size"
    OPEN = "neither confirmed nor refuted"
    NOT_RUN = markup.NOT_RUN


class Evidence(NamedTuple):
    """One sentence, what it alone says of a claim, and what else it would say if little changed."""

    sentence: str
    verdict: Verdict
    otherwise: frozenset[Verdict] = frozenset()


@dataclass(frozen=True)
class Claim:
    """A claim of the original report with its evidence.

    Attributes:
        section: where the original makes it.
        text: what it says.
        evidence: what the runs say, one sentence an item.
        verdict: what the evidence says of the text.
        stand_in: whether another network was judged in the place of the claim's own.
        is_narrow: whether little would change the verdict.
    """

    section: str
    text: str
    evidence: list[str]
    verdict: Verdict
    stand_in: bool = False
    is_narrow: bool = False

    @property
    def outcome(self) -> str:
        """The verdict in words."""
        judged_another = self.stand_in and self.verdict != Verdict.NOT_RUN
        return f"{self.verdict} for a stand-in" if judged_another else str(self.verdict)


def claim(section: str, text: str, parts: Sequence[Evidence]) -> Claim:
    """A claim judged by all its parts."""
    sentences = list(dict.fromkeys(part.sentence for part in parts))
    verdict, is_narrow = weigh(parts, all_of)
    return Claim(section, text, sentences, verdict, is_narrow=is_narrow)


def weigh(
    parts: Sequence[Evidence], rule: Callable[[Sequence[Verdict]], Verdict]
) -> tuple[Verdict, bool]:
    """The verdict by a rule on all parts, and whether it is another if little changes in some."""
    verdict = rule([part.verdict for part in parts])
    cases = product(*({part.verdict, *part.otherwise} for part in parts))
    return verdict, verdict != Verdict.NOT_RUN and any(rule(case) != verdict for case in cases)


def is_true(fact: bool) -> Verdict:
    """For what can be counted."""
    return Verdict.CONFIRMED if fact else Verdict.REFUTED


def helps(found: Gain) -> Verdict:
    """For "a is better than b"."""
    if found.low > 0:
        return Verdict.CONFIRMED
    return Verdict.REFUTED if found.high < 0 else Verdict.UNDECIDABLE


def reduces(found: Gain) -> Verdict:
    """For "a has the lower loss than b"."""
    if found.high < 0:
        return Verdict.CONFIRMED
    return Verdict.REFUTED if found.low > 0 else Verdict.UNDECIDABLE


def does_not_help(found: Gain) -> Verdict:
    """For "a is not meaningfully better than b": for sure below the margin, or above it."""
    if found.high < MARGIN:
        return Verdict.CONFIRMED
    return Verdict.REFUTED if found.low > MARGIN else Verdict.UNDECIDABLE


def holds_in(share: float) -> Verdict:
    """For a statement that holds in this share of resampled test sets."""
    if share >= SURE:
        return Verdict.CONFIRMED
    return Verdict.REFUTED if share <= 1 - SURE else Verdict.UNDECIDABLE


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """For a claim that has several parts: refuted if any is, confirmed only if all are."""
    found = set(verdicts)
    for verdict in (Verdict.REFUTED, Verdict.NOT_RUN, Verdict.UNDECIDABLE, Verdict.OPEN):
        if verdict in found:
            return verdict
    return Verdict.CONFIRMED if found else Verdict.NOT_RUN
