"""What the training notebook needs around the training: its parameters, checked, and its data."""

import dataclasses
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fer_lib import data, models, paths, recipes
from fer_lib.data import Dataset
from fer_lib.errors import ParameterError
from fer_lib.recipes import Recipe
from fer_lib.runs import study

#: What a run on other data says first.
NOT_FER2013 = "These are not results on FER2013"


@dataclass(frozen=True)
class Settings:
    """The notebook's parameters.

    Attributes:
        model: a key of ``models.MODELS``.
        recipe: a key of ``recipes.RECIPES``.
        epochs: instead of the recipe's, 0 for the recipe's own.
        seed: a whole number of up to 32 bits.
        data: path of the data set, "" to look where ``data.choose`` looks.
        runs: the folder of run folders, "" for runs/mine, or runs/demo for other data.
        weights: a file of weights for a pretrained model, "" for those of ImageNet.
    """

    model: str
    recipe: str
    epochs: int
    seed: int
    data: str
    runs: str
    weights: str

    def resolved_recipe(self) -> Recipe:
        """The recipe to train by, epochs changed where asked."""
        return recipes.get(self.recipe, self.epochs or None)

    def dataset(self) -> Dataset:
        """The data to train on."""
        return data.choose(self.data or None)

    def root(self, dataset: Dataset) -> Path:
        """The folder of run folders: by default neither the study's nor one of several data."""
        usual = paths.RUNS / ("mine" if dataset.name == data.FER2013 else "demo")
        return Path(self.runs) if self.runs else usual


def settings(names: Mapping[str, Any]) -> Settings:
    """Reads the parameters out of a notebook's global names and checks them.

    papermill only warns of a parameter that the notebook does not have, and would then train
    something else; here an unknown name is an error.

    Args:
        names: the notebook's ``globals()``.

    Raises:
        ParameterError: a name is unknown, or a value is impossible; the message has the choices.
    """
    kinds = {field.name: field.type for field in dataclasses.fields(Settings)}
    # The names that papermill's own cells assign; any other cell may define what it likes.
    cells = [cell for cell in names.get("In", ()) if cell.startswith("# Parameters")]
    for name in re.findall(r"^(\w+) = ", "\n".join(cells), re.MULTILINE):
        if name not in kinds:
            raise ParameterError(f"parameter {name!r} is unknown; choose from {', '.join(kinds)}")
    values = {name: names.get(name) for name in kinds}
    for name, kind in kinds.items():
        if type(value := values[name]) is not kind:
            # papermill takes what looks like a number for one, but for -r, and "None" for None.
            hint = f"; give it by `-r {name} {value}`" if kind is str else ""
            hint = "; leave it out" if value is None else hint
            raise ParameterError(f"parameter {name} must be {kind.__name__}, not {value!r}{hint}")
    for name in ("data", "runs", "weights"):
        values[name] = str(paths.expand(values[name])) if values[name] else ""
    found = Settings(**values)
    if found.epochs < 0:
        raise ParameterError(f"parameter epochs must be from 0 on, not {found.epochs}")
    if found.weights and found.model not in models.PRETRAINED:
        raise ParameterError(
            f"parameter weights is for {' and '.join(models.PRETRAINED)}; {found.model} begins "
            "with random weights"
        )
    study.check(found.model, found.resolved_recipe(), found.seed)
    return found


def banner(dataset: Dataset):
    """Says which data is used: a note for FER2013, a loud warning for anything else."""
    from IPython.display import HTML

    sizes = ", ".join(f"{len(split):,} {name}" for name, split in dataset.splits.items())
    text = (
        f"<b>{html.escape(dataset.name)}</b> from {html.escape(dataset.source)}: {sizes} images, "
        f"fingerprint <code>{dataset.fingerprint[:12]}</code>."
    )
    kind, title = "note", "Data"
    if dataset.name != data.FER2013:
        kind, title = "danger", NOT_FER2013
        print(f"{NOT_FER2013}; give its path by -p data PATH")  # for who reads the log alone
        text += " To train on the real images, give their path: <code>-p data PATH</code>."
    return HTML(
        f'<div class="admonition {kind}"><p class="admonition-title">{title}</p><p>{text}</p></div>'
    )
