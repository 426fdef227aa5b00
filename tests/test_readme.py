"""The README's results are those of the committed runs, to the letter."""

import pytest

from fer_lib import paths
from fer_lib.errors import ParameterError
from fer_lib.report import readme


def test_results_are_those_of_the_committed_runs():
    text = readme.README.read_text(encoding="utf-8")
    assert readme.with_results(text, paths.ROOT / "runs") == text, "run `make readme`"


def test_other_runs_change_the_results(tmp_path):
    text = readme.README.read_text(encoding="utf-8")
    assert "No run on FER2013" in readme.with_results(text, tmp_path)


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
