"""What accuracy costs: trainings of the study beside well-known ones."""

import numpy as np

from fer_lib.report import style
from fer_lib.report.exhibits import INK, Picture
from fer_lib.report.published import ELSEWHERE
from fer_lib.report.results import Results, title
from fer_lib.report.statistics import compare
from fer_lib.report.style import BAR, DOT, PUBLISHED, SQUARE

#: Where a well-known result's name ends, in points from its mark; the marks lie close together.
BESIDE = {"wu2018": (-8, 1), "khaireddin2021": (8, -18), "lethesec2021": (8, 8)}


def frontier(results: Results, *further: str) -> Picture:
    """Test accuracy by the arithmetic of a training: Table 1's models, further names, others.

    The others average ten crops; of the names that have it, ten views are shown too.
    """
    names = [name for name in (*results.models, *further) if results.of(name)]
    base, looks = results.mean("model2", "arithmetic"), [style.look(results, n) for n in names]
    costs = [results.mean(name, "arithmetic") / base for name in names]
    means = [compare("", 100 * results.values(name, "test")) for name in names]
    views = [100 * results.mean(name, "test_views") for name in names]
    others = list(zip(ELSEWHERE["arithmetic"] / base, 100 * ELSEWHERE["accuracy"], strict=True))

    def draw_panel(panel, _):
        for name, cost, mean, ten, look in zip(names, costs, means, views, looks, strict=True):
            panel.vlines(cost, mean.low, mean.high, color=look["color"], **BAR)
            panel.plot(cost, ten, color=look["color"], **SQUARE)
            panel.update_datalim([(cost, mean.value)])
            label = {"text": title(name).removeprefix("Model ").replace(",", ""), "va": "center"}
            if name in results.models:
                panel.annotate(**label, xy=(cost, mean.value), ha="center", weight="bold")
            else:
                panel.plot(cost, mean.value, color=look["color"], **DOT)
                beside = {"xytext": (9, 0), "textcoords": "offset points", "weight": "bold"}
                panel.annotate(**label, xy=(cost, mean.value), **beside)
        for (key, name), place in zip(ELSEWHERE["name"].items(), others, strict=True):
            panel.plot(*place, color=INK, **PUBLISHED)
            beside = BESIDE.get(key, (-8, 1))
            panel.annotate(name, place, beside, textcoords="offset points", ha="right")
        panel.margins(x=0.1)
        panel.set(xscale="log", xlabel="arithmetic, model 2 = 1", ylabel="accuracy, %")
        panel.xaxis.set_major_formatter("{x:g}")

    labels = [*map(title, names), *ELSEWHERE["name"]]
    places = [*zip(costs, (mean.value for mean in means), strict=True), *others]
    words = [f"{n} {y:.1f} at {x:.2g}" for n, (x, y) in zip(labels, places, strict=True)]
    ten_views = dict(zip(map(title, names), views, strict=True)).items()
    words += [f"{n} by ten views {y:.1f}" for n, y in ten_views if not np.isnan(y)]
    said = ", ".join(words) if names else "no runs"
    alt = f"Accuracy in percent by arithmetic of a training, that of model 2 being 1: {said}."
    marks = {"ours: 95 % interval": BAR, "ours, ten views": SQUARE, "published": PUBLISHED}
    return Picture(alt, {"": ""}, draw_panel, (4.4, 4.4), marks, keys=(3, 1))
