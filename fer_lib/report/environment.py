"""Tables of circumstances: machines, versions, times and the content of the data."""

import importlib.metadata
import platform

import pandas as pd

import fer_lib
from fer_lib.report import markup
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


def environment_table(report: Report):
    """Versions, device, machine and time of each run."""
    rows = {
        run_title(run): {
            "device": run.info.get("device", "?"),
            "processor": run.info.get("machine", {}).get("processor", "?"),
            "cores": str(run.info.get("machine", {}).get("cores", "?")),
            "backend": _versioned(run, run.info.get("backend", "?")),
            "keras": run.info.get("versions", {}).get("keras", "?"),
            "python": run.info.get("versions", {}).get("python", "?"),
            "time": markup.duration(run.info.get("seconds", 0)),
            "s / epoch": markup.number(run.history["seconds"].median(), 1),
            "finished": run.info.get("finished", "?")[:10],
            "data": run.info["data"]["fingerprint"][:12],
        }
        for run in report.runs
    }
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return markup.table(frame, "What each run was made with, how long it took and on which data.")


def _versioned(run: Run, backend: str) -> str:
    versions = run.info.get("versions", {})
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
