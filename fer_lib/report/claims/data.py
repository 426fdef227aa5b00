"""Section 1: what the original says of the data."""

import dataclasses

import numpy as np

from fer_lib.data import EMOTIONS
from fer_lib.report import markup, published
from fer_lib.report.claims.evidence import compare_with_original
from fer_lib.report.claims.verdicts import Claim, Evidence, claim, does_not_help, is_true
from fer_lib.report.seed_curves import over_seeds
from fer_lib.report.selection import Report


def data_counts(report: Report) -> Claim:
    """Two class counts and the shares of the splits."""
    words = [f"{said:,} images of {name}" for name, said in published.TRAINING_COUNTS.items()]
    shares = markup.join(markup.percent(share) for share in published.SPLIT_SHARES.values())
    text = f"The training set has {markup.join(words)}; the splits hold {shares}."
    return claim("1", text, [*_class_counts(report), _split_shares(report)])


def _class_counts(report: Report) -> list[Evidence]:
    parts = []
    for name, said in published.TRAINING_COUNTS.items():
        found = report.counts["train"][EMOTIONS.index(name)]
        sentence = f"The file has {found:,} training images of {name}."
        parts.append(Evidence(sentence, is_true(found == said)))
    return parts


def _split_shares(report: Report) -> Evidence:
    total = sum(map(sum, report.counts.values()))
    shares = [sum(report.counts[split]) / total for split in published.SPLIT_SHARES]
    same = np.allclose(shares, list(published.SPLIT_SHARES.values()), atol=0.005)
    sentence = f"The splits hold {markup.join(map(markup.percent, shares))}."
    return Evidence(sentence, is_true(same))


def class_weights(report: Report) -> Claim:
    part = compare_with_original(report, "class-weights", does_not_help)
    text = "Class weights do not increase accuracy during training (in validation accuracy)."
    judged = claim("1", text, [part])
    return dataclasses.replace(judged, evidence=[*judged.evidence, *_by_training(report)])


def _by_training(report: Report) -> list[str]:
    """What the other accuracy says that "during training" may mean."""
    means = [
        over_seeds(found, "accuracy")["mean"].iloc[-1]
        for recipe in ("class-weights", "")
        if (found := report.seeds("model2", recipe))
    ]
    if len(means) < 2:
        return []
    return [
        f"Read as training accuracy, which is not judged: Model 2 ends at "
        f"{markup.percent(means[0])} with class weights and at {markup.percent(means[1])} without."
    ]
