"""The book: what its pages may say, when a build fails, and what a browser finds in it."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import browser
import pytest
import report_runs

from fer_lib import paths
from fer_lib.report import results

BOOK = paths.ROOT / "book"
PAGES = sorted(BOOK.glob("*.md"))
sys.path.insert(0, str(BOOK / "_ext"))
pytestmark = pytest.mark.slow


def build(folder: Path, *unwanted: str, index: str = "") -> subprocess.CompletedProcess:
    """Builds a copy of the book strictly beside the committed runs, or its set-up with one page."""
    book = folder / "book"
    shutil.copytree(BOOK, book, ignore=shutil.ignore_patterns("_build", *unwanted))
    (folder / "runs").symlink_to(paths.ROOT / "runs")
    if index:
        (book / "index.md").write_text(index, encoding="utf-8")
        (book / "_toc.yml").write_text("format: jb-book\nroot: index\n")
    command = [Path(sys.executable).with_name("jupyter-book"), "build", book, "-W", "--keep-going"]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture(scope="session")
def report(tmp_path_factory):
    """The committed study's report, built strictly: the folder of its pages."""
    folder = tmp_path_factory.mktemp("report")
    finished = build(folder)
    assert finished.returncode == 0, (finished.stdout + finished.stderr)[-3000:]
    return folder / "book" / "_build" / "html"


def test_the_committed_report_builds_and_is_no_draft(report):
    assert "Draft" not in (report / "index.html").read_text("utf-8")


def test_a_build_needs_no_symbolic_link():
    assert not any(path.is_symlink() for path in BOOK.rglob("*"))


def test_a_browser_finds_nothing_wrong_with_it(report):
    browser.require()
    assert browser.findings(browser.pages(report)) == []


def test_the_sentences_are_written_for_the_committed_runs():
    """A run that is added is committed together with its sentences: `make readme`."""
    assert json.loads(results.WRITTEN_FOR.read_text()) == results.digests(report_runs.committed())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_result_is_typed(page):
    """Decimals and percents come from the runs; quotations and others' results are typed."""
    text = page.read_text("utf-8")
    for other in (r"^> .*$", r"^\|.*\{cite\}.*$", r"\{\{.*?\}\}", r" <[^`]*>`", r"^```\{.*$"):
        text = re.sub(other, "", text, flags=re.MULTILINE)
    rules = {"2.5 %", "95 %"}
    assert set(re.findall(r"\b\d+\.\d+(?: %)?|\b\d+(?:\.\d+)? %", text)) <= rules


WRONG = {
    "verdict": ("{verdict}`average_pooling refuted`", "the runs say 'confirmed'"),
    "fact": ("{fact}`Model 1 is best <model1.val > model2.val>`", "does not hold"),
    "condition": ("{fact}`a <model2.tset > 1>`", "has no attribute 'tset'"),
    "exhibit": ("```{exhibit} tables.means tset\n```", "'tset' is no column"),
    "claim": ("{verdict}`no_such_claim confirmed`", "is unknown"),
    "number": ("{{ model2.tset }}", "'tset'"),
}


def test_a_page_that_the_runs_contradict_fails_the_build(tmp_path):
    page = "# A\n\n" + "\n\n".join(text for text, _ in WRONG.values()) + "\n"
    finished = build(tmp_path, "*.ipynb", "*.md", index=page)
    assert finished.returncode != 0
    printed = re.sub(r"\x1b\[[0-9;]*m", "", finished.stdout + finished.stderr)
    assert [kind for kind, (_, message) in WRONG.items() if message not in printed] == []


def given(**changes):
    return lambda notebook: notebook["metadata"]["papermill"]["parameters"].update(changes)


PAGE_FAULTS = {
    "killed": (lambda nb: nb["cells"][3].update(execution_count=None), "not executed to its end"),
    "another run": (given(seed=1), "other parameters"),
    "a trial": (given(fast=True), "other parameters"),
    "no run": (given(seed=77), "no such run"),
    "not by papermill": (lambda nb: nb["metadata"].pop("papermill"), "did not execute"),
}


@pytest.mark.parametrize("fault", PAGE_FAULTS)
def test_a_page_that_does_not_show_its_run_is_refused(fault, tmp_path):
    """Papermill replaces a page at once, also when it is killed or fails."""
    import run_pages

    source = sorted((BOOK / "runs").glob("model2-original-seed0.ipynb"))[0]
    notebook = json.loads(source.read_text("utf-8"))
    page = tmp_path / source.name
    page.write_text(json.dumps(notebook))
    assert run_pages.problem(page, paths.ROOT / "runs") == ""
    change, message = PAGE_FAULTS[fault]
    change(notebook)
    page.write_text(json.dumps(notebook))
    assert message in run_pages.problem(page, paths.ROOT / "runs")


def test_committed_pages_show_no_face_and_no_path_of_a_machine():
    for page in (BOOK / "runs").glob("*.ipynb"):
        text = page.read_text("utf-8")
        assert "image/png" not in text and "image/jpeg" not in text, page
        assert not re.search(r"/(work|home|root|tmp|Users)/", text), page
