"""Figures are inline SVG that reads in light and dark, on paper and by machines."""

import re
import xml.etree.ElementTree as ElementTree

import pytest
from sample_runs import COUNTS, write_sample_run

from fer_lib import report
from fer_lib.report import figures
from fer_lib.report.figures import panels
from fer_lib.report.seed_curves import over_seeds
from fer_lib.runs import Run

STUDY = '[[runs]]\nmodels = ["model1", "model2"]\nrecipe = "original"\nseeds = [0, 1]\n'


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    root = tmp_path_factory.mktemp("runs")
    (root / "study.toml").write_text(STUDY)
    for seed in (0, 1):
        write_sample_run(root, "model1", seed=seed, scale=20, epochs=5)
    return report.load(root)


FIGURES = {
    "learning_curves": lambda study: figures.learning_curves(study.runs[0]),
    "confusion_matrix": lambda study: figures.confusion_matrix(study.runs[0]),
    "all_curves": figures.all_curves,
    "confusion_matrices": lambda study: figures.confusion_matrices(study, study.models),
    "accuracy_points": figures.accuracy_points,
    "class_shares": lambda study: figures.class_shares(COUNTS),
    "reliability": lambda study: figures.reliability(study, study.models),
}


@pytest.mark.parametrize("name", FIGURES)
def test_drawings_have_a_description_and_the_ink_of_the_page(study, name):
    text = FIGURES[name](study).data
    drawings = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert drawings
    for drawing in drawings:
        ElementTree.fromstring(drawing)
        assert re.search(r'role="img" aria-label="[^"]{20,}"', drawing)
        assert "currentColor" in drawing and panels.INK not in drawing
        # Black is the ink that was forgotten, or of a filling that the dark theme swallows.
        assert not re.search(r"(fill|stroke): #(000000|ffffff)", drawing)


@pytest.mark.parametrize("name", FIGURES)
def test_ids_are_unique_on_the_page(study, name):
    text = FIGURES[name](study).data
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    targets = re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', text)
    assert {target for pair in targets for target in pair if target} <= set(ids)


def test_the_same_runs_give_the_same_drawing(study):
    assert figures.all_curves(study).data == figures.all_curves(study).data


def test_curves_of_all_models_have_the_mean_and_the_ends_of_the_seeds(study):
    runs = [Run(run.folder, run.info) for run in study.seeds("model1")]
    runs[1].__dict__["history"] = runs[0].history.assign(loss=runs[0].history["loss"] + 0.5)
    found = over_seeds(runs, "loss")
    first = runs[0].history["loss"].to_numpy()
    assert list(found.index) == [1, 2, 3, 4, 5]
    for name, above in (("min", 0), ("mean", 0.25), ("max", 0.5)):
        assert found[name].to_numpy() == pytest.approx(first + above)


def test_panels_fit_a_phone(study):
    for width in re.findall(r'<svg [^>]*?width="([\d.]+)pt"', figures.all_curves(study).data):
        assert float(width) / 0.75 <= 343


def test_a_confusion_matrix_names_the_best_and_the_worst(study):
    assert re.search(r"Happy is recognised best", figures.confusion_matrix(study.runs[0]).data)


def test_interactive_curves_bring_no_script_from_elsewhere(study):
    text = figures.interactive_curves(study).data
    assert "plotly-graph-div" in text
    assert 'src="http' not in text and "cdn" not in text
    assert '"modeBarButtonsToRemove": ["sendChartToCloud"]' in text
    # Both seeds, accuracy and loss, training and validation.
    assert text.count('"hovertemplate"') == 8
    assert text.count('"legendonly"') == 0


def test_two_models_are_shown_at_first(tmp_path):
    for model in ("model1", "model2", "model3"):
        write_sample_run(tmp_path, model, scale=50)
    text = figures.interactive_curves(report.load(tmp_path)).data
    assert text.count('"hovertemplate"') == 12
    assert text.count('"legendonly"') == 4


def luminance(colour):
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("colour", panels.COLOURS)
def test_lines_stand_out_in_light_and_dark(colour):
    light, dark = luminance("#ffffff"), luminance("#121212")
    assert (light + 0.05) / (luminance(colour) + 0.05) >= 3
    assert (luminance(colour) + 0.05) / (dark + 0.05) >= 3
