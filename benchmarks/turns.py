"""Processes that work in turns: one measures while the others wait.

Competing libraries in one process would fight over the processors' threads, and measured one after
the other a slow drift of the machine would hit them unequally. This module needs nothing installed,
as a worker may run in an environment of its own.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time


class Worker:
    """The measuring side's end of a process that answers once for each turn it is given."""

    def __init__(self, command: list[str], environment: dict[str, str]):
        self.name = command[2]
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115, as long as the process
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env={**os.environ, **environment},
        )

    def turn(self) -> dict:
        """Lets the process work and returns its answer, which has ``seconds`` and ``images``.

        Raises:
            ChildProcessError: the process has ended; the message is its last word.
        """
        try:
            self._process.stdin.write("go\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            self._process.wait()
            self._errors.seek(0)
            last = (self._errors.read().strip() or "no message").splitlines()[-1]
            raise ChildProcessError(f"{self.name} ended: {last}")
        return json.loads(answer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(BrokenPipeError):  # closing writes what a dead process never read
            self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
        self._errors.close()


class Turns:
    """The worker's end. It takes standard output for itself; what libraries print goes elsewhere.

    The first turn began with the process: its answer tells how long all the preparation took.
    """

    def __init__(self):
        self._answers = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)
        self._wait()

    def done(self, images: int, **facts) -> None:
        """Ends a turn, in which so many training images were worked on, and waits for the next.

        A fact ``seconds`` replaces the time that the whole turn took.
        """
        answer = {"seconds": time.perf_counter() - self._start, "images": images, **facts}
        print(json.dumps(answer), file=self._answers, flush=True)
        self._wait()

    def _wait(self) -> None:
        if not sys.stdin.readline():
            # A library that is called back must not take an exception for one of its own.
            os._exit(0)
        self._start = time.perf_counter()
