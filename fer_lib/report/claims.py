"""The original report's claims as a table, each judged by the runs.

To add one, write an entry of :data:`CLAIMS`: ``pairs`` name two sides of
:attr:`fer_lib.report.results.Results.names` and, where it is not the validation accuracy, the
column of the results that is compared.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from fer_lib.data import EMOTIONS
from fer_lib.report import published
from fer_lib.report.results import Results, title
from fer_lib.report.statistics import MARGIN, Part, compare, verdict

MODELS = list(published.TABLE1.index)
#: From the clearest to none; every verdict is one of these.
VERDICTS = ("confirmed", "refuted", "undecided", "too few runs")
WORST = ["Fear", "Sad"]
#: The models whose test results the original prints.
TESTED = [("model3",), ("model6",)]


@dataclass(frozen=True)
class Claim:
    """A claim of the original report.

    Attributes:
        key: its name in the book.
        section: of the original report.
        short: the claim in at most eight words.
        rule: makes the parts of the judgement.
        pairs: what the rule compares.
    """

    key: str
    section: str
    short: str
    rule: Callable[..., list[Part]]
    pairs: Sequence[tuple[str, ...]] = ()


@dataclass(frozen=True)
class Judged:
    """A claim with its parts and its verdict: confirmed, refuted, undecided or too few runs."""

    claim: Claim
    parts: list[Part]
    verdict: str


def better(results: Results, pairs, **options) -> list[Part]:
    """The first of each pair lies above the second."""
    found = []
    for first, second, *rest in pairs:
        column = rest[0] if rest else "val"
        sides = [results.values(name, column) for name in (first, second)]
        label = f"{title(first)} − {title(second)}"
        found.append(compare(label, *sides, column=column, **options))
    return found


def not_better(results: Results, pairs) -> list[Part]:
    """The first of each pair lies less than a point above the second."""
    return better(results, pairs, limit=MARGIN, below=True)


def overfits(results: Results, pairs) -> list[Part]:
    """Training accuracy ends above validation accuracy."""
    return [
        compare(title(m), results.values(m, "train") - results.values(m, "val")) for (m,) in pairs
    ]


def classes(gap: Callable[[pd.DataFrame], pd.Series]):
    """A rule on a gap between the test F1 of classes (N x 7), which lies above zero."""

    def rule(results: Results, pairs) -> list[Part]:
        found = []
        for (name,) in pairs:
            f1 = pd.DataFrame({emotion: results.values(name, emotion) for emotion in EMOTIONS})
            found.append(compare(title(name), gap(f1)))
        return found

    return rule


def counted(results: Results, pairs) -> list[Part]:
    """Counts of the data and shares of its splits are what the original states."""
    total = sum(map(sum, results.counts.values()))
    sizes = {split: sum(counts) for split, counts in results.counts.items()}
    stated = {
        f"training images of {name}": (said, results.counts["train"][EMOTIONS.index(name)])
        for name, said in published.TRAINING_COUNTS.items()
    } | {
        f"share of the {split} split, %": (100 * said, round(100 * sizes[split] / total, 1))
        for split, said in published.SPLIT_SHARES.items()
    }
    return [
        Part(label, "count", (), found - said, supports=found != said, opposes=found == said)
        for label, (said, found) in stated.items()
    ]


def stops(results: Results, pairs) -> list[Part]:
    """One of the runs ends less than a point above always giving the most frequent answer."""
    most = max(results.counts["validation"]) / sum(results.counts["validation"])
    found = []
    for (name,) in pairs:
        if len(ends := results.values(name, "val")):
            gap = ends.min() - most
            supports = float(gap >= MARGIN)
            found.append(
                Part(title(name), "val", (len(ends),), gap, limit=MARGIN, supports=supports)
            )
    return sorted(found, key=lambda part: part.supports)[:1] or [compare("L2", [])]


#: In the order of the original's sections; the book quotes each in the original's words.
CLAIMS = (
    Claim("data_counts", "1", "Class counts and shares of the splits", counted),
    Claim(
        "class_weights",
        "1",
        "Class weights do not help",
        not_better,
        [("model2_class_weights", "model2")],
    ),
    Claim("average_pooling", "3", "Average pooling helps", better, [("model2", "model1")]),
    Claim(
        "variations_better",
        "4",
        "Every variation beats model 1",
        better,
        [(model, "model1") for model in MODELS[1:]],
    ),
    Claim(
        "variations_loss",
        "4",
        "Models 2 to 5 have a higher loss",
        better,
        [(model, "model1", "val_loss") for model in MODELS[1:5]],
    ),
    Claim(
        "model6_both",
        "4",
        "Model 6 improves accuracy and loss",
        better,
        [("model6", "model1"), ("model1", "model6", "val_loss")],
    ),
    Claim(
        "no_gain",
        "4",
        "Larger kernel and fourth block do not help",
        not_better,
        [("model4", "model2"), ("model5", "model2")],
    ),
    Claim(
        "best_in_training",
        "4",
        "Model 3 is best in training",
        better,
        [("model3", other, "train") for other in MODELS if other != "model3"],
    ),
    Claim(
        "highest_loss",
        "4",
        "Model 3 has the highest loss",
        better,
        [("model3", other, "val_loss") for other in MODELS if other != "model3"],
    ),
    Claim("overfitting", "4", "All models overfit", overfits, [(model,) for model in MODELS]),
    Claim(
        "l2_no_gain",
        "4",
        "L2 does not help",
        not_better,
        [("model2_l2_small", "model2"), ("model2_l2_middle", "model2")],
    ),
    Claim(
        "l2_stops",
        "4",
        "L2 set too high stops learning",
        stops,
        [("model2_l2_high",), ("model2_l2_extreme",), ("model2_l2_utmost",)],
    ),
    Claim(
        "model3_on_test",
        "5",
        "Model 3 beats model 6 on test",
        better,
        [("model3", "model6", "test")],
    ),
    Claim(
        "happy_best",
        "5",
        "Happy is recognised best",
        classes(lambda f1: f1["Happy"] - f1.drop(columns="Happy").max(axis=1)),
        TESTED,
    ),
    Claim(
        "fear_sad_worst",
        "5",
        "Fear and Sad are recognised worst",
        classes(lambda f1: f1.drop(columns=WORST).min(axis=1) - f1[WORST].max(axis=1)),
        TESTED,
    ),
    Claim(
        "disgusted_good",
        "5",
        "Disgusted lies above the mean F1",
        classes(lambda f1: f1["Disgusted"] - f1.mean(axis=1)),
        TESTED,
    ),
    Claim(
        "pretrained",
        "6",
        "The pretrained network is no better",
        not_better,
        [("efficientnet_lite0_original_pretrained", model) for model in MODELS],
    ),
)


def judge(results: Results) -> dict[str, Judged]:
    """Every claim by its key, with the comparisons that decide and the verdict."""
    judged = {}
    for claim in CLAIMS:
        parts = claim.rule(results, claim.pairs)
        judged[claim.key] = Judged(claim, parts, verdict(parts))
    return judged
