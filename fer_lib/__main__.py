"""The command line: ``python -m fer_lib predict`` and ``python -m fer_lib export``."""

import argparse
import json
import os
import sys
from pathlib import Path

from fer_lib.data.dataset import EMOTIONS
from fer_lib.errors import FerError, ParameterError


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; what is wrong with its input is said in one line."""
    given = _parser().parse_args(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow greets with a page of lines
    try:
        given.function(given)
    except FerError as error:
        print(f"python -m fer_lib: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m fer_lib", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser(
        "predict", help="say what a face in a picture expresses", description=predict.__doc__
    )
    command.add_argument("pictures", nargs="+", metavar="PICTURE", help="JPEG, PNG, ...")
    command.add_argument(
        "--run", default="", metavar="PATH", help="a run folder, or a .keras or network.js file"
    )
    command.add_argument("--whole", action="store_true", help="seek no faces: the centre square")
    command.add_argument("--json", action="store_true", help="print JSON instead of a table")
    command.add_argument("--output", metavar="FILE", help="write the picture with its answers")
    command.set_defaults(function=predict)

    command = commands.add_parser(
        "export", help="write a run's network for the page Try it", description=export.__doc__
    )
    command.add_argument("runs", nargs="+", metavar="RUN", help="a run folder that was made here")
    command.add_argument("--output", metavar="FILE", help="default: the page's, runs/network.js")
    command.set_defaults(function=export)
    return parser


def predict(given) -> None:
    """Shows a network the faces of pictures and prints the probability of each emotion.

    Faces are found by OpenCV (pip install -e '.[faces]'); without it, the centre square of a
    picture is taken. A single answer is often wrong.
    """
    from fer_lib import files, prediction
    from fer_lib.prediction import pictures

    if given.output and len(given.pictures) > 1:
        raise ParameterError("--output takes one picture; give the others their own command")
    opened = [(path, pictures.read(path)) for path in given.pictures]
    model = prediction.load(given.run)
    answers, labels = [], []
    for path, picture in opened:
        for crop in pictures.crops(picture, given.whole):
            (found,) = prediction.predict(model, [pictures.prepare(picture, crop)])
            shares = dict(zip(EMOTIONS, map(float, found), strict=True))
            box = [crop.left, crop.top, crop.side]
            answers.append({"picture": path, "taken": crop.why, "square": box, **shares})
            labels.append((crop, f"{EMOTIONS[found.argmax()]} {found.max():.0%}"))
            if not given.json:
                print("{}: {} ({} + {}, {} pixels wide)".format(path, crop.why, *box))
                for emotion in sorted(shares, key=shares.get, reverse=True):
                    print(f"  {emotion:10}{shares[emotion]:7.1%}")
    if given.json:
        print(json.dumps(answers, indent=2))
    if given.output:
        where, remedy = f"--output {given.output}", "name a .png or .jpg in a folder of yours"
        with files.told(ParameterError, where, remedy, "cannot be written"):
            pictures.annotate(opened[0][1], labels).save(given.output)


def export(given) -> None:
    """Writes the network of a run, in float16, as the script that the book's page Try it loads.

    Of several runs, the one that is best on the validation images among those that fit into 4.5 MB.
    Build the report again afterwards.
    """
    from fer_lib import files, paths, runs
    from fer_lib.prediction import network

    found = [runs.read(paths.expand(run)) for run in given.runs]
    found.sort(key=lambda run: run.metrics["validation"]["accuracy"], reverse=True)
    errors = []
    for run in found:
        try:
            made = network.export(run)
            break
        except ParameterError as error:
            errors.append(error)
    else:
        raise errors[0]
    path = Path(given.output or paths.RUNS / network.NAME)
    with files.told(ParameterError, path, "name a file in a folder of yours", "cannot be written"):
        network.write(made, path)
    size = path.stat().st_size / 1e6
    print(f"{path}: {made['run']}, epoch {made['epoch']}, digest {made['digest']}, {size:.1f} MB")


if __name__ == "__main__":
    sys.exit(main())
