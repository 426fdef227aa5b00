"""What makes a run the run that it is, and in what two of them differ."""

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

from fer_lib import models
from fer_lib.data import Dataset, Split
from fer_lib.data.dataset import image_digests
from fer_lib.errors import ParameterError, RunError
from fer_lib.recipes import Recipe
from fer_lib.training import machine

#: The field of a recipe that changes nothing about the training.
FOR_THE_REPORT = "counts_as"


def identify(
    model_name: str, recipe: Recipe, seed: int, dataset: Dataset, weights: str = ""
) -> dict[str, Any]:
    """What makes a run the run that it is; two runs with equal identities are the same run.

    Raises:
        ParameterError: the file of weights cannot be read.
    """
    identity = {
        "model": model_name,
        "recipe": dataclasses.asdict(recipe),
        "seed": seed,
        "fingerprint": dataset.fingerprint,
        "image_order": _image_order(dataset.train),
        "backend": machine.backend(),
    }
    if model_name in models.PRETRAINED:
        identity["weights"] = _digest(weights) if weights else "imagenet"
    return identity


def differences(path: Path, held: dict[str, Any], asked: dict[str, Any]) -> str:
    """Names the fields in which two identities differ, as "seed 0, not 1"."""
    held = {**held, **_with_todays_fields(path, held.get("recipe"))}
    # As the held identity went through JSON, so must the other.
    asked = json.loads(json.dumps({**asked, **asked["recipe"]}))
    pairs = [(key, held.get(key), asked.get(key)) for key in sorted(held.keys() | asked.keys())]
    return ", ".join(
        f"{key} {old}, not {new}"
        for key, old, new in pairs
        if key not in ("recipe", FOR_THE_REPORT) and old != new
    )


def _with_todays_fields(path: Path, recipe: Any) -> dict[str, Any]:
    """A recipe from a file; a field that it lacks had its default value when it was written."""
    if not isinstance(recipe, dict) or "name" not in recipe:
        raise RunError(f"{path}: its recipe is damaged; choose another runs folder, or delete this")
    known = {field.name for field in dataclasses.fields(Recipe)}
    unknown = [f"{key} {value}" for key, value in recipe.items() if key not in known]
    if unknown:
        raise RunError(
            f"{path}: its recipe has {', '.join(unknown)}, which this version of fer_lib does not "
            "know; update fer_lib, or choose another runs folder"
        )
    return json.loads(json.dumps(dataclasses.asdict(Recipe(**recipe))))


def _image_order(split: Split) -> str:
    """A name for the order of images and labels, which the fingerprint does not depend on."""
    digest = hashlib.sha256(b"".join(image_digests(split.images)))
    digest.update(bytes(split.labels.tolist()))
    return digest.hexdigest()[:12]


def _digest(weights: str) -> str:
    """A name for the content of a file of weights."""
    try:
        return f"sha256 {hashlib.sha256(Path(weights).read_bytes()).hexdigest()[:12]}"
    except OSError as error:
        raise ParameterError(f"weights {weights}: cannot be read ({error.strerror})") from None
