"""The list of all runs, with links to their pages."""

import html
from pathlib import Path

import pandas as pd

from fer_lib.report import markup
from fer_lib.report.markup import NOT_RUN, NOTHING
from fer_lib.report.selection import Report
from fer_lib.runs import Run, study
from fer_lib.runs.study import Entry


def run_list(report: Report, pages: Path):
    """Every run of the study, made or not, then the others, with links to their pages.

    Args:
        report: the runs.
        pages: the book's folder of executed notebooks.
    """
    places = [(entry, report.run(entry), "yes") for entry in report.entries]
    places += [(None, run, "no") for run in report.others]
    rows = {}
    for entry, run, planned in places:
        shown = Entry(run.model, run.recipe["name"], run.seed) if run else entry
        rows[f"{shown.name}, seed {shown.seed}"] = _run_row(run) | {
            "in the study": planned,
            "page": _page_link(shown, pages),
        }
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return markup.table(frame, "All runs, with links to their pages.", links=["page"])


def _run_row(run: Run | None) -> dict[str, str]:
    if run is None:
        return {"epochs": NOT_RUN} | dict.fromkeys(("validation", "test", "time"), NOTHING)
    metrics = run.metrics
    return {
        "epochs": str(len(run.history)),
        "validation": markup.percent(metrics["validation"]["accuracy"], 2),
        "test": markup.percent(metrics["test"]["accuracy"], 2),
        "time": markup.duration(run.info.get("seconds", 0)),
    }


def _page_link(entry: Entry, pages: Path) -> str:
    page = pages / study.page_name(entry)
    if not page.exists():
        return NOTHING
    target = html.escape(f"{pages.name}/{page.stem}.html", quote=True)
    return f'<a href="{target}">page</a>'
