"""What the benchmarks share: what was measured on, fresh processes, results files."""

import datetime
import json
import os
import resource
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from fer_lib import files, speed
from fer_lib.errors import FerError
from fer_lib.training import machine

#: Printed by a process as its last line: the most memory that it has had, in MiB.
PEAK_MEMORY = """
def peak_memory():
    import pathlib, resource, sys
    status = pathlib.Path("/proc/self/status")
    if status.exists():  # ru_maxrss would count what the parent process had.
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / (2**20 if sys.platform == "darwin" else 2**10)
"""


def conditions(benchmark: str) -> dict:
    """What a result says besides its figures. To be called before anything is measured."""
    return {
        "benchmark": benchmark,
        "command": shlex.join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *sys.argv[1:]]),
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "machine": machine.describe(),
        "versions": machine.versions(),
        "code": machine.source_digest(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    }


def fresh_process(code: str, *arguments: str, cache: Path) -> dict:
    """Runs code in a new Python process; returns the JSON that it prints last.

    Args:
        code: what to run; it may call ``peak_memory()``.
        arguments: its ``sys.argv[1:]``.
        cache: stands in for the user's cache of parsed data.

    Raises:
        FerError: the process failed; the message is its last word.
    """
    done = subprocess.run(
        [sys.executable, "-c", PEAK_MEMORY + code, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "FER_CACHE": str(cache)},
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise FerError(lines[-1] if lines else f"a process ended with {done.returncode}")
    return json.loads(done.stdout.splitlines()[-1])


def processor_seconds() -> float:
    """What all child processes have used so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def peak_memory_of_children() -> float:
    """The most memory that a child process has had, in MiB."""
    size = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return size / (2**20 if sys.platform == "darwin" else 2**10)


def show(result: dict, table: str) -> None:
    """Prints where a result was measured, and its table."""
    print(speed.conditions_text(result))
    print(table)


def write(name: str, result: dict) -> None:
    """Writes a result to ``benchmarks/results`` in one rename."""
    file = speed.RESULTS / f"{name}.json"
    try:
        speed.RESULTS.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=speed.RESULTS, delete=False) as handle:
            handle.write(json.dumps(result, indent=1) + "\n")
        Path(handle.name).chmod(0o644)
        Path(handle.name).replace(file)
    except OSError as error:
        raise FerError(f"{file}: cannot be written ({files.one_line(error)})") from None
    print(f"written: {file}")


def run(main) -> None:
    """Runs a benchmark's command; the package's errors end it with one line."""
    try:
        sys.exit(main())
    except (FerError, ChildProcessError) as error:
        sys.exit(f"{Path(sys.argv[0]).name}: {error}")
