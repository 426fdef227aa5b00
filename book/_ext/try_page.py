"""The page "Try it": puts the network that lies beside the runs, its controls and scripts there.

``python -m fer_lib export RUN`` writes that file; without it the page says so.
"""

import shutil
from pathlib import Path

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from fer_lib import data
from fer_lib.prediction import network

CONTROLS = Path(__file__).with_suffix(".html")
BAR = (
    '<li><span id="fer-{0}">{0}</span><meter min="0" max="1" value="0" data-part="bar-{0}" '
    'aria-labelledby="fer-{0}"></meter><output data-part="number-{0}">–</output></li>'
)
MISSING = """This report has no network to try. Choose a run that was trained on this machine, write
its network by `python -m fer_lib export RUN --output runs/network.js`, and build the report
again."""
FACTS = """The network is {model} by the recipe *{recipe}*, seed {seed}, after {epoch} epochs. It
answers {test:.1%} of the test images as they are labelled, and {validation:.1%} of the validation
images."""
DRAWN = """This network learned from drawn faces alone: its answers to photos mean nothing. For one
that learned from FER2013, train it there."""


class TryIt(SphinxDirective):
    def run(self):
        path = source(self.env.app)
        if not path.exists() or not path.stat().st_size:
            return [nodes.note("", *self.parse_text_to_nodes(MISSING))]
        try:
            found = network.read(path)
            facts = FACTS.format(**found, **found["accuracy"]).replace("%", " %")
        except (ValueError, KeyError) as error:
            raise ExtensionError(f"{path}: no exported network ({error})") from None
        self.env.metadata[self.env.docname]["fer_try"] = "yes"
        html = CONTROLS.read_text(encoding="utf-8")
        bars = "".join(map(BAR.format, found["labels"]))
        controls = nodes.raw("", html.replace("BARS", bars), format="html")
        drawn = self.parse_text_to_nodes(DRAWN) if found["data"] != data.FER2013 else []
        warning = [nodes.warning("", *drawn)] if drawn else []
        return [*warning, controls, *self.parse_text_to_nodes(facts)]


def source(app) -> Path:
    return Path(app.srcdir).resolve().parent / "runs" / network.NAME


def add_scripts(app, pagename, templatename, context, doctree):
    """Brings the scripts and the network to the page that needs them alone."""
    if not app.env.metadata.get(pagename, {}).get("fer_try"):
        return
    shutil.copyfile(source(app), Path(app.outdir, "_static", network.NAME))
    for name in (network.NAME, "net.js", "try.js"):
        app.add_js_file(name, loading_method="defer")
    app.add_css_file("try.css")


def setup(app):
    app.add_directive("try-it", TryIt)
    app.connect("html-page-context", add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
