"""What the benchmarks have measured: ratios beside their bars, tables and sentences.

The commands under ``benchmarks/`` write ``benchmarks/results/<name>.json``; the bars stand in
``benchmarks/bars.toml``. Nothing is measured here.
"""

import statistics
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from fer_lib import files, models, paths
from fer_lib.errors import RunError
from fer_lib.report import markup, published
from fer_lib.report.naming import model_title

RESULTS = paths.ROOT / "benchmarks" / "results"
BARS = paths.ROOT / "benchmarks" / "bars.toml"
#: The ways to train, by the names that results have, and what they are in the tables.
ENGINES = {
    "ours": "this package",
    "notebook": "(a) usual notebook",
    "torch": "(b) PyTorch loop",
    "bare": "(c) bare step",
}
#: Training costs about three forward passes; a multiply-add is two operations.
FLOP_PER_MULTIPLY_ADD = 3 * 2
#: The key of a result's figures.
FIGURES = {"throughput": "models", "loading": "seconds", "report": "seconds"}


@dataclass(frozen=True)
class Verdict:
    """A measured ratio beside its bar, which it must reach at least."""

    what: str
    value: float
    bar: float

    @property
    def holds(self) -> bool:
        return self.value >= self.bar

    def __str__(self) -> str:
        return f"{self.what}: {self.value:.3g}, bar {self.bar:g}"


def results(folder: Path = RESULTS) -> dict[str, dict]:
    """All results in a folder by their names, such as "throughput-cpu".

    Raises:
        RunError: a file is damaged.
    """
    found = {}
    for file in sorted(Path(folder).glob("*.json")):
        try:
            result = files.parse_json(file.read_text(encoding="utf-8"))
            result["machine"]["processor"], result[FIGURES[result["benchmark"]]]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise RunError(
                f"{file}: is not a benchmark's result; repeat the benchmark or delete it"
            ) from None
        found[file.stem] = result
    return found


def bars() -> dict[str, dict[str, float]]:
    """What every ratio must reach."""
    return tomllib.loads(BARS.read_text(encoding="utf-8"))


def verdicts(found: dict[str, dict]) -> list[Verdict]:
    """Every ratio of the results that has a bar."""
    judges = {"throughput": throughput_verdicts, "loading": loading_verdicts}
    return [
        verdict
        for result in found.values()
        if result["benchmark"] in judges
        for verdict in judges[result["benchmark"]](result)
    ]


def verdict_text(judged: Sequence[Verdict]) -> str:
    """How many ratios reach their bars, and which do not."""
    missed = [verdict for verdict in judged if not verdict.holds]
    if len(judged) == 1:
        return f"The ratio {'misses' if missed else 'reaches'} its bar of {judged[0].bar:g}."
    if not missed:
        return f"All {len(judged)} ratios reach their bars."
    by_bar = {bar: [one for one in missed if one.bar == bar] for bar in {v.bar for v in missed}}
    return (
        f"{len(judged) - len(missed)} of {len(judged)} ratios reach their bars. "
        f"Missed: {'; '.join(map(_missed, by_bar.values()))}."
    )


def _missed(verdicts: Sequence[Verdict]) -> str:
    """The ratios that miss one bar: a single one as it is, of several how far they are."""
    if len(verdicts) == 1:
        return str(verdicts[0])
    values = [verdict.value for verdict in verdicts]
    return f"{len(values)} of {min(values):.2f} to {max(values):.2f}, bar {verdicts[0].bar:g}"


def conditions_text(result: dict) -> str:
    """Where and when a result was measured, and with what."""
    machine, versions = result["machine"], dict(result["versions"])
    if result.get("torch"):
        versions["torch"] = result["torch"]
    device = "" if result.get("device", "CPU") == "CPU" else f", {result['device']}"
    load = "" if result["load"] is None else f", load before it {result['load']:.1f}"
    return (
        f"Measured on {result['date'][:10]} by `{result['command']}` on {machine['processor']}, "
        f"{machine['cores']} cores, {machine['memory_gib']} GiB{device}{load}; "
        + ", ".join(f"{name} {version}" for name, version in versions.items())
        + "."
    )


def place(result: dict) -> str:
    """What a result was measured on, in short: the accelerator or the processor."""
    device = result.get("device", "CPU")
    return result["machine"]["processor"] if device == "CPU" else device


def ratios(rates: dict[str, list[float]]) -> dict[str, list[float]]:
    """How ours compares in each round, by the names of the bars.

    Args:
        rates: images per second in each round, by the keys of :data:`ENGINES`.
    """
    others = [rates[name] for name in _alternatives(rates)]
    fastest = [max(values) for values in zip(*others, strict=True)]
    pairs = {"fastest_alternative": fastest, "bare_step": rates["bare"]}
    return {
        bar: [own / other for own, other in zip(rates["ours"], values, strict=True)]
        for bar, values in pairs.items()
    }


def _alternatives(rates: Iterable[str]) -> list[str]:
    """What people would write instead, as far as it was measured."""
    return [name for name in ("notebook", "torch") if name in rates]


def _named_alternatives(result: dict) -> str:
    """The same as the tables name it: "the fastest of (a) and (b)", or "(b)"."""
    measured = [set(_alternatives(m["images_per_second"])) for m in result["models"].values()]
    letters = [ENGINES[name][:3] for name in ENGINES if all(name in names for names in measured)]
    return f"the fastest of {markup.join(letters)}" if len(letters) > 1 else "".join(letters)


def peak_share(result: dict, model: str) -> float:
    """The share of the measured peak of arithmetic that ours reaches with a model."""
    found = result["models"][model]
    rate = statistics.median(found["images_per_second"]["ours"])
    return rate * FLOP_PER_MULTIPLY_ADD * found["multiply_adds"] / statistics.median(result["peak"])


def throughput_verdicts(result: dict) -> list[Verdict]:
    """Each model against the alternatives and the bare step; on an H100 also against the clock."""
    names = {"fastest_alternative": _named_alternatives(result), "bare_step": "(c) bare step"}
    found = [
        Verdict(
            f"{model_title(model)}, {result['device']}, this package to {names[bar]}",
            statistics.median(values),
            bars()["throughput"][bar],
        )
        for model, measured in result["models"].items()
        for bar, values in ratios(measured["images_per_second"]).items()
    ]
    return found + (_h100_verdicts(result) if "H100" in result["device"] else [])


def _h100_verdicts(result: dict) -> list[Verdict]:
    """The bars that are times: allowed to measured."""
    limits, epochs = bars()["h100"], epoch_seconds(result)
    found = []
    if "model1" in epochs:
        ratio = limits["epoch_of_model1"] / epochs["model1"]
        found.append(Verdict("Model 1, epoch on an H100, allowed to measured time", ratio, 1))
    if set(epochs) >= set(published.TABLE1.index):
        together = 50 * sum(epochs[model] for model in published.TABLE1.index)
        ratio = 60 * limits["six_models"] / together
        found.append(Verdict("six models on an H100, allowed to measured time", ratio, 1))
    return found


def epoch_seconds(result: dict) -> dict[str, float]:
    """Seconds of a whole epoch of ours, by model."""
    return {
        model: result["epoch"] / statistics.median(found["images_per_second"]["ours"])
        for model, found in result["models"].items()
    }


def loading_verdicts(result: dict) -> list[Verdict]:
    """Both ways to load against pandas, and whether the imports are light."""
    limits, pandas = bars()["loading"], statistics.median(result["seconds"]["pandas"])
    found = [
        Verdict(
            f"loading, {name}, times faster than pandas",
            pandas / statistics.median(result["seconds"][name]),
            limits[name],
        )
        for name in ("cold", "warm")
    ]
    light = [not module["backends"] for module in result["imports"].values()]
    return [*found, Verdict("share of modules that import no backend", statistics.mean(light), 1)]


def throughput_frame(result: dict) -> pd.DataFrame:
    """Images per second of each model in every way; as text."""
    rows = {
        model_title(model): {
            title: spread(found["images_per_second"][name])
            if name in found["images_per_second"]
            else "not installed"
            for name, title in ENGINES.items()
        }
        for model, found in result["models"].items()
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def ratio_frame(result: dict) -> pd.DataFrame:
    """How fast this package is beside the other ways, and beside the arithmetic peak; as text."""
    limits = bars()["throughput"]
    rows = {}
    for model, found in result["models"].items():
        compared = ratios(found["images_per_second"])
        rows[model_title(model)] = {
            f"to {_named_alternatives(result)}; bar {limits['fastest_alternative']:g}": spread(
                compared["fastest_alternative"], 2
            ),
            f"to (c); bar {limits['bare_step']:g}": spread(compared["bare_step"], 2),
            "of the peak": markup.percent(peak_share(result, model), 0),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def throughput_text(result: dict) -> str:
    """What the table of a device shows."""
    shares = [peak_share(result, model) for model in result["models"]]
    peak, epochs = statistics.median(result["peak"]), epoch_seconds(result)
    left_out = [model_title(model) for model in models.CNNS if model not in result["models"]]
    return (
        f"{verdict_text(throughput_verdicts(result))} The arithmetic reaches "
        f"{markup.span(shares, markup.percent)} of the {_power(peak)} at which the same backend "
        f"multiplies large float32 matrices{_above(shares)}. "
        f"At this speed an epoch takes {markup.span(epochs.values(), _seconds)}. It was timed on "
        f"{_images(result)} of {result['data']} a round. The rounds of one way to train one model "
        f"lie up to a factor of {unrest(result):.2f} apart."
        + (f" Not measured: {markup.join(left_out)}." if left_out else "")
    )


def _above(shares: list[float]) -> str:
    """How a share of the peak can be above 1."""
    return ", which is a measured rate that a convolution can exceed" * (max(shares) > 1)


def _images(result: dict) -> str:
    """How many images a round of ours took, by model."""
    counts = [found["images"] for found in result["models"].values()]
    return f"{markup.span(counts, '{:,}'.format)} images"


def unrest(result: dict) -> float:
    """The largest factor between the fastest and the slowest round of the same work."""
    return max(
        max(rates) / min(rates)
        for found in result["models"].values()
        for rates in found["images_per_second"].values()
    )


def loading_frame(result: dict) -> pd.DataFrame:
    """Seconds and memory of each way to read the csv; as text."""
    titles = {"cold": "this package, first time", "warm": "again", "pandas": "pandas, row by row"}
    judged = loading_verdicts(result)
    faster = {"cold": judged[0], "warm": judged[1]}
    rows = {
        title: {
            "seconds": spread(result["seconds"][name], 3),
            "peak memory": f"{result['memory_mib'][name]:,.0f} MiB",
            "times faster": f"{faster[name].value:,.1f}" if name in faster else markup.NOTHING,
            "bar": f"{faster[name].bar:g}" if name in faster else markup.NOTHING,
        }
        for name, title in titles.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def import_frame(result: dict) -> pd.DataFrame:
    """Seconds and memory of each import; as text."""
    rows = {
        module: {
            "seconds": spread(found["seconds"], 2),
            "peak memory": f"{found['memory_mib']:,.0f} MiB",
            "backends loaded": ", ".join(found["backends"]) or "none",
        }
        for module, found in result["imports"].items()
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def report_frame(result: dict) -> pd.DataFrame:
    """Time and memory of the book's build; as text."""
    return pd.DataFrame(
        {
            "seconds": spread(result["seconds"], 0),
            "processor seconds": spread(result["processor_seconds"], 0),
            "peak memory": f"{result['memory_mib']:,.0f} MiB",
        },
        index=[f"{result['runs']} runs, {result['pages']} pages"],
    )


def spread(values: Sequence[float], digits: int = 0) -> str:
    """Median and, of several, the smallest and the largest: "152 (149–155)"."""
    middle, low, high = (
        f"{value:,.{digits}f}" for value in (statistics.median(values), min(values), max(values))
    )
    return f"{middle} ({low}–{high})" if len(values) > 1 else middle


def _power(operations: float) -> str:
    """Operations a second."""
    unit, size = ("TFLOP/s", 1e12) if operations >= 1e12 else ("GFLOP/s", 1e9)
    return f"{operations / size:,.0f} {unit}"


def _seconds(value: float) -> str:
    return markup.duration(value) if value >= 10 else f"{value:.2f} s"
