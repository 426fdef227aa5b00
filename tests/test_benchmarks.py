"""The benchmark commands explain themselves and refuse bad input in one line; nothing is timed."""

import json
import subprocess
import sys

import pytest
from test_speed import LOADING, THROUGHPUT, written

from fer_lib import paths

COMMANDS = ("throughput", "loading", "report_build", "time_to_quality", "guard")


def run(command, *arguments):
    return subprocess.run(
        [sys.executable, str(paths.ROOT / "benchmarks" / f"{command}.py"), *map(str, arguments)],
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_help_helps(command):
    done = run(command, "--help")
    assert done.returncode == 0, done.stderr
    assert f"python benchmarks/{command}.py" in done.stdout


@pytest.mark.parametrize(
    ("command", "arguments", "message"),
    [
        ("throughput", ["--models", "model9"], "invalid choice: 'model9'"),
        ("throughput", ["--torch-python", "/none"], "--torch-python /none: No such file"),
        ("loading", ["--data", "/none.csv"], "loading.py: --data /none.csv: is not a file"),
        ("time_to_quality", ["--target", "65"], "--target must lie between 0 and 1"),
        ("guard", ["--results", "/none"], "guard.py: error: /none: is no folder"),
        ("guard", ["--runs", "/none"], "guard.py: error: /none: is no folder"),
        ("kill_trial", ["--images", "6"], "--images: from 7 on"),
        ("report_growth", ["0"], "RUNS: from 1 on"),
    ],
)
def test_bad_input_ends_in_one_line(command, arguments, message):
    done = run(command, *arguments)
    assert done.returncode != 0
    assert message in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [[], ["--help"], ["bare", "{"], ["bare", "{}", "{}"]])
@pytest.mark.parametrize("command", ["engines", "torch_engine"])
def test_a_worker_says_who_starts_it(command, arguments):
    done = run(command, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{command}.py: throughput.py starts it with a job; run that\n"


def test_an_unknown_engine_is_refused():
    done = run("engines", "model1", "{}")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def measured(*models, **conditions):
    return {**THROUGHPUT, **conditions, "models": {name: {"name": name} for name in models}}


def test_what_a_throughput_lacks_can_be_measured_later(monkeypatch):
    monkeypatch.syspath_prepend(paths.ROOT / "benchmarks")
    import throughput

    early = measured("model6", "model1", command="early", peak=[1.0])
    late = measured("model2", "model6", command="late", peak=[2.0])
    joined = throughput.joined(late, early)
    assert list(joined["models"]) == ["model1", "model2", "model6"]
    assert joined["models"]["model6"] is late["models"]["model6"]
    assert (joined["command"], joined["peak"]) == ("early && late", [1.0, 2.0])
    for name in throughput.CONDITIONS:
        assert throughput.joined(late, {**early, name: "other"}) == late, name
    assert throughput.joined(late, None) == late
    assert throughput.joined(late, measured("model6", command="early")) == late


def test_the_guard_fails_under_a_bar(tmp_path):
    (tmp_path / "runs").mkdir()
    no_runs = ("--runs", tmp_path / "runs")
    done = run("guard", *no_runs, "--results", written(tmp_path, loading=LOADING))
    assert done.returncode == 0, done.stderr
    assert "holds   loading, warm, times faster than pandas: 240, bar 100" in done.stdout
    slow = json.loads(json.dumps(LOADING))
    slow["seconds"]["warm"] = [1.0]
    done = run("guard", *no_runs, "--results", written(tmp_path, loading=slow))
    assert done.returncode == 1
    assert "MISSED  loading, warm, times faster than pandas: 24, bar 100" in done.stderr
