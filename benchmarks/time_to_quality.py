"""Epochs, seconds and arithmetic until the validation accuracy first reaches a target.

    python benchmarks/time_to_quality.py

Reads the finished runs of the study and trains nothing. A run that never reaches the target counts
with all that it spent, as a lower bound.
"""

import argparse

import measuring

from fer_lib import models, quality, report
from fer_lib.errors import RunError


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", choices=list(models.MODELS), default=quality.MODEL)
    parser.add_argument(
        "--target", type=float, default=quality.TARGET, help=f"default {quality.TARGET}"
    )
    options = parser.parse_args(arguments)
    if not 0 < options.target < 1:
        parser.error("--target must lie between 0 and 1")
    study = report.load()
    found = quality.reaches(study, options.model, options.target)
    if not found:
        raise RunError(f"{study.root}: no run of the study is of {options.model}; train one first")
    for text in machines(study, options.model):
        print(text)
    print(quality.seed_frame(found).to_string(), "\n")
    print(quality.recipe_frame(found).to_string())
    return 0


def machines(study: report.Report, model: str) -> list[str]:
    """What the model's runs were made on, each once."""
    described = (
        f"{run.info['data']['name']}: {run.info['machine']['processor']}, "
        f"{run.info['machine']['cores']} cores, {run.info['device']}, {run.info['backend']}, "
        f"Keras {run.info['versions']['keras']}"
        for name, recipe in study.groups
        if name == model
        for run in study.seeds(name, recipe)
    )
    return list(dict.fromkeys(described))


if __name__ == "__main__":
    measuring.run(main)
