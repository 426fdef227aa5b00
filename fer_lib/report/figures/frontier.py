"""What accuracy costs: trainings of the study beside well-known ones."""

from fer_lib.report import style
from fer_lib.report.exhibits import INK, Picture
from fer_lib.report.published import ELSEWHERE
from fer_lib.report.results import Results, title
from fer_lib.report.statistics import compare
from fer_lib.report.style import BAR, PUBLISHED

#: Where a well-known result's name ends, in points from its mark; the marks lie close together.
BESIDE = {"wu2018": (-8, 1), "khaireddin2021": (8, -18), "lethesec2021": (8, 8)}


def frontier(results: Results, *further: str) -> Picture:
    """Test accuracy by the arithmetic of a training: Table 1's models, further names, others."""
    names = [name for name in (*results.models, *further) if results.of(name)]
    base, looks = results.mean("model2", "arithmetic"), [style.look(results, n) for n in names]
    costs = [results.mean(name, "arithmetic") / base for name in names]
    means = [compare("", 100 * results.values(name, "test")) for name in names]
    others = list(zip(ELSEWHERE["arithmetic"] / base, 100 * ELSEWHERE["accuracy"], strict=True))

    def draw_panel(panel, _):
        for name, cost, mean, look in zip(names, costs, means, looks, strict=True):
            panel.vlines(cost, mean.low, mean.high, color=look["color"], **BAR)
            label = title(name).removeprefix("Model ").replace(",", "")
            panel.text(cost, mean.value, label, ha="center", va="center", weight="bold")
            panel.update_datalim([(cost, mean.value)])
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
    said = ", ".join(words) if names else "no runs"
    alt = f"Accuracy in percent by arithmetic of a training, that of model 2 being 1: {said}."
    marks = {"ours: mean, 95 % interval": BAR, "published": PUBLISHED}
    return Picture(alt, {"": ""}, draw_panel, (4.4, 4.4), marks, keys=(2, 1))
