"""What the commands under ``benchmarks/`` have measured, for the page on speed."""

import json
from pathlib import Path

import pandas as pd

from fer_lib import paths
from fer_lib.report.exhibits import Table
from fer_lib.report.results import title

RESULTS = paths.ROOT / "benchmarks" / "results"


def results(folder: Path = RESULTS) -> dict[str, dict]:
    """All results in a folder by their names, such as "throughput-cpu".

    Each says under which conditions it was measured, and has ``rows``: what was measured in which
    ``unit``, and its ``values``, one a round.
    """
    files = sorted(folder.glob("*.json"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


def rates(result: dict) -> pd.DataFrame:
    """Images per second: a row for each round, a column for each (model, way)."""
    found = [row for row in result["rows"] if row["unit"] == "images/s"]
    return pd.DataFrame({(row["model"], row["way"]): row["values"] for row in found})


def ratios(result: dict) -> dict[str, pd.DataFrame]:
    """This package's speed divided by that of another way, a row a round, a column a model.

    "usual" is the faster one, round by round, of a usual notebook and a PyTorch loop, as far as
    they were measured; "bare" is the bare training step.
    """
    found = rates(result)
    ours, bare = (found.xs(way, axis=1, level=1) for way in ("ours", "bare"))
    usual = found.drop(columns=["ours", "bare"], level=1).T.groupby(level=0).max().T
    return {"usual": ours / usual, "bare": ours / bare}


def throughput(_, device: str) -> Table:
    """Images per second of each model by each way, median over the rounds; "cpu" or "gpu"."""
    found = rates(results()[f"throughput-{device}"]).median().unstack()
    return Table(found.map("{:,.0f}".format).rename(index=title))
