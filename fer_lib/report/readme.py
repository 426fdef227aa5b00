"""Keeps the README's results what the committed runs say: python -m fer_lib.report.readme"""

import argparse
import sys
from pathlib import Path

from fer_lib import paths, report
from fer_lib.errors import FerError, ParameterError, RunError
from fer_lib.report import accuracy_tables, findings

README = paths.ROOT / "README.md"
BEGIN = "<!-- results: made by `make readme` from runs/ -->\n"
END = "<!-- end of results -->\n"
NO_RESULTS = "No run on FER2013 has been made yet."


def with_results(text: str, root: Path | None = None) -> str:
    """The README's text with its results made anew from the runs on FER2013 under ``root``.

    Raises:
        RunError: a run is damaged, or there is none to take the place of results.
        ParameterError: the text lacks the two lines between which the results stand.
    """
    before, begin, rest = text.partition(BEGIN)
    old, end, after = rest.partition(END)
    if not begin or not end:
        raise ParameterError(
            f"{README.name}: lacks the lines {BEGIN.strip()!r} and {END.strip()!r}; put them "
            "around the place of the results"
        )
    shown = report.load(root)
    if not shown.runs or shown.is_demo:
        if old.strip() not in ("", NO_RESULTS):
            raise RunError(
                f"{shown.root}: has no run on FER2013, so {README.name} keeps its results; name "
                "the folder of the runs in FER_RUNS, or delete the results by hand"
            )
        results = NO_RESULTS
    else:
        results = (
            f"Accuracy in percent after the last epoch; {shown.made} of the study's "
            f"{shown.planned} runs on FER2013 are made. {findings.summary(shown)} "
            f"{findings.seed_noise(shown)}\n\n{accuracy_tables.summary_markdown(shown)}"
        )
    return f"{before}{BEGIN}\n{results}\n\n{END}{after}"


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m fer_lib.report.readme",
        description="Writes the results of the committed runs into README.md.",
    )
    parser.parse_args(arguments)
    before = README.read_text(encoding="utf-8")
    try:
        after = with_results(before)
    except FerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    README.write_text(after, encoding="utf-8")
    print(f"{README}: {'as it was' if after == before else 'new results'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
