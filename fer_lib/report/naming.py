"""What the report calls models and runs."""

from fer_lib.runs import Run

#: Names that are not those of the models 1 to 6.
TITLES = {"efficientnetb0": "EfficientNetB0", "efficientnet_lite0": "EfficientNet-Lite0"}


def model_title(model: str) -> str:
    """A model's name as the original report writes it: "Model 3", "EfficientNetB0"."""
    number = model.removeprefix("model")
    return f"Model {number}" if number.isdigit() else TITLES.get(model, model)


def run_title(run: Run) -> str:
    """A run's name for a reader: "model2-original, seed 0"."""
    return f"{run.name}, seed {run.seed}"
