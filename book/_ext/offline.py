"""Keeps the built book on its own: no page loads anything from another host.

Drops thebe's scripts and whatever else comes from elsewhere, brings plotly's own script to the
pages that draw with it, and adds the report's style sheet.
"""

import shutil
from pathlib import Path

from docutils import nodes
from sphinx.util import logging

STATIC = Path(__file__).parent / "static"
PLOTLY = "plotly.min.js"
logger = logging.getLogger(__name__)


def add_static_files(app):
    """Adds the style sheet, and plotly's script as the installed package has it."""
    import plotly

    app.config.html_static_path.append(str(STATIC))
    target = Path(app.outdir) / "_static"
    target.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(Path(plotly.__file__).parent / "package_data" / PLOTLY, target / PLOTLY)


def refuse_maths(app, doctree, docname):
    """Warns of maths, whose renderer would come from another host."""
    for node in doctree.findall(lambda node: isinstance(node, nodes.math | nodes.math_block)):
        logger.warning("maths needs MathJax, which this book does not carry", location=node)


def keep_local_scripts(app, pagename, templatename, context, doctree):
    """Drops foreign scripts from a page and adds plotly's where it is used."""
    if "plotly-graph-div" in context.get("body", ""):
        app.add_js_file(PLOTLY, priority=200)
    context["script_files"] = [file for file in context["script_files"] if not _is_foreign(file)]


def _is_foreign(file):
    name = str(getattr(file, "filename", file) or "")
    body = str(getattr(file, "attributes", {}).get("body", ""))
    return "://" in name or "thebe" in name or "THEBE" in body


def setup(app):
    app.connect("builder-inited", add_static_files)
    app.connect("doctree-resolved", refuse_maths)
    app.connect("html-page-context", keep_local_scripts, priority=900)
    app.add_css_file("report.css")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
