"""Tables of single runs: layers, classes, circumstances; and the list of all runs."""

import html
import importlib.metadata
import platform

import fer_lib
from fer_lib import evaluation
from fer_lib.report.exhibits import Table, percent, table
from fer_lib.report.results import Results, title
from fer_lib.runs import Run, study

#: The packages that make the tables and figures.
PACKAGES = ("jupyter-book", "numpy", "pandas", "scikit-learn", "scipy", "matplotlib", "seaborn")


def classification(run: Run) -> Table:
    """Precision, recall and F1 of a run on the test images, in percent."""
    scores = evaluation.classification_report(run.labels("test"), run.probabilities("test"))
    shown = scores.drop(columns="support").map(percent).replace("–", "")
    return Table(shown.assign(images=scores["support"].map("{:,}".format)), stacks=False)


def facts(run: Run) -> Table:
    """What made a run: data, recipe, device, versions, time."""
    info = run.info
    rows = {
        "data": f"{info['data']['name']}, fingerprint {info['data']['fingerprint'][:12]}",
        "recipe": ", ".join(f"{key} {value}" for key, value in run.recipe.items() if value != ""),
        "seed": str(run.seed),
        "trained on": f"{trained_on(run)}, {arithmetic(run)}",
        "versions": ", ".join(f"{name} {version}" for name, version in info["versions"].items()),
        "finished": info["finished"],
        "time": duration(info["seconds"]),
    }
    return table({name: {"": value} for name, value in rows.items()}, stacks=False)


def trained_on(run: Run) -> str:
    """The accelerators of its sessions, or the processors that did without."""
    names = (
        one["machine"].get("processor", "CPU") if one["device"] == "CPU" else one["device"]
        for one in run.sessions
    )
    return ", then ".join(dict.fromkeys(names))


def arithmetic(run: Run) -> str:
    """The format that its multiplications had; a GPU's "float32" with JAX is TF32."""
    precision = run.recipe.get("precision", "float32").removeprefix("mixed_")
    on_gpu = any(one["device"] != "CPU" for one in run.sessions)
    return "TF32" if precision == "float32" and on_gpu else precision


def duration(seconds: float) -> str:
    """Seconds as "2 h 05 min" or "3 min 20 s"."""
    minutes, rest = divmod(round(seconds), 60)
    return (
        f"{minutes // 60} h {minutes % 60:02d} min"
        if minutes >= 60
        else f"{minutes} min {rest:02d} s"
    )


def run_list(results: Results) -> Table:
    """Every run of the study, made or not, with a link to its page in the book beside the runs."""
    pages = results.root.parent / "book" / "runs"
    rows = {}
    for entry in sorted(results.entries, key=lambda one: one.model):
        run, page = results.made.get(entry), pages / study.page_name(entry)
        link = f'<a href="runs/{html.escape(page.stem)}.html">page</a>' if page.exists() else "–"
        rows[f"{title(entry.model)}, {entry.recipe}, seed {entry.seed}"] = {
            "validation, %": percent(run.metrics["validation"]["accuracy"])
            if run
            else "not yet run",
            "test, %": percent(run.metrics["test"]["accuracy"]) if run else "–",
            "trained on": trained_on(run) if run else "–",
            "format": arithmetic(run) if run else "–",
            "time": duration(run.info["seconds"]) if run else "–",
            "page": link if run else "–",
        }
    return table(rows)


def setups(results: Results) -> Table:
    """Every combination of machine and software, and how many runs it made."""
    counted: dict[tuple, int] = {}
    for run in results.runs:
        versions, backend = run.info["versions"], run.info["backend"]
        key = (
            trained_on(run),
            f"{backend} {versions.get(backend) or versions.get(f'{backend}-cpu', '')}",
            versions.get("keras", "?"),
            versions["python"],
        )
        counted[key] = counted.get(key, 0) + 1
    names = ("trained on", "backend", "Keras", "Python")
    rows = [dict(zip(names, key, strict=True)) | {"runs": str(n)} for key, n in counted.items()]
    return table({str(number): row for number, row in enumerate(rows, 1)})


def versions(results: Results) -> Table:
    """What this report itself was built with."""
    found = {"fer_lib": fer_lib.__version__, "Python": platform.python_version()}
    found |= {name: importlib.metadata.version(name) for name in PACKAGES}
    return table({name: {"version": version} for name, version in found.items()}, stacks=False)
