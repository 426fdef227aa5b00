"""Keeps the README's results what the committed runs say: python -m fer_lib.report.readme"""

from pathlib import Path

from fer_lib import paths, report
from fer_lib.report import accuracy_tables, findings

README = paths.ROOT / "README.md"
BEGIN = "<!-- results: made by `make readme` from runs/ -->\n"
END = "<!-- end of results -->\n"


def with_results(text: str, root: Path = paths.RUNS) -> str:
    """The README's text with its results made anew from the runs on FER2013 under ``root``."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    shown = report.load(root)
    if not shown.runs or shown.is_demo:
        results = "No run on FER2013 has been made yet."
    else:
        done = len(shown.entries) - len(shown.missing)
        results = (
            f"Accuracy in percent after the last epoch; {done} of the study's "
            f"{len(shown.entries)} runs on FER2013 are made. {findings.summary(shown)} "
            f"{findings.seed_noise(shown)}\n\n{accuracy_tables.summary_markdown(shown)}"
        )
    return f"{before}{BEGIN}\n{results}\n\n{END}{after}"


def main() -> None:
    """The command."""
    README.write_text(with_results(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
