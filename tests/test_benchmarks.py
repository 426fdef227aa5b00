"""The benchmarks' commands, their ways to train a tiny model, and the ratios; nothing is timed."""

import subprocess
import sys

import pytest
import tiny

from fer_lib import paths
from fer_lib.report import benchmarks

FOLDER = paths.ROOT / "benchmarks"
COMMANDS = ("throughput", "loading", "report_build", "kill_trial", "slurm_trial")


@pytest.fixture
def beside(monkeypatch):
    """Makes the benchmarks' modules importable, as they are for their commands."""
    monkeypatch.syspath_prepend(FOLDER)


def run(command, *arguments):
    command = [sys.executable, FOLDER / f"{command}.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_the_command(command):
    done = run(command, "--help")
    assert done.returncode == 0, done.stderr
    assert f"python benchmarks/{command}.py" in done.stdout


def test_bad_input_ends_in_one_line():
    done = run("loading", "--data", "/none.csv")
    assert done.returncode == 2
    assert done.stderr.endswith("--data /none.csv: is not a file; give the path of the csv\n")


class Pipe:
    """Takes a worker's answers, and ends it after some turns."""

    def __init__(self, turns):
        self.left, self.answers = turns, []

    def recv(self):
        if not self.left:
            raise EOFError
        self.left -= 1

    def send(self, answer):
        self.answers.append(answer)


@pytest.mark.parametrize("way", ["ours", "bare"])
def test_a_way_trains_turn_by_turn(way, beside, tiny_model, tmp_path):
    pytest.importorskip("tensorflow")
    import measuring
    import ways

    job = {"model": tiny_model, "dataset": tiny.dataset(), "folder": tmp_path, "seconds": 0.01}
    pipe = Pipe(4)
    with pytest.raises(EOFError):
        getattr(ways, way)({**job, "phases": [(1, 2), (2, 10)]}, measuring.Turns(pipe))
    images = [answer["images"] for answer in pipe.answers]
    assert images == ([128, 128, 256, 256] if way == "ours" else 4 * images[:1])
    assert all(answer["seconds"] > 0 for answer in pipe.answers)


def test_what_comes_with_an_epoch_is_counted_once(beside):
    import throughput

    # A second an epoch, and a hundredth an image.
    found = throughput.rate({"seconds": 1 + 12.8, "images": 1280}, 1 + 1.28)
    assert found == pytest.approx(throughput.EPOCH / (1 + throughput.EPOCH / 100))


def test_ours_is_compared_with_the_faster_way_of_each_round():
    speeds = {"ours": [240, 260], "notebook": [200, 250], "torch": [100, 280], "bare": [250, 260]}
    rows = [
        {"model": "model1", "way": way, "unit": "images/s", "values": values}
        for way, values in speeds.items()
    ]
    found = benchmarks.ratios({"rows": rows})
    assert found["usual"]["model1"].tolist() == [240 / 200, 260 / 280]
    assert found["bare"]["model1"].tolist() == [240 / 250, 1]


def test_the_committed_results_say_where_they_were_measured_and_reach_the_aims(beside):
    import throughput

    found = benchmarks.measured()
    assert {"loading", "report", "throughput-cpu", "throughput-gpu"} <= set(found)
    for result in found.values():
        assert result["machine"]["processor"] and result["versions"]["keras"]
        assert all(row["unit"] and row["values"] for row in result["rows"])
    for to, rounds in benchmarks.ratios(found["throughput-cpu"]).items():
        assert (rounds.median() >= throughput.AIMS[to]).all()
