"""Keeps the README's results what the committed runs say: ``python -m fer_lib.report.readme``."""

import json

from fer_lib import paths
from fer_lib.report import claims, figures, results, tables
from fer_lib.report.results import Results

README = paths.ROOT / "README.md"
BEGIN, END = "<!-- results: made by `make readme` -->\n", "<!-- end of results -->\n"


def with_results(text: str, found: Results) -> str:
    """The README's text with its table and its count of verdicts made anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    verdicts = [judged.verdict for judged in claims.judge(found).values()]
    counted = ", ".join(f"{verdicts.count(w)} {w}" for w in claims.VERDICTS if w in verdicts)
    said = f"Of {len(verdicts)} claims of the original: {counted}. Runs: {len(found.runs)}."
    names = (*found.models, "compact")
    table = tables.means(found, "published", "val", "test", *names).markdown()
    return f"{before}{BEGIN}\n{table}\n\n{said}\n\n{END}{after}"


def main() -> None:
    """Writes the README's results and picture, and for which runs the book is written."""
    found = results.load()
    README.write_text(with_results(README.read_text("utf-8"), found), encoding="utf-8")
    picture = figures.overview(found).downloads("overview")["overview.svg"]
    (paths.ROOT / "book" / "overview.svg").write_bytes(picture)
    results.WRITTEN_FOR.write_text(json.dumps(results.digests(found), indent=0) + "\n", "utf-8")


if __name__ == "__main__":
    main()
