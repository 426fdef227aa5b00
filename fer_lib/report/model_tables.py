"""Tables of the models: how large they are, and what they consist of."""

import pandas as pd

from fer_lib import architecture, models
from fer_lib.report import markup
from fer_lib.report.markup import NOTHING
from fer_lib.report.naming import model_title
from fer_lib.report.selection import Report
from fer_lib.report.single_run import layer_table


def layers_of(report: Report, model: str) -> list[dict]:
    """A model's layers: from one of its runs, else by building it with random weights."""
    for run in report.runs:
        if run.model == model and "layers" in run.info:
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
                "layers with a kernel": sum(layer["multiply_adds"] > 0 for layer in rows),
                "what it is": _first_line(models.MODELS[model]),
            }
            for model, rows in layers.items()
        },
        orient="index",
    )
    return markup.table(frame, "The models' sizes; multiply-adds are those of one image forward.")


def _first_line(builder) -> str:
    return (builder.__doc__ or NOTHING).strip().splitlines()[0].rstrip(".")


def _dense_share(layers: list[dict]) -> float:
    dense = sum(layer["parameters"] for layer in layers if layer["type"] == "Dense")
    return dense / sum(layer["parameters"] for layer in layers)


def architecture_table(model: str, layers: list[dict]):
    """A model's layers, with a caption that names it."""
    return layer_table(layers, f"{model_title(model)}, layer by layer.")
