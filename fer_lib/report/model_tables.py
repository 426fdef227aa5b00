"""Tables of the models: how large they are, and what they consist of."""

import dataclasses

import pandas as pd

from fer_lib import models, recipes
from fer_lib.data.dataset import IMAGE_SHAPE
from fer_lib.models import architecture
from fer_lib.recipes import Recipe
from fer_lib.report import markup
from fer_lib.report.markup import NOTHING
from fer_lib.report.naming import model_title
from fer_lib.report.selection import Report
from fer_lib.report.single_run import layer_table


def layers_of(report: Report, model: str) -> list[dict]:
    """A model's layers on pictures of 48 x 48 pixels: from one of its runs, else by building it."""
    for run in report.runs:
        at_first_size = run.recipe.get("input_size", IMAGE_SHAPE[0]) == IMAGE_SHAPE[0]
        if run.model == model and at_first_size and "layers" in run.info:
            return run.info["layers"]
    # ImageNet weights change nothing about the layers and would be fetched.
    overrides = {"weights": None} if model in models.PRETRAINED else {}
    return architecture.layers(models.build(model, **overrides))


def model_sizes(layers: dict[str, list[dict]]):
    """Parameters, multiply-adds and depth of each model, given its layers."""
    frame = pd.DataFrame.from_dict(
        {
            model_title(model): {
                "parameters": f"{sum(layer['parameters'] for layer in rows):,}",
                "in dense layers": markup.percent(_dense_share(rows)),
                "multiply-adds": f"{sum(layer['multiply_adds'] for layer in rows) / 1e6:,.1f} M",
                "convolutions and dense layers": sum(layer["multiply_adds"] > 0 for layer in rows),
                "what it is": _first_line(models.MODELS[model]),
            }
            for model, rows in layers.items()
        },
        orient="index",
    )
    caption = "The models' sizes; multiply-adds are those of one image of 48 x 48 pixels forward."
    return markup.table(frame, caption)


def recipe_table(report: Report):
    """The recipes of the study, and in what each differs from the first."""
    names = dict.fromkeys(recipe for _, recipe in report.groups)
    first, *others = [recipes.get(name) for name in names]
    rows = {
        first.name: f"Adam, learning rate {first.learning_rate:g}, {first.batch_size} images a "
        f"batch, {first.epochs} epochs, {first.precision}, the rate falling by "
        f"{markup.percent(1 - first.decay_rate, 0)} every {first.decay_steps:,} steps"
    }
    for recipe in others:
        rows[recipe.name] = ", ".join(_changes(recipe, first))
    frame = pd.DataFrame({f"hyperparameters, or what differs from “{first.name}”": rows})
    return markup.table(frame, "The recipes of this study.")


def _changes(recipe: Recipe, first: Recipe) -> list[str]:
    """The fields in which a recipe differs from another, with its values."""
    changed = [
        (field.name.replace("_", " "), getattr(recipe, field.name))
        for field in dataclasses.fields(recipe)
        if field.name not in ("name", "counts_as")
        and getattr(recipe, field.name) != getattr(first, field.name)
    ]
    return [name if value is True else f"{name} {value}" for name, value in changed]


def _first_line(builder) -> str:
    return (builder.__doc__ or NOTHING).strip().splitlines()[0].rstrip(".")


def _dense_share(layers: list[dict]) -> float:
    dense = sum(layer["parameters"] for layer in layers if layer["type"] == "Dense")
    return dense / sum(layer["parameters"] for layer in layers)


def open_choices():
    """What the original report does not state, and what is done here."""
    first = recipes.RECIPES["original-pretrained"]
    penalties = [f"{one.l2:g}" for one in recipes.RECIPES.values() if one.l2]
    rows = {
        "learning rate between two steps of its decay": "falls continuously",
        "models 4 to 6, what they change": "model 2, one thing each",
        "scale of the pixels": "from 0 to 255 down to 0 to 1",
        "order of the training images": "shuffled anew in every epoch",
        "initial weights, moving averages": "Keras's defaults",
        "model 4, convolutions with 5 x 5 kernels": "all six",
        "model 5, the additional block": "twice the filters of the third, average pooling",
        "model 6, convolutions with “valid” padding": "the second of each block",
        "weights whose test results are printed": "those after the last epoch",
        "weights of the L2 penalty": markup.join(penalties),
        "layers with an L2 penalty": "all convolutions and dense layers",
        "pretrained model, size of the pictures": f"{first.input_size} x {first.input_size} pixels",
        "pretrained model, layers that learn": "all, from the first epoch on",
    }
    frame = pd.DataFrame({"chosen here": rows})
    return markup.table(frame, "What the original report does not state, and what is done here.")


def architecture_table(model: str, layers: list[dict]):
    """A model's layers, with a caption that names it."""
    return layer_table(layers, f"{model_title(model)}, layer by layer.")
