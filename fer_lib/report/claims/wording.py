"""How judged claims are printed: each as a card, all of them in one sentence."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from fer_lib.report import comparison, markup
from fer_lib.report.claims.verdicts import Claim, Verdict
from fer_lib.report.selection import Report
from fer_lib.runs import SPLITS


def card(claim: Claim) -> str:
    """A claim as MyST Markdown: what was said, the verdict, the evidence."""
    evidence = "\n".join(f"- {sentence}" for sentence in claim.evidence)
    style = claim.verdict.name.lower().replace("_", "-")
    return (
        f":::{{card}} Section {claim.section}: {claim.text}\n:class-card: fer-claim {style}\n\n"
        f"**Verdict: {claim.outcome}{' (narrowly)' * claim.is_narrow}**\n\n{evidence}\n:::"
    )


def shared_noise(report: Report) -> str:
    """What seeds are found to change on all images alike; "" where no model has several."""
    parts = []
    for split in SPLITS:
        spread = comparison.shared_spread(report.seeds_by_model, split)
        if np.isnan(spread):
            return ""
        parts.append(f"{100 * spread:.1f} points of {split} accuracy")
    return (
        "This is what the models of Table 1 are found to scatter by from seed to seed beyond the "
        f"chance of single images, as a standard deviation: {markup.join(parts)}."
    )


def verdict_counts(judged: Sequence[Claim]) -> str:
    """How the original's claims fare, in one sentence; nothing to say without a claim."""
    order = list(Verdict)
    ranked = sorted(judged, key=lambda claim: (order.index(claim.verdict), claim.stand_in))
    counts = Counter(claim.outcome for claim in ranked)
    parts = [f"{count} {outcome}" for outcome, count in counts.items()]
    return f"The original report's {len(judged)} claims: {markup.join(parts)}." if parts else ""
