"""The demo replaces nothing but its own; its set-up names the Python that it needs."""

import shutil
import subprocess
import sys

import pytest

from fer_lib import demo, paths, sweep


@pytest.fixture(autouse=True)
def nothing_is_made(monkeypatch):
    """Leaves out the training and the building."""
    monkeypatch.setattr(sweep, "execute", lambda *_, **__: [])
    monkeypatch.setattr(demo, "build_command", lambda book: ["true"])


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A project with a page and a study of its own."""
    root = tmp_path / "checkout"
    for name in ("book/intro.md", "runs/study.toml"):
        (root / name).parent.mkdir(parents=True)
        (root / name).write_text("mine")
    monkeypatch.setattr(paths, "ROOT", root)
    monkeypatch.setattr(demo, "DEFAULT", root / "build" / "demo")
    return root


def files(folder):
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


@pytest.mark.parametrize("output", [".", "book", "book/pages", "theirs"])
def test_what_others_made_is_left_alone(checkout, monkeypatch, capsys, output):
    (checkout / "theirs" / "book").mkdir(parents=True)
    (checkout / "theirs" / "book" / "novel.txt").write_text("mine")
    monkeypatch.chdir(checkout)
    before = files(checkout)
    assert demo.main(["--output", output]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: --output ") and error.count("\n") == 1
    assert files(checkout) == before
    assert (checkout / "runs" / "study.toml").read_text() == "mine"


def test_a_study_of_others_is_left_alone(checkout, tmp_path, capsys):
    study = tmp_path / "theirs" / "runs" / "study.toml"
    study.parent.mkdir(parents=True)
    study.write_text("mine")
    assert demo.main(["--output", str(tmp_path / "theirs")]) == 2
    assert "runs in it is not the demo's; name another folder" in capsys.readouterr().err
    assert study.read_text() == "mine"


def test_the_demo_goes_on_in_its_own_folder(checkout, tmp_path):
    output = tmp_path / "deep" / "output"
    for models in (["model1"], ["model2"]):
        assert demo.main(["--models", *models, "--output", str(output)]) == 0
    assert files(output) == [demo.MARKER, "book/intro.md", "runs/study.toml"]
    assert '["model2"]' in (output / "runs" / "study.toml").read_text()


def test_the_default_folder_of_older_versions_is_its_own(checkout):
    old = checkout / "build" / "demo" / "book" / "old.md"
    old.parent.mkdir(parents=True)
    old.touch()
    assert demo.main([]) == 0
    assert not old.exists()


@pytest.mark.parametrize("below", ["", "/below", "/below/further"])
def test_an_output_that_cannot_be_a_folder_is_one_line(checkout, capsys, below):
    output = f"{checkout / 'runs' / 'study.toml'}{below}"
    assert demo.main(["--output", output]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: --output {output}: is no folder to write to (")
    assert error.count("\n") == 1


def test_help_keeps_its_lines(capsys):
    with pytest.raises(SystemExit):
        demo.main(["--help"])
    assert "\n    python -m fer_lib.demo\n" in capsys.readouterr().out


@pytest.fixture
def make(tmp_path):
    """Runs make in a folder with what the set-up needs, by a Python of a given version."""
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    shutil.copy(paths.ROOT / "Makefile", tmp_path)
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).touch()

    def run(*arguments, version=(3, 11)):
        python = tmp_path / "python"
        code = f"import sys; sys.version_info = {version}; exec(sys.argv[1])"
        python.write_text(f"#!/bin/sh\nexec '{sys.executable}' -c '{code}' \"$2\"\n")
        python.chmod(0o755)
        command = ["make", f"PYTHON={python}", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    return run


def test_make_refuses_an_old_python(make, tmp_path):
    done = make("demo", version=(3, 10))
    assert done.returncode != 0
    assert "fer-lib needs Python 3.11 or newer: make PYTHON=python3.11 demo" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_make_begins_an_unfinished_environment_anew(make, tmp_path):
    # One that make has not begun is somebody's own.
    (tmp_path / ".venv").mkdir()
    assert "-m venv  .venv" in make("--dry-run", "demo").stdout
    (tmp_path / ".venv" / "begun").touch()
    assert "-m venv --clear .venv" in make("--dry-run", "demo").stdout
    (tmp_path / ".venv" / "begun").rename(tmp_path / ".venv" / "ready")
    assert "-m venv" not in make("--dry-run", "demo").stdout
    changed = make("--dry-run", "-W", "pyproject.toml", "demo").stdout
    assert "-m venv" in changed and "--clear" not in changed
