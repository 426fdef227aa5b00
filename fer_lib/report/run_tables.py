"""Tables of single runs: layers, classes, circumstances; and the list of all runs."""

import html

import pandas as pd

from fer_lib.report import benchmarks, tables
from fer_lib.report.exhibits import Table, percent, table
from fer_lib.report.results import Results, title
from fer_lib.runs import Run


def classification(run: Run) -> Table:
    """Precision, recall and F1 of a run on the test images, in percent."""
    return tables.classes([run])


def facts(run: Run) -> Table:
    """What made a run: data, recipe, device, versions, time."""
    info = run.info
    rows = {
        "data": f"{info['data']['name']}, fingerprint {info['data']['fingerprint'][:12]}",
        "recipe": ", ".join(
            f"{key} {value}" for key, value in run.recipe.items() if key != "expected"
        ),
        "seed": run.seed,
        "trained on": f"{trained_on(run)}, {arithmetic(run)}",
        "versions": ", ".join(f"{name} {version}" for name, version in info["versions"].items()),
        "finished": info["finished"],
        "time": duration(info["seconds"]),
    }
    return Table(pd.DataFrame({"": rows}), stacks=False)


def trained_on(run: Run) -> str:
    """The accelerators of its sessions, or the processors that did without."""
    return ", then ".join(dict.fromkeys(map(benchmarks.place, run.sessions)))


def arithmetic(run: Run) -> str:
    """The format that its multiplications had; a GPU's "float32" with JAX is TF32."""
    precision = run.recipe.get("precision", "float32").removeprefix("mixed_")
    on_gpu = any(one["device"] != "CPU" for one in run.sessions)
    return "TF32" if precision == "float32" and on_gpu else precision


def duration(seconds: float) -> str:
    """Seconds as "2 h 05 min" or "3 min 20 s"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, part = divmod(minutes, 60)
    return f"{hours} h {part:02d} min" if hours else f"{minutes} min {rest:02d} s"


def run_list(results: Results) -> Table:
    """Every finished run, with a link to its page if the book beside the runs has one."""
    pages, rows = results.root.parent / "book" / "runs", {}
    for run in sorted(results.runs, key=lambda one: one.model):
        row = rows[f"{title(run.model)}, {run.recipe['name']}, seed {run.seed}"] = {}
        row["validation, %"] = percent(run.metrics["validation"]["accuracy"])
        row["test, %"] = percent(run.metrics["test"]["accuracy"])
        row["trained on"], row["format"] = trained_on(run), arithmetic(run)
        row["time"] = duration(run.info["seconds"])
        page = pages / f"{run.name}-seed{run.seed}.ipynb"
        if page.exists():
            row["page"] = f'<a href="runs/{html.escape(page.stem)}.html">page</a>'
    return table(rows)
