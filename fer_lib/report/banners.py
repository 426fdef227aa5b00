"""What a page says at its top of the runs that its numbers are made from."""

import html

from fer_lib.report import markup
from fer_lib.report.selection import Report


def banner(report: Report):
    """Says at the top of a page what its numbers are made from, loudly if not from FER2013."""
    if not report.runs:
        return markup.admonition(
            "danger",
            "No runs yet",
            "There is nothing to report. Make the demo runs with <code>make demo</code>, or train "
            "on FER2013 with <code>snakemake --cores all --config data=PATH</code>.",
        )
    if report.is_demo:
        names = markup.join(sorted({html.escape(run.info["data"]["name"]) for run in report.runs}))
        return markup.admonition(
            "danger fer-demo",
            "Demo results: these are not results on FER2013",
            f"Every number on this page comes from runs on <b>{names}</b>, made to show that the "
            "report works. They say nothing about real faces.",
        )
    return _state_of_study(report)


def _state_of_study(report: Report):
    """How much of the study on FER2013 stands, and whether its data is one and the same."""
    text = f"{report.made} of the study's {report.planned} runs on FER2013 are made"
    text += f"; what is missing is marked “{markup.NOT_RUN}”." if report.missing else "."
    if len(report.fingerprints) > 1:
        text += (
            f" The runs were made on {len(report.fingerprints)} versions of the data that differ "
            "in content: compare them with care (see the environment page)."
        )
    return markup.admonition("note", "What this page is made from", text)
