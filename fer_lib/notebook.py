"""What the training notebook needs around the training: its parameters, checked, and its data."""

import dataclasses
import hashlib
import html
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fer_lib import data, models, paths, recipes
from fer_lib.data import Dataset, Split
from fer_lib.errors import ParameterError
from fer_lib.recipes import Recipe
from fer_lib.report import markup
from fer_lib.training import machine

#: Names that IPython itself puts into a notebook.
IPYTHON_NAMES = {"In", "Out", "exit", "quit", "get_ipython", "open"}

#: Images of each split, and epochs, that the fast mode keeps.
FAST_IMAGES = 700
FAST_EPOCHS = 2
#: What a run on other data says first.
NOT_FER2013 = "These are not results on FER2013"
#: NumPy's and Keras's seeds have 32 bits.
SEEDS = 2**32


@dataclass(frozen=True)
class Settings:
    """The notebook's parameters.

    Attributes:
        model: a key of ``models.MODELS``.
        recipe: a key of ``recipes.RECIPES``.
        epochs: instead of the recipe's, 0 for the recipe's own.
        seed: a whole number of up to 32 bits.
        data: path of the data set, "" to look where ``data.choose`` looks.
        runs: the folder of run folders, "" for the usual one.
        weights: a file of weights for a pretrained model, "" for those of ImageNet.
        devices: how many of the machine's devices share every batch; more than 1 needs JAX.
        fast: whether to train on a few images for a few epochs, for a test of the whole path.
    """

    model: str
    recipe: str
    epochs: int
    seed: int
    data: str
    runs: str
    weights: str
    devices: int
    fast: bool

    def resolved_recipe(self) -> Recipe:
        """The recipe to train by, epochs changed where asked."""
        epochs = FAST_EPOCHS if self.fast else self.epochs
        return recipes.get(self.recipe, epochs or None)

    def dataset(self) -> Dataset:
        """The data to train on, cut down in fast mode."""
        dataset = data.choose(self.data or None)
        return _head(dataset) if self.fast else dataset

    def root(self, dataset: Dataset) -> Path:
        """The folder of run folders: demo runs stay apart from real ones."""
        if self.runs:
            return Path(self.runs)
        return paths.RUNS if dataset.name == data.FER2013 else paths.RUNS / "demo"


def settings(names: Mapping[str, Any]) -> Settings:
    """Reads the parameters out of a notebook's global names and checks them.

    papermill only warns of a parameter that the notebook does not have, and would then train
    something else; here an unknown name is an error.

    Args:
        names: the notebook's ``globals()`` when nothing but parameters is defined.

    Raises:
        ParameterError: a name is unknown, or a value is impossible; the message has the choices.
    """
    fields = {field.name: field.type for field in dataclasses.fields(Settings)}
    given = {name for name in names if not name.startswith("_")} - IPYTHON_NAMES - {"notebook"}
    # Where the notebook has run before in this kernel, its own names stand beside the parameters.
    is_again = isinstance(names.get("settings"), Settings)
    for name in [] if is_again else sorted(given - fields.keys()):
        raise ParameterError(f"parameter {name!r} is unknown; choose from {', '.join(fields)}")
    for name, kind in fields.items():
        value = names[name]
        if type(value) is not kind:
            # papermill takes what looks like a number for one, but for -r.
            hint = f"; give it by `-r {name} {value}`" if kind is str else ""
            raise ParameterError(f"parameter {name} must be {kind.__name__}, not {value!r}{hint}")
    found = Settings(**{name: names[name] for name in fields})
    models.check_name(found.model)
    _check_values(found)
    return found


def _check_values(found: Settings) -> None:
    if not 0 <= found.seed < SEEDS:
        raise ParameterError(f"parameter seed must be from 0 to {SEEDS - 1}, not {found.seed}")
    if found.epochs < 0:
        raise ParameterError(f"parameter epochs must be from 0 on, not {found.epochs}")
    if found.fast and found.epochs:
        raise ParameterError(f"parameter fast means {FAST_EPOCHS} epochs; leave out fast or epochs")
    if found.weights and found.model not in models.PRETRAINED:
        raise ParameterError(
            f"parameter weights is for {' and '.join(models.PRETRAINED)}; {found.model} begins "
            "with random weights"
        )
    models.check_recipe(found.model, found.resolved_recipe())
    machine.check_backend()


def banner(dataset: Dataset):
    """Says which data is used: a note for FER2013, a loud warning for anything else."""
    from IPython.display import HTML

    sizes = ", ".join(f"{len(split):,} {name}" for name, split in dataset.splits.items())
    facts = (
        f"<b>{dataset.name}</b> from {html.escape(dataset.source)}: {sizes} images, "
        f"fingerprint <code>{dataset.fingerprint[:12]}</code>."
    )
    if dataset.name == data.FER2013:
        return markup.admonition("note", "Data", facts)
    return HTML(
        '<div class="admonition danger" style="border: 3px solid #c00; padding: 0.6em">'
        f'<p class="admonition-title">{NOT_FER2013}</p>'
        f"<p>The data are {facts} To train on the real images, give their path: "
        "<code>-p data PATH</code>.</p></div>"
    )


def _head(dataset: Dataset) -> Dataset:
    """The first images of each split, under a fingerprint of their own."""
    splits = {
        name: Split(split.images[:FAST_IMAGES], split.labels[:FAST_IMAGES])
        for name, split in dataset.splits.items()
    }
    return dataclasses.replace(
        dataset,
        **splits,
        name=f"first {FAST_IMAGES} of {dataset.name}",
        fingerprint=hashlib.sha256(f"{FAST_IMAGES} {dataset.fingerprint}".encode()).hexdigest(),
    )
