"""Tables of circumstances: machines, versions, times and the content of the data."""

import importlib.metadata
import platform
import string
from datetime import datetime
from typing import Any

import pandas as pd

import fer_lib
from fer_lib import models
from fer_lib.report import markup, precision
from fer_lib.report.naming import run_title
from fer_lib.report.selection import Report
from fer_lib.runs import Run

#: The packages that this report is built with.
PACKAGES = (
    "jupyter-book",
    "sphinx-book-theme",
    "numpy",
    "pandas",
    "scikit-learn",
    "scipy",
    "statsmodels",
    "matplotlib",
    "plotly",
)


def setup_table(report: Report):
    """Every combination of machine and software that a run was made with, under a letter."""
    rows = {letter: dict(setup) for setup, letter in _setups(report).items()}
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return markup.table(frame, "Machines and software, under the letters of the next table.")


def run_table(report: Report):
    """Machine and software, precision and time of each run."""
    letters = _setups(report)
    rows = {
        run_title(run): {
            "made with": ", ".join(dict.fromkeys(letters[one] for one in _setups_of(run))),
            "precision": precision.precision(run),
            "time": markup.duration(run.info.get("seconds", 0)),
            "s / epoch": markup.number(run.history["seconds"].median(), 1),
            "finished": run.info["finished"][:10],
            "data": run.info["data"]["fingerprint"][:12],
        }
        for run in report.runs
    }
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return markup.table(frame, "What each run was made with, how long it took and on which data.")


def side_by_side(report: Report) -> str:
    """Which runs shared a device, and how long all six models took on it together."""
    places = dict.fromkeys(map(_place, report.runs))
    shared = [[run for run in report.runs if _place(run) == place] for place in places]
    return " ".join(filter(None, (_shared(report, runs) for runs in shared)))


def _place(run: Run) -> tuple:
    """The kind of machine; two of a kind cannot be told apart."""
    machine = run.info["machine"]
    return run.info["device"], machine.get("processor"), machine.get("cores")


def _shared(report: Report, runs: list[Run]) -> str:
    """How many runs a device trained at the same time; "" if one after another."""
    spans = [_span(run) for run in runs]
    most = max(sum(first <= start < last for first, last in spans) for start, _ in spans)
    if most < 2:
        return ""
    text = (
        f"Up to {most} of the {len(runs)} runs on {runs[0].trained_on} were trained at once; a run "
        "that shares a device takes longer than alone."
    )
    seconds = _six_together(report, runs)
    if seconds is None:
        return text
    return (
        f"{text} One run of each of the {len(models.CNNS)} models, trained there at the same "
        f"time, took {markup.duration(seconds)} from the first start to the last end."
    )


def _six_together(report: Report, runs: list[Run]) -> float | None:
    """Seconds from the first start to the last end of one run of each model at the same time.

    Interrupted runs are left out, as their times are those of the last session alone.
    """
    folders = {run.folder for run in runs}
    whole = [
        [_span(run) for run in seeds if run.folder in folders and _in_one_session(run)]
        for seeds in map(report.seeds, models.CNNS)
    ]
    if not all(whole):
        return None
    starts, ends = zip(*map(min, whole), strict=True)
    together = max(starts) < min(ends)
    return (max(ends) - min(starts)).total_seconds() if together else None


def _in_one_session(run: Run) -> bool:
    start, end = _span(run)
    return (end - start).total_seconds() >= run.history["seconds"].sum()


def _span(run: Run) -> tuple[datetime, datetime]:
    """When a run, or the last session of an interrupted one, started and finished."""
    start, end = (datetime.fromisoformat(run.info[key]) for key in ("started", "finished"))
    return start, end


def _setups(report: Report) -> dict[tuple, str]:
    """The letter of each combination of machine and software."""
    found = dict.fromkeys(setup for run in report.runs for setup in _setups_of(run))
    return {setup: _letter(number) for number, setup in enumerate(found)}


def _letter(number: int) -> str:
    """A, B, ... Z, A1, B1, ..."""
    round_, place = divmod(number, len(string.ascii_uppercase))
    return string.ascii_uppercase[place] + (str(round_) if round_ else "")


def _setups_of(run: Run) -> list[tuple[tuple[str, str], ...]]:
    """Machine and software of a run, session by session where these are known."""
    return [_setup(made, run.info["backend"]) for made in run.sessions]


def _setup(made: dict[str, Any], backend: str) -> tuple[tuple[str, str], ...]:
    """Machine and software, heading by heading, of what a run's ``run.json`` or session says."""
    machine, versions = made["machine"], made["versions"]
    return (
        ("device", made["device"]),
        ("processor", str(machine.get("processor", "?"))),
        ("cores", str(machine.get("cores", "?"))),
        ("backend", _versioned(versions, backend)),
        ("keras", str(versions.get("keras", "?"))),
        ("python", str(versions.get("python", "?"))),
    )


def _versioned(versions: dict[str, Any], backend: str) -> str:
    version = versions.get(backend) or versions.get(f"{backend}-cpu") or ""
    return f"{backend} {version}".strip()


def data_table(report: Report):
    """Every content of the data that a run was made on."""
    names = {run.info["data"]["fingerprint"]: run.info["data"]["name"] for run in report.runs}
    rows = {
        fingerprint[:12]: {
            "data": names[fingerprint],
            "runs": str(count),
            "complete fingerprint": fingerprint,
        }
        for fingerprint, count in report.fingerprints.most_common()
    }
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return markup.table(frame, "Fingerprints of the data's content, whatever file it came in.")


def build_table():
    """The versions that this report itself is built with."""
    versions = {"fer_lib": fer_lib.__version__, "python": platform.python_version()}
    versions |= {name: importlib.metadata.version(name) for name in PACKAGES}
    frame = pd.DataFrame({"version": versions})
    return markup.table(frame, "Versions that made the tables and figures of this book.")
