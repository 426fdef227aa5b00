"""The README's results are those of the committed runs, to the letter."""

import pytest
from sample_runs import write_sample_run

from fer_lib import paths
from fer_lib.errors import ParameterError, RunError
from fer_lib.report import readme


def test_results_are_those_of_the_committed_runs():
    text = readme.README.read_text(encoding="utf-8")
    assert readme.with_results(text, paths.ROOT / "runs") == text, "run `make readme`"


def test_results_are_not_replaced_by_none(tmp_path):
    text = readme.README.read_text(encoding="utf-8")
    with pytest.raises(RunError, match=f"{tmp_path}: has no run on FER2013.* keeps its results"):
        readme.with_results(text, tmp_path)
    write_sample_run(tmp_path, "model1", name="drawn faces", scale=50)
    with pytest.raises(RunError, match="has no run on FER2013"):
        readme.with_results(text, tmp_path)
    write_sample_run(tmp_path, "model2", scale=50)
    assert "1 of the study's" in readme.with_results(text, tmp_path)


def test_without_any_results_it_says_that_there_are_none(tmp_path):
    text = readme.with_results(readme.BEGIN + readme.END, tmp_path)
    assert "No run on FER2013" in text
    assert readme.with_results(text, tmp_path) == text


def test_a_mistyped_folder_of_runs_is_no_empty_one(tmp_path, monkeypatch, capsys):
    copy = tmp_path / "README.md"
    copy.write_text(before := f"{readme.BEGIN}earlier words\n{readme.END}")
    monkeypatch.setattr(readme, "README", copy)
    monkeypatch.setattr(paths, "RUNS", tmp_path / "none")
    monkeypatch.setenv("FER_RUNS", "none")
    assert readme.main([]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: FER_RUNS: {tmp_path / 'none'} is no folder")
    assert error.count("\n") == 1 and copy.read_text() == before


def test_markers_must_be_there():
    with pytest.raises(ParameterError, match="lacks the lines"):
        readme.with_results("no markers")


def test_asking_for_help_writes_nothing(capsys, monkeypatch, tmp_path):
    copy = tmp_path / "README.md"
    copy.write_text(f"{readme.BEGIN}earlier words\n{readme.END}")
    monkeypatch.setattr(readme, "README", copy)
    for arguments, status in ((["--help"], 0), (["--runs", "/none"], 2)):
        with pytest.raises(SystemExit) as left:
            readme.main(arguments)
        assert left.value.code == status
    assert "earlier words" in copy.read_text()
    assert readme.main([]) == 0
    assert "earlier words" not in copy.read_text()
    assert capsys.readouterr().out.endswith("README.md: new results\n")
