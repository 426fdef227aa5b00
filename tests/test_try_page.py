"""The page "Try it" in a real browser: the network's answers, and each way to give a picture."""

import json
import subprocess
import sys
from pathlib import Path

import browser
import numpy as np
import pytest
import trained
from PIL import Image

from fer_lib import __main__, paths
from fer_lib.prediction import network

pytestmark = pytest.mark.slow
CONF = """import sys
sys.path.insert(0, {extensions!r})
extensions = ["myst_parser", "try_page"]
html_theme = "sphinx_book_theme"
html_static_path = [{extensions!r} + "/static"]
"""
CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


def build(folder: Path) -> Path:
    """Builds the page alone, beside ``folder/runs``."""
    book = folder / "book"
    book.mkdir()
    (book / "conf.py").write_text(CONF.format(extensions=str(paths.ROOT / "book" / "_ext")))
    (book / "index.md").write_text((paths.ROOT / "book" / "try.md").read_text("utf-8"))
    command = [sys.executable, "-m", "sphinx", "-q", "-W", book, folder / "html"]
    finished = subprocess.run(command, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    return folder / "html" / "index.html"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The page, and the probabilities of its drawn face by Keras with rounded weights."""
    browser.require()
    folder = tmp_path_factory.mktemp("book")
    run = trained.write(folder / "runs")
    file = folder / "runs" / network.NAME
    assert __main__.main(["export", str(run), "--output", str(file)]) == 0
    face = np.array(network.read(file)["face"], np.float32)
    expected = trained.rounded(run).predict(face.reshape(1, 48, 48, 1), verbose=0)[0]
    return build(folder), face.reshape(48, 48).astype(np.uint8), expected


@pytest.fixture
def opened(built):
    """Opens the page; the browser's arguments and a script that runs first may be given."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:

        def opening(*arguments, script="", **options):
            chromium = playwright.chromium.launch(
                executable_path=browser.find_browser(), args=[*browser.ARGUMENTS, *arguments]
            )
            page = chromium.new_page(offline=True, **options)
            page.set_default_timeout(browser.PATIENCE)
            page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
            page.add_init_script(script)
            page.goto(built[0].as_uri())
            page.wait_for_selector("#fer-try[data-probabilities]")
            return page

        yield opening


def probabilities(page, but=None):
    """The page's probabilities, once they are others than these."""
    page.wait_for_function(
        "but => document.querySelector('#fer-try').dataset.probabilities !== but", arg=but
    )
    return page.get_attribute("#fer-try", "data-probabilities")


def part(page, name):
    return page.locator(f"#fer-try [data-part={name}]")


@pytest.mark.parametrize("script", ["", "delete window.Worker"])
def test_a_drawn_face_gets_keras_answer(opened, built, script):
    page = opened(script=script, viewport={"width": 390, "height": 800})
    np.testing.assert_allclose(json.loads(probabilities(page)), built[2], atol=1e-5)
    assert page.locator("#fer-try meter").count() == 7
    best = network.EMOTIONS[built[2].argmax()]
    page.wait_for_selector(f"[data-part=answer]:has-text('First guess: {best} (')")
    assert part(page, "message").inner_text() == ""
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_photo_gets_the_answer_of_its_face(opened, built, tmp_path):
    page = opened()
    before = probabilities(page)
    large = Image.new("RGB", (300, 144), "red")
    large.paste(Image.fromarray(built[1]).resize((144, 144), Image.Resampling.NEAREST), (156, 0))
    large.save(tmp_path / "photo.png")
    part(page, "file").set_input_files(tmp_path / "photo.png")
    centre = probabilities(page, before)
    part(page, "across").press("End")
    found = json.loads(probabilities(page, centre))
    np.testing.assert_allclose(found, built[2], atol=1e-5)
    (tmp_path / "none.png").write_text("no picture")
    part(page, "file").set_input_files(tmp_path / "none.png")
    page.wait_for_selector("[data-part=message]:has-text('cannot read that file')")


def test_the_square_follows_keys_and_pointer(opened):
    page = opened(viewport={"width": 390, "height": 800})
    before = probabilities(page)
    for label in ("Left to right", "Up and down", "Size"):
        assert page.get_by_label(label, exact=True).get_attribute("type") == "range"
    part(page, "size").focus()
    for _ in range(5):
        page.keyboard.press("PageDown")
    smaller = probabilities(page, before)
    square = part(page, "square")
    square.scroll_into_view_if_needed()
    box = square.bounding_box()
    x, y = box["x"] + box["width"] / 3, box["y"] + box["height"] / 3
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 30, y + 20)
    page.mouse.up()
    probabilities(page, smaller)
    assert square.bounding_box()["x"] == pytest.approx(box["x"] - 30, abs=1.5)
    assert square.bounding_box()["y"] == pytest.approx(box["y"] + 20, abs=1.5)


def test_the_camera_is_used_and_released(opened):
    page = opened(*CAMERA)
    before = probabilities(page)
    part(page, "camera").click()
    probabilities(page, probabilities(page, before))
    track = page.evaluate_handle(
        "document.querySelector('#fer-try video').srcObject.getVideoTracks()[0]"
    )
    assert track.evaluate("track => track.readyState") == "live"
    part(page, "camera").click()
    page.wait_for_selector("[data-part=answer]:has-text('First guess')")
    assert track.evaluate("track => track.readyState") == "ended"
    assert part(page, "camera").inner_text() == "Use the camera"


def test_a_refused_camera_and_changed_pixels_are_said(opened):
    page = opened("--use-fake-device-for-media-stream", "--deny-permission-prompts")
    part(page, "camera").click()
    page.wait_for_selector("[data-part=message]:has-text('was not allowed')")
    scrambled = """const read = CanvasRenderingContext2D.prototype.getImageData;
        CanvasRenderingContext2D.prototype.getImageData = function (...box) {
          const found = read.apply(this, box);
          found.data.fill(99);
          return found;
        };"""
    page = opened(script=scrambled)
    page.wait_for_selector("[data-part=message]:has-text('changes the pixels')")


def test_a_report_without_a_network_says_how_to_make_one(tmp_path):
    text = build(tmp_path).read_text("utf-8")
    assert "has no network to try" in text and "_static/network.js" not in text
