"""What the commands under ``benchmarks/`` have measured, for the page on speed."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from fer_lib import paths
from fer_lib.report import style
from fer_lib.report.exhibits import INK, Picture, Table, table
from fer_lib.report.results import Results

RESULTS = paths.ROOT / "benchmarks" / "results"
#: Ways to train and how their bars look; the last is the ceiling, and stands around the others.
WAYS = {
    "ours": {"label": "this package", "color": style.COLOURS[3]},
    "notebook": {"label": "usual Keras notebook", "color": style.COLOURS[1], "hatch": "//"},
    "torch": {"label": "plain PyTorch loop", "color": style.GREY, "hatch": ".."},
    "bare": {"label": "bare training step", "fill": False, "edgecolor": INK},
}


def measured(pattern: str = "*", folder: Path = RESULTS) -> dict[str, dict]:
    """The results in a folder by their names, such as "throughput-cpu".

    Each says under which conditions it was measured, and has ``rows``: what was measured in which
    ``unit``, and its ``values``, one a round.
    """
    files = sorted(folder.glob(f"{pattern}.json"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


def rates(result: dict) -> dict[str, pd.DataFrame]:
    """Images per second of each way: a row a round, a column a model."""
    found = {way: {} for way in WAYS}
    for row in result["rows"]:
        if row["unit"] == "images/s":
            found[row["way"]][row["model"]] = row["values"]
    return {way: pd.DataFrame(by_model) for way, by_model in found.items() if by_model}


def ratios(result: dict) -> dict[str, pd.DataFrame]:
    """This package's speed divided by that of another way, a row a round, a column a model.

    "usual" is the faster one, round by round, of a usual notebook and a PyTorch loop, as far as
    they were measured; "bare" is the bare training step.
    """
    found = rates(result)
    usual = np.fmax.reduce([found[way] for way in ("notebook", "torch") if way in found])
    return {"usual": found["ours"] / usual, "bare": found["ours"] / found["bare"]}


def place(result: dict) -> str:
    """What a result was measured on."""
    device = result.get("device", "CPU")
    return result["machine"]["processor"] if device == "CPU" else device


def throughput(results: Results) -> Picture:
    """Every way's speed as a share of the bare step's, a panel a machine."""
    found = {place(result): rates(result) for result in measured("throughput-*").values()}

    def draw_panel(panel, name: str):
        ways = found[name]
        models = np.arange(len(ways["bare"].columns))
        for way, shift in zip(WAYS, (-0.27, 0, 0.27, 0), strict=True):
            if way in ways:
                shares = 100 * ways[way] / ways["bare"].median()
                wide = 0.9 if way == "bare" else 0.25
                panel.bar(models + shift, shares.median(), wide, **WAYS[way])
                panel.vlines(models + shift, shares.min(), shares.max(), color=INK, lw=1.2)
        panel.set_xticks(models, ways["bare"].columns.str.removeprefix("model"))
        panel.set(xlabel="model", ylabel="% of the bare step")
        if not panel.figure.legends:
            beside = 1 if style.is_narrow(panel) else len(WAYS)
            key = {"loc": "outside lower center", "ncols": beside}
            panel.figure.legend(handles=panel.containers, **key)

    alt = f"Speed of each way in % of the bare training step's, by model, on {' and '.join(found)}."
    return Picture(alt, {name: name for name in found}, draw_panel, (3.2, 3.2), shared="y")


def conditions(results: Results) -> Table:
    """When, on what and with which versions each result was measured."""
    rows = {}
    for name, one in measured().items():
        versions = ", ".join(f"{key} {value}" for key, value in one["versions"].items())
        on = f"{place(one)}, {one['machine']['cores']} cores, {one['date'][:10]}"
        rows[name] = {"on": on, "with": versions}
    return table(rows)


def numbers() -> dict[str, float]:
    """What sentences say, as ``cpu_bare_low`` or ``loading_first_s``; medians of the rounds."""
    shown = {}
    for name, result in measured("throughput-*").items():
        for to, rounds in ratios(result).items():
            key, middle = f"{name.removeprefix('throughput-')}_{to}", rounds.median()
            shown[f"{key}_low"], shown[f"{key}_high"] = middle.min(), middle.max()
            shown[f"{key}_models"] = len(middle)
    for name, result in measured("[!t]*").items():
        for row in result["rows"]:
            shown[f"{name}_{row['what']}_{row['unit']}"] = float(np.median(row["values"]))
    return shown
