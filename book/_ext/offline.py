"""Keeps the built book on its own: no page loads anything from another host.

Drops thebe's scripts and whatever else comes from elsewhere.
"""

from docutils import nodes
from sphinx.util import logging

logger = logging.getLogger(__name__)


def refuse_maths(app, doctree, docname):
    """Warns of maths, whose renderer would come from another host."""
    for node in doctree.findall(lambda node: isinstance(node, nodes.math | nodes.math_block)):
        logger.warning("maths needs MathJax, which this book does not carry", location=node)


def keep_local_scripts(app, pagename, templatename, context, doctree):
    """Drops foreign scripts from a page."""
    context["script_files"] = [file for file in context["script_files"] if not _is_foreign(file)]


def _is_foreign(file):
    name = str(getattr(file, "filename", file) or "")
    body = str(getattr(file, "attributes", {}).get("body", ""))
    return "://" in name or "thebe" in name or "THEBE" in body


def setup(app):
    app.connect("doctree-resolved", refuse_maths)
    app.connect("html-page-context", keep_local_scripts, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
