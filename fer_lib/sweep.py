"""The sweep over the study: trains what is missing, shows progress, sets outdated runs aside.

    python -m fer_lib.sweep status
    python -m fer_lib.sweep train --data PATH
    python -m fer_lib.sweep set-aside

It trains one run after another, in this process; the Snakefile trains the same runs side by side
and on many machines.
"""

import argparse
import os
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from fer_lib import data, files, outdated, paths, progress, runs
from fer_lib.errors import FerError, ParameterError, RunError
from fer_lib.runs import study
from fer_lib.runs.study import Entry, page_name
from fer_lib.training import machine

NOTEBOOK = paths.ROOT / "notebooks" / "train.ipynb"
PAGES = paths.ROOT / "book" / "runs"


def execute(entries: Iterable[Entry], pages: Path, **parameters: Any) -> list[Path]:
    """Executes the training notebook once an entry.

    Args:
        entries: what to train.
        pages: the folder for the executed notebooks, made if missing.
        **parameters: further parameters of the notebook, such as ``runs`` or ``fast``.

    Returns:
        The executed notebooks.

    Raises:
        papermill.PapermillExecutionError: a cell failed; the notebook holds the traceback.
    """
    import papermill

    pages.mkdir(parents=True, exist_ok=True)
    executed = []
    for entry in entries:
        page = pages / page_name(entry)
        chosen = {"model": entry.model, "recipe": entry.recipe, "seed": entry.seed, **parameters}
        papermill.execute_notebook(NOTEBOOK, page, parameters=chosen, cwd=paths.ROOT)
        executed.append(page)
    return executed


def planned(root: Path) -> list[Entry]:
    """The study's runs."""
    return study.entries(study.file(root))


def missing(entries: Iterable[Entry], root: Path) -> list[Entry]:
    """The entries that have no finished run of their own under ``root`` yet."""
    return [
        entry for entry in entries if not runs.exists(runs.folder(root, entry.name, entry.seed))
    ]


def check_data(path: str) -> None:
    """Makes sure that the study is trained on nothing but FER2013.

    Raises:
        ParameterError: ``path``, or where data is looked for without one, holds something else.
    """
    if data.choose(path or None).name != data.FER2013:
        raise ParameterError("the study needs FER2013: give its path, see the README on the data")


def train(root: Path, pages: Path, path: str) -> int:
    """Trains what is missing; a run that fails leaves the others standing.

    Returns:
        The exit status: 1 if a run failed, or one that is damaged or by another recipe than
        today's was left.
    """
    machine.check_backend()
    check_data(path)
    entries = planned(root)
    todo = missing(entries, root)
    print(f"{len(todo)} of {len(entries)} runs to make")
    parameters = {"data": str(_absolute(path)) if path else ""}
    if not root == paths.RUNS == paths.ROOT / "runs":
        parameters["runs"] = str(root)
    done = [entry for entry in entries if entry not in todo]
    damages = [error for entry in done if (error := _damage(entry, root))]
    for error in damages:
        print(f"error: {error}", file=sys.stderr)
    failed = []
    for entry in todo:
        if reason := _failure(entry, pages, parameters):
            failed.append(entry)
            print(f"failed: {reason}", file=sys.stderr)
    old = [entry for entry in entries if outdated.is_outdated(entry, root)]
    if old:
        names = ", ".join(Path(page_name(entry)).stem for entry in old)
        print(
            f"outdated, by another recipe than today's: {names}; move them aside by "
            "`python -m fer_lib.sweep set-aside`, then train again",
            file=sys.stderr,
        )
    return 1 if failed or damages or old else 0


def _damage(entry: Entry, root: Path) -> RunError | None:
    """What is wrong with the files of a finished run, if anything."""
    try:
        run = runs.read(runs.folder(root, entry.name, entry.seed))
        _ = run.metrics, run.history
    except RunError as error:
        return error


def _failure(entry: Entry, pages: Path, parameters: dict[str, Any]) -> str:
    """Trains a run; returns in one line why that failed, "" if it did not."""
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import DeadKernelError
    from papermill import PapermillExecutionError

    page = pages / page_name(entry)
    try:
        execute([entry], pages, **parameters)
    except PapermillExecutionError as error:
        return f"{page}: {error.ename}: {error.evalue.strip()}".splitlines()[0]
    except DeadKernelError as error:
        return f"{page}: {files.one_line(error)}"
    except (OSError, RuntimeError, NoSuchKernel) as error:
        return f"{page.name}: {files.one_line(error)}"
    return ""


def status(root: Path, pages: Path) -> int:
    """Prints how far the study's runs are; returns the exit status."""
    entries = planned(root)
    found, damaged = [], []
    for entry in entries:
        try:
            found.append(progress.read(entry, root, pages / page_name(entry)))
        except RunError as error:
            found.append(progress.damaged(entry))
            damaged.append(error)
    print(progress.report(found, datetime.now()))
    for error in damaged:
        print(f"error: {error}", file=sys.stderr)
    return 2 if damaged else 0


def set_aside(root: Path, names: list[str]) -> int:
    """Sets outdated runs of the study aside, all or those named; returns the exit status."""
    entries = {Path(page_name(one)).stem: one for one in planned(root)}
    for name in names:
        if name not in entries:
            raise ParameterError(f"run {name!r} is unknown; choose from {', '.join(entries)}")
    old = names or [name for name in entries if outdated.is_outdated(entries[name], root)]
    for name in old:
        print(f"{name}: now in {outdated.set_aside(entries[name], root)}")
    print(f"{len(old)} of {len(entries)} runs set aside")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    options = _parser().parse_args(arguments)
    try:
        _check_runs(options.runs, may_be_missing=options.command == "train")
        if options.command == "train":
            return train(options.runs, options.pages, options.data)
        if options.command == "set-aside":
            return set_aside(options.runs, options.names)
        return status(options.runs, options.pages)
    except FerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; the same command goes on", file=sys.stderr)
        return 130


def _check_runs(root: Path, may_be_missing: bool) -> None:
    """Raises RunError if the folder of runs is none, or is missing and may not be."""
    runs.check_root(root)
    if not (may_be_missing or root.exists()):
        raise RunError(f"--runs {root}: there is no such folder; name one, or train its runs first")


def _absolute(path: str) -> Path:
    """A path of the command line as the notebook can use it, which works in another folder."""
    return Path(path).resolve()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fer_lib.sweep",
        description="The runs that study.toml lists: trained, looked at, made anew.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    of_runs = _folder("--runs", paths.RUNS, "run folders, with or without a study.toml")
    of_pages = _folder("--pages", PAGES, "the executed notebooks")

    text = "train what is missing, one run after another"
    train = commands.add_parser("train", parents=[of_runs, of_pages], **_explained(text))
    train.add_argument(
        "--data",
        default=os.environ.get("FER_DATA", ""),
        help="path of FER2013 (default: FER_DATA, then data/)",
    )

    text = "show what is done, running, failed and left, and when it ends"
    commands.add_parser("status", parents=[of_runs, of_pages], **_explained(text))

    text = "move runs whose recipe has changed to RUNS/.replaced, to be made anew"
    aside = commands.add_parser("set-aside", parents=[of_runs], **_explained(text))
    aside.add_argument(
        "names",
        nargs="*",
        metavar="RUN",
        help="such as model2-l2-small-seed0 (default: all)",
    )
    return parser


def _folder(option: str, default: Path, content: str) -> argparse.ArgumentParser:
    """A parent of the commands that take this folder."""
    parent = argparse.ArgumentParser(add_help=False)
    text = f"folder of {content} (default: %(default)s)"
    parent.add_argument(option, type=_absolute, default=default, help=text)
    return parent


def _explained(text: str) -> dict[str, str]:
    """A command's line in the list of all, and the sentence in its own help."""
    return {"help": text, "description": f"{text[0].upper()}{text[1:]}."}


if __name__ == "__main__":
    sys.exit(main())
