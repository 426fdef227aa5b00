"""The book's parts fit together before anything is built: pages, links, references, run titles."""

import json
import re
from types import SimpleNamespace

import pytest
import yaml
from sample_runs import write_sample_run
from sphinx.errors import ExtensionError

from fer_lib import paths
from fer_lib.report import field

BOOK = paths.ROOT / "book"
EXTENSIONS = BOOK / "_ext"


@pytest.fixture
def run_titles(monkeypatch):
    monkeypatch.syspath_prepend(str(EXTENSIONS))
    import run_titles

    return run_titles


def configured(name):
    return yaml.safe_load((BOOK / name).read_text(encoding="utf-8"))


def toc_files(entry):
    """The pages that a table of contents names, at any depth."""
    if isinstance(entry, list):
        return [page for item in entry for page in toc_files(item)]
    if not isinstance(entry, dict):
        return []
    own = [entry[key] for key in ("root", "file") if key in entry]
    return own + [page for value in entry.values() for page in toc_files(value)]


@pytest.mark.parametrize("name", ["_config.yml", "_toc.yml"])
def test_the_build_needs_no_link(name):
    assert not (BOOK / name).is_symlink()
    assert (paths.ROOT / name).resolve() == BOOK / name


def test_the_contents_name_every_page():
    written = {path.stem for path in BOOK.glob("*.md")}
    assert sorted(toc_files(configured("_toc.yml"))) == sorted(written)


def test_runs_are_pages_that_no_build_executes():
    config = configured("_config.yml")["execute"]
    assert config["execute_notebooks"] == "force"
    assert "runs/*" in config["exclude_patterns"]
    assert "glob: runs/*" in (BOOK / "_toc.yml").read_text(encoding="utf-8")


def test_logo_and_icon_are_there():
    config = configured("_config.yml")
    for name in (config["logo"], config["html"]["favicon"]):
        assert (BOOK / name).is_file()


def test_nothing_of_the_book_comes_from_another_host():
    for path in BOOK.rglob("*"):
        if path.suffix in (".css", ".js", ".svg") and "_build" not in path.parts:
            text = path.read_text(encoding="utf-8").replace("http://www.w3.org/", "")
            assert not re.search(r"https?://|@import|url\(\s*['\"]?//", text), path


def prose(page):
    """What a page says outside its cells, and outside the results that ``make readme`` writes."""
    text = page.read_text(encoding="utf-8")
    text = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub("<!-- results: .*<!-- end of results -->", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("page", [paths.ROOT / "README.md", *sorted(BOOK.glob("*.md"))], ids=str)
def test_no_result_is_typed(page):
    measured = r"[\d.]+(?: |-)?(?:%|percent|points|seconds|minutes|min\b|hours|s\b|MB|MiB|times)"
    # The level of the intervals, and what being calibrated means.
    defined = {"95 %", "70 %"}
    assert set(re.findall(measured, prose(page))) <= defined


def test_references_exist_for_all_that_is_cited():
    keys = re.findall(r"^@\w+\{(\w+),$", (BOOK / "references.bib").read_text("utf-8"), re.M)
    assert len(keys) == len(set(keys))
    cited = {result.citation for result in field.FIELD}
    for page in BOOK.glob("*.md"):
        for group in re.findall(r"\{cite[:\w]*\}`([^`]+)`", page.read_text(encoding="utf-8")):
            cited.update(key.strip() for key in group.split(","))
    assert cited <= set(keys)


def notebook(injected):
    """A notebook with the heading and the defaults of notebooks/train.ipynb."""
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Train one model\n", "\n", "Text."]},
        code("model = 'model1'\nrecipe = 'original'  # a key\nepochs = 0\nseed = 0\nfast = False"),
        code("# Parameters\n" + injected, "injected-parameters"),
        code("run = train()", "scroll-output"),
    ]
    return {"cells": cells if injected else [*cells[:2], *cells[3:]], "nbformat": 4}


def code(text, tag="parameters"):
    return {"cell_type": "code", "metadata": {"tags": [tag]}, "source": text, "outputs": []}


@pytest.mark.parametrize(
    ("injected", "title"),
    [
        ("", "model1, recipe original, seed 0"),
        ('model = "model5"', "model5, recipe original, seed 0"),
        ('model = "model2"\nrecipe = "l2-high"\nseed = 3', "model2, recipe l2-high, seed 3"),
        ('model = "model5"\nepochs = 2', "model5, recipe original, seed 0, 2 epochs"),
        ("fast = True", "model1, recipe original, seed 0, fast mode"),
    ],
)
def test_the_page_of_a_run_is_named_after_its_parameters(run_titles, injected, title):
    shown = run_titles.with_own_title(notebook(injected))
    assert shown["cells"][0]["source"] == f"# {title}\n\nText."


def test_the_page_of_a_run_shows_its_own_command(run_titles):
    notebook_ = notebook('model = "model5"\nseed = 3\ndata = "/somebodys/home.csv"')
    notebook_["cells"][0]["source"] += (
        "\n\n```\npapermill notebooks/train.ipynb out.ipynb -p x\n```"
    )
    shown = run_titles.with_own_title(notebook_)["cells"][0]["source"]
    own = "-p model model5 -p recipe original -p seed 3 -p data PATH"
    assert f"```\npapermill notebooks/train.ipynb out.ipynb {own}\n```" in shown


@pytest.mark.parametrize(
    ("injected", "changes", "problem"),
    [
        ("seed = 0", {}, ""),
        ("seed = 1", {}, "it was executed with other parameters (model1-original-seed1)"),
        (
            "fast = True",
            {},
            "it was executed with other parameters (model1-original-seed0, fast",
        ),
        (
            "epochs = 3",
            {},
            "it was executed with other parameters (model1-original-seed0, epoc",
        ),
        ("seed = 0", {"papermill": {"exception": True}}, "its execution failed"),
        ("seed = 0", {"papermill": None}, ""),
    ],
)
def test_a_page_that_is_not_its_runs_is_noticed(run_titles, tmp_path, injected, changes, problem):
    import run_pages

    page = {**notebook(injected), "metadata": changes}
    found = run_pages.mismatch("model1-original-seed0", json.dumps(page), tmp_path)
    assert found.startswith(problem) and bool(found) == bool(problem)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"cells": 3, "metadata": {}}'])
def test_what_is_no_notebook_is_no_page(run_titles, tmp_path, text):
    import run_pages

    assert run_pages.mismatch("model1-original-seed0", text, tmp_path).startswith("it is no exec")


def test_every_build_looks_at_every_page(run_titles, tmp_path, monkeypatch):
    import run_pages

    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "model1-original-seed7.ipynb").write_text("[]")
    warned = []
    monkeypatch.setattr(run_pages.LOG, "warning", lambda *arguments: warned.append(arguments))
    connected = {}
    run_pages.setup(SimpleNamespace(connect=connected.__setitem__))
    for _ in range(2):
        connected["builder-inited"](SimpleNamespace(srcdir=tmp_path))
    assert len(warned) == 2


@pytest.mark.parametrize("kind", ["bytes", "folder", "link"])
def test_a_page_that_cannot_be_read_is_noticed(run_titles, tmp_path, monkeypatch, kind):
    import run_pages

    monkeypatch.setattr(paths, "RUNS", tmp_path / "none")
    monkeypatch.delenv("FER_RUNS", raising=False)
    page = tmp_path / "runs" / "model1-original-seed7.ipynb"
    page.parent.mkdir()
    if kind == "bytes":
        page.write_bytes(b"\xff")
    elif kind == "folder":
        page.mkdir()
    else:
        page.symlink_to(tmp_path / "gone")
    warned = []
    monkeypatch.setattr(run_pages.LOG, "warning", lambda *arguments: warned.append(arguments))
    run_pages.check(SimpleNamespace(srcdir=tmp_path))
    ((_, path, problem),) = warned
    assert path == page and problem.startswith("it cannot be read (")


@pytest.mark.parametrize("name", ["run.json", "history.csv", "predictions.npz"])
def test_no_build_begins_with_a_damaged_run(run_titles, tmp_path, monkeypatch, name):
    import run_pages

    monkeypatch.setattr(paths, "RUNS", tmp_path)
    run = write_sample_run(tmp_path, "model1", scale=50)
    run_pages.check(SimpleNamespace(srcdir=tmp_path))
    (run.folder / name).write_text("{")
    with pytest.raises(ExtensionError, match=f"{name}: .*restore the file, or delete") as caught:
        run_pages.check(SimpleNamespace(srcdir=tmp_path))
    assert "\n" not in str(caught.value)


def test_a_page_of_other_data_than_its_runs_is_noticed(run_titles, tmp_path):
    import run_pages

    run = write_sample_run(tmp_path, "model1", scale=50)
    page = {**notebook("seed = 0"), "metadata": {}}
    problem = run_pages.mismatch("model1-original-seed0", json.dumps(page), tmp_path)
    assert problem == "it was not executed on FER2013"
    page["cells"][-1]["outputs"] = [run.info["data"]["fingerprint"][:12]]
    assert run_pages.mismatch("model1-original-seed0", json.dumps(page), tmp_path) == ""
    page["cells"][-1]["outputs"] = [run_pages.NOT_FER2013]
    problem = run_pages.mismatch("model1-original-seed0", json.dumps(page), tmp_path / "none")
    assert problem == "it was not executed on FER2013 and has no run"


@pytest.mark.parametrize(
    "path", sorted((BOOK / "runs").glob("*.ipynb")), ids=lambda path: path.stem
)
def test_committed_pages_are_those_of_their_runs(run_titles, path):
    import run_pages

    assert run_pages.mismatch(path.stem, path.read_text(encoding="utf-8")) == ""


def test_replaced_defaults_are_not_shown(run_titles):
    shown = run_titles.with_own_title(notebook('model = "model5"'))
    tags = [cell["metadata"].get("tags") for cell in shown["cells"]]
    assert tags == [None, ["injected-parameters"], ["scroll-output"]]


def test_the_training_notebook_has_a_title_to_replace(run_titles):
    source = (paths.ROOT / "notebooks" / "train.ipynb").read_text(encoding="utf-8")
    shown = run_titles.with_own_title(json.loads(source))
    assert shown["cells"][0]["source"].startswith("# model1, recipe original, seed 0\n")


def test_a_new_run_reaches_pages_whose_own_files_are_old(monkeypatch):
    monkeypatch.syspath_prepend(str(EXTENSIONS))
    import fresh_pages

    environment = SimpleNamespace(found_docs={"index", "test", "runs/model2-original-seed0"})
    assert fresh_pages.made_from_runs(None, environment, set(), set(), set()) == ["index", "test"]
    assert "fresh_pages" in configured("_config.yml")["sphinx"]["local_extensions"]
