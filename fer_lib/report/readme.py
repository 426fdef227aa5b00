"""Keeps the README's results what the committed runs say: ``python -m fer_lib.report.readme``."""

import json
import sys

from fer_lib import paths
from fer_lib.errors import FerError, ParameterError
from fer_lib.report import claims, figures, results, tables
from fer_lib.report.results import Results

README = paths.ROOT / "README.md"
BEGIN, END = "<!-- results: made by `make readme` -->\n", "<!-- end of results -->\n"


def with_results(text: str, found: Results) -> str:
    """The README's text with its table and its count of verdicts made anew.

    Raises:
        ParameterError: the text lacks the lines between which they stand.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ParameterError(
            f"README.md: put the results between {BEGIN.strip()} and {END.strip()}"
        )
    verdicts = [judged.verdict for judged in claims.judge(found).values()]
    counted = ", ".join(f"{verdicts.count(word)} {word}" for word in claims.VERDICTS)
    said = f"Of {len(verdicts)} claims of the original: {counted}. Runs: {len(found.runs)}."
    table = tables.published_beside(found, "val", "test").markdown()
    return f"{before}{BEGIN}\n{table}\n\n{said}\n\n{END}{after}"


def main() -> int:
    """Writes the README's results and picture, and for which runs the book is written."""
    try:
        found = results.load()
        README.write_text(with_results(README.read_text("utf-8"), found), encoding="utf-8")
    except FerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    picture = figures.overview(found).downloads("overview")["overview.svg"]
    (paths.ROOT / "book" / "overview.svg").write_bytes(picture)
    results.WRITTEN_FOR.write_text(json.dumps(results.digests(found), indent=0) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
