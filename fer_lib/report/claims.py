"""The original report's claims, each judged by the runs: ``claims.toml`` is their table."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fer_lib.data import EMOTIONS
from fer_lib.report import published
from fer_lib.report.results import Results, title
from fer_lib.report.statistics import MARGIN, Part, compare, verdict

#: Every verdict is one of these.
VERDICTS = ("confirmed", "refuted", "undecided", "too few runs")


@dataclass(frozen=True)
class Claim:
    """A claim of the original report.

    Attributes:
        key: its name in the book.
        section: of the original report.
        short: the claim in at most eight words.
        rule: a key of :data:`RULES`.
        pairs: what the rule compares: names ``first`` and ``second``, a ``column``.
        parts: the comparisons that decide, once it is judged.
    """

    key: str
    section: str
    short: str
    rule: str
    pairs: Sequence[Mapping[str, str]] = ()
    parts: Sequence[Part] = ()

    @property
    def verdict(self) -> str:
        return verdict(self.parts)


def above(results: Results, pairs, **options) -> list[Part]:
    """Holds if every comparison lies above zero."""
    found = []
    for pair in pairs:
        names = [pair[side] for side in ("first", "second") if side in pair]
        column = pair.get("column", "val")
        sides = [results.values(name, column) for name in names]
        found.append(compare(" − ".join(map(title, names)), *sides, column=column, **options))
    return found


def below(results: Results, pairs) -> list[Part]:
    """Holds if every comparison lies less than a point above zero."""
    return above(results, pairs, limit=MARGIN, below=True)


def counted(results: Results, pairs) -> list[Part]:
    """Holds if counts of the data and shares of its splits are what the original states."""
    train = dict(zip(EMOTIONS, results.counts["train"], strict=True))
    sizes = {split: sum(counts) for split, counts in results.counts.items()}
    gaps = {
        f"training images of {name}": train[name] - said
        for name, said in published.TRAINING_COUNTS.items()
    }
    for split, said in published.SPLIT_SHARES.items():
        share = round(100 * sizes[split] / sum(sizes.values()), 1)
        gaps[f"share of the {split} split, %"] = share - 100 * said
    return [
        Part(label, "count", (), gap, supports=gap != 0, opposes=gap == 0)
        for label, gap in gaps.items()
    ]


def stops(results: Results, pairs) -> list[Part]:
    """Holds if a run ends less than a point above always giving the most frequent answer."""
    most = max(results.counts["validation"]) / sum(results.counts["validation"])
    found = results.table[results.table["name"].isin([pair["first"] for pair in pairs])]
    if found.empty:
        return [compare("L2", [])]
    last = found.loc[found["val"].idxmin()]
    low = last["val"] - most
    return [Part(title(last["name"]), "val", (1,), low, limit=MARGIN, supports=low >= MARGIN)]


RULES = {rule.__name__: rule for rule in (above, below, counted, stops)}
_TYPED = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
CLAIMS = [Claim(key, **entry) for key, entry in _TYPED.items()]


def judge(results: Results) -> dict[str, Claim]:
    """Every claim by its key, with the comparisons that decide and the verdict."""
    return {one.key: replace(one, parts=RULES[one.rule](results, one.pairs)) for one in CLAIMS}
