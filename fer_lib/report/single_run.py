"""Tables of a single run, as the training notebook shows them: layers, classes, circumstances."""

from typing import Any

import pandas as pd

from fer_lib import evaluation
from fer_lib.report import markup
from fer_lib.report.naming import run_title
from fer_lib.runs import Run


def layer_table(layers: list[dict[str, Any]], caption: str = "The model, layer by layer."):
    """Layers as ``architecture.layers`` gives them, with parameters and multiply-adds."""
    total = {key: sum(layer[key] for layer in layers) for key in ("parameters", "multiply_adds")}
    frame = pd.DataFrame(
        {
            "type": layer.get("type", ""),
            "output": " × ".join(map(str, layer.get("output_shape", []))),
            "parameters": f"{layer['parameters']:,}",
            "multiply-adds": f"{layer['multiply_adds']:,}",
        }
        for layer in [*layers, total]
    )
    frame.index = pd.Index([*(layer["name"] for layer in layers), "total"])
    return markup.table(frame, caption)


def classification_table(run: Run, split: str = "test"):
    """The classification report of a run, in scikit-learn's layout."""
    scores = evaluation.classification_report(run.labels(split), run.probabilities(split))
    frame = scores.map(lambda value: markup.number(value, 2)).assign(support=scores["support"])
    frame.loc["accuracy", ["precision", "recall"]] = ""
    return markup.table(frame, f"Classification report of {run_title(run)} on the {split} split.")


def run_facts(run: Run):
    """What made a run: data, recipe, versions, device, times."""
    info = run.info
    facts = {
        "data": f"{info['data']['name']}, fingerprint {info['data']['fingerprint'][:12]}",
        "recipe": ", ".join(f"{key} {value}" for key, value in run.recipe.items() if value != ""),
        "seed": run.seed,
        "device": ", then ".join(run.devices),
        "processor": info["machine"].get("processor", "?"),
        "backend": info.get("backend", "?"),
        "versions": ", ".join(f"{name} {v}" for name, v in info.get("versions", {}).items()),
        "finished": info["finished"],
        "training time": markup.duration(info.get("seconds", 0)),
    }
    frame = pd.DataFrame({"value": [str(value) for value in facts.values()]}, index=list(facts))
    return markup.table(frame, f"What made {run_title(run)}.")
