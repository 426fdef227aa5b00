"""Tables of what stands behind the results: the data, the models, the runs and their machines."""

import html
import importlib.metadata
import platform
from pathlib import Path

import numpy as np
import pandas as pd

import fer_lib
from fer_lib import architecture, markup, models, published, sweep
from fer_lib.data import EMOTIONS, SPLITS
from fer_lib.data.dataset import OFFICIAL_COUNTS
from fer_lib.data.record import Record
from fer_lib.markup import NOT_RUN, NOTHING
from fer_lib.report import Report, layer_table, model_title, title
from fer_lib.runs import Run
from fer_lib.study import Entry


def counts_of(report: Report) -> dict[str, list[int]]:
    """Images by split and class: of the report's data, or of FER2013's file without runs."""
    return report.runs[0].info["data"]["counts"] if report.runs else OFFICIAL_COUNTS


def class_counts(report: Report):
    """Images by emotion and split, the class's share of the training images and its weight."""
    counts = counts_of(report)
    train = np.array(counts["train"])
    frame = pd.DataFrame(
        {split: [f"{count:,}" for count in counts[split]] for split in SPLITS}, index=EMOTIONS
    )
    frame["share of training"] = [markup.percent(share) for share in train / train.sum()]
    # The balanced weights of scikit-learn, as data.class_weights gives them.
    frame["class weight"] = [f"{weight:.2f}" for weight in train.sum() / (len(train) * train)]
    total = {split: f"{sum(counts[split]):,}" for split in SPLITS}
    frame.loc["all"] = total | {"share of training": markup.percent(1), "class weight": ""}
    return markup.table(frame, "Images by emotion and split, and the balanced class weights.")


AUDIT_ROWS = {
    "images_in_all": "images in all",
    "distinct_images": "distinct images (no two pixels by pixel the same)",
    "rows_sharing_pixels": "images whose pixels occur more than once",
    "test_copies_of_train": "test images that are copies of training images",
    "test_copies_of_train_or_validation": "test images that are copies of training or validation "
    "images",
    "validation_copies_of_train": "validation images that are copies of training images",
    "conflicting_groups": "groups of identical images with different labels",
    "conflicting_rows": "images in these groups",
    "blank_images": "blank images",
}


def audit_table(record: Record):
    """What the audit of the data counts."""
    audit = record.info["audit"]
    frame = pd.DataFrame({"count": {text: f"{audit[key]:,}" for key, text in AUDIT_ROWS.items()}})
    return markup.table(frame, "Audit of the data: copies, conflicts and blanks.")


def published_counts(report: Report):
    """Where the original's statements about the data differ from the data."""
    counts = counts_of(report)
    total = sum(map(sum, counts.values()))
    rows = {
        f"training images, {name}": (f"{said:,}", f"{counts['train'][EMOTIONS.index(name)]:,}")
        for name, said in published.TRAINING_COUNTS.items()
    }
    rows |= {
        f"{split} split, images": (f"{said:,}", f"{sum(counts[split]):,}")
        for split, said in published.SPLIT_SIZES.items()
    }
    rows |= {
        f"{split} split, share": (markup.percent(said), markup.percent(sum(counts[split]) / total))
        for split, said in published.SPLIT_SHARES.items()
    }
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["published", "counted"])
    return markup.table(frame, "What the original report says of the data, and what was counted.")


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


def run_list(report: Report, pages: Path):
    """Every run of the study, made or not, then the others, with links to their pages.

    Args:
        report: the runs.
        pages: the book's folder of executed notebooks.
    """
    made = {Entry(run.model, run.recipe["name"], run.seed): run for run in report.runs}
    planned = set(report.entries)
    rows = {
        f"{entry.name}, seed {entry.seed}": _run_row(made.get(entry))
        | {"in the study": "yes" if entry in planned else "no", "page": _page_link(entry, pages)}
        for entry in [*report.entries, *(entry for entry in made if entry not in planned)]
    }
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return markup.table(frame, "All runs, with links to their pages.", links=["page"])


def _run_row(run: Run | None) -> dict[str, str]:
    if run is None:
        return {"epochs": NOT_RUN} | dict.fromkeys(("validation", "test", "time"), NOTHING)
    metrics = run.info["metrics"]
    return {
        "epochs": str(len(run.history)),
        "validation": markup.percent(metrics["validation"]["accuracy"]),
        "test": markup.percent(metrics["test"]["accuracy"]),
        "time": markup.duration(run.info.get("seconds", 0)),
    }


def _page_link(entry: Entry, pages: Path) -> str:
    page = pages / sweep.page_name(entry)
    if not page.exists():
        return NOTHING
    target = html.escape(f"{pages.name}/{page.stem}.html", quote=True)
    return f'<a href="{target}">page</a>'


def environment_table(report: Report):
    """Versions, device, machine and time of each run."""
    rows = {
        title(run): {
            "device": run.info.get("device", "?"),
            "processor": run.info.get("machine", {}).get("processor", "?"),
            "cores": str(run.info.get("machine", {}).get("cores", "?")),
            "backend": _versioned(run, run.info.get("backend", "?")),
            "keras": run.info.get("versions", {}).get("keras", "?"),
            "python": run.info.get("versions", {}).get("python", "?"),
            "time": markup.duration(run.info.get("seconds", 0)),
            "s / epoch": markup.number(run.history["seconds"].median(), 1),
            "finished": run.info.get("finished", "?")[:10],
            "data": run.info["data"]["fingerprint"][:12],
        }
        for run in report.runs
    }
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return markup.table(frame, "What each run was made with, how long it took and on which data.")


def _versioned(run: Run, backend: str) -> str:
    versions = run.info.get("versions", {})
    version = versions.get(backend) or versions.get(f"{backend}-cpu") or ""
    return f"{backend} {version}".strip()


def data_table(report: Report):
    """Every content of the data that a run was made on."""
    names = {run.info["data"]["fingerprint"]: run.info["data"]["name"] for run in report.runs}
    rows = {
        fingerprint[:12]: {
            "data": names[fingerprint],
            "runs": str(count),
            "complete fingerprint": fingerprint,
        }
        for fingerprint, count in report.fingerprints.most_common()
    }
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return markup.table(frame, "Fingerprints of the data's content, whatever file it came in.")


def build_table():
    """The versions that this report itself is built with."""
    packages = ("jupyter-book", "sphinx-book-theme", "numpy", "pandas", "scikit-learn", "scipy")
    packages += ("statsmodels", "matplotlib", "plotly")
    versions = {"fer_lib": fer_lib.__version__, "python": platform.python_version()}
    versions |= {name: importlib.metadata.version(name) for name in packages}
    frame = pd.DataFrame({"version": versions})
    return markup.table(frame, "Versions that made the tables and figures of this book.")
