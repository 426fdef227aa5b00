"""Connects the book's pages with the runs.

- ``{{ model6.test }}``: a number of :mod:`fer_lib.report.numbers`;
- ``{verdict}`average_pooling confirmed` ``: a word that must be the claim's verdict;
- ``{fact}`half the models <model6.val > model1.val>` ``: words that hold while the condition does;
- ```` ```{exhibit} figures.forest ````: a figure or table, its caption in the directive's body;
- ```` ```{claim} average_pooling confirmed ````: the card of a claim, its answer in the body.

A verdict or a fact that the runs contradict is a warning, which fails the strict build. A book of
other runs than those it was written for is a draft: it says so, and prints the runs' own verdicts.
"""

import importlib
import os
from pathlib import Path

import jinja2
from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from fer_lib.errors import FerError
from fer_lib.report import claims, numbers, results, tables
from fer_lib.report.exhibits import Picture

LOG = logging.getLogger(__name__)
DRAFT = """<div class="admonition warning fer-draft"><p class="admonition-title">{title}</p>
<p>{text}</p></div>"""


class Report:
    """The runs beside the book, read once for all pages."""

    def __init__(self, source: Path):
        self.results = results.load(source.parent / "runs")
        self.numbers = numbers.context(self.results)
        self.judged = claims.judge(self.results)


def load(app, config):
    """Reads the runs and hands their numbers to the pages (Sphinx's ``config-inited``)."""
    try:
        app.fer = Report(Path(app.srcdir).resolve())
    except FerError as error:
        raise ExtensionError(str(error)) from None
    config.numfig = False  # which Jupyter Book sets; captions say what an exhibit is
    # NaN equals nothing: to Sphinx these settings always changed, and it reads all pages again.
    config.myst_substitutions = {**config.myst_substitutions, **app.fer.numbers}


def warn(node, report: Report, message: str) -> None:
    """A warning, but in a draft, whose text describes other runs."""
    if not report.results.is_draft:
        LOG.warning("%s; rewrite the sentence", message, location=node.get_location())


def checked_verdict(node, report: Report, text: str) -> str:
    """The verdict of "claim word", which the word must be."""
    key, _, said = text.partition(" ")
    if key not in report.judged:
        LOG.warning("claim %r is unknown", key, location=node.get_location())
        return said
    found = report.judged[key].verdict
    if found != said:
        warn(node, report, f"claim {key}: the page says {said!r}, the runs say {found!r}")
    return found


class Verdict(SphinxRole):
    def run(self):
        word = checked_verdict(self, self.env.app.fer, self.text)
        return [nodes.inline(text=word, classes=["fer-verdict", word.split()[0]])], []


class Fact(SphinxRole):
    def run(self):
        report, (words, _, condition) = self.env.app.fer, self.text.rstrip(">").partition(" <")
        try:
            if not jinja2.Environment().compile_expression(condition)(**report.numbers):
                warn(self, report, f"{words!r}: the runs say that {condition} does not hold")
        except (jinja2.TemplateError, TypeError) as error:
            LOG.warning("fact %r: %s", condition, error, location=self.get_location())
        return [nodes.inline(text=words)], []


def raw(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")


class Exhibit(SphinxDirective):
    """A figure or table by the name of its function, with further arguments for it."""

    required_arguments = 1
    optional_arguments = 9
    has_content = True

    def run(self):
        place, *rest = self.arguments
        module, _, function = place.partition(".")
        make = getattr(importlib.import_module(f"fer_lib.report.{module}"), function)
        try:
            made = make(self.env.app.fer.results, *rest)
        except FerError as error:
            raise self.error(str(error)) from None
        key = "-".join([function, *rest]).replace("_", "-")
        if not self.content:
            return [nodes.container("", raw(made.html(key)), classes=["fer-exhibit"])]
        figure = nodes.figure("", raw(made.html(key)), classes=["fer-exhibit"])
        figure += nodes.caption("", "", *self.parse_content_to_nodes()[0].children)
        if isinstance(made, Picture):
            figure += raw(downloads(self.env.app, key, made))
        return [figure]


def downloads(app, key: str, picture: Picture) -> str:
    """Links to a picture as SVG and PNG, written beside the pages."""
    folder = Path(app.outdir, "_static", "figures")
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in picture.downloads(key).items():
        (folder / name).write_bytes(content)
    links = " · ".join(
        f'<a href="_static/figures/{key}.{kind}" download>{kind.upper()}</a>'
        for kind in ("svg", "png")
    )
    return f'<p class="fer-download">{links}</p>'


class ClaimCard(SphinxDirective):
    """A claim in the original's words (first paragraph of the body), its verdict, the answer."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self):
        report, key = self.env.app.fer, self.arguments[0].split()[0]
        if key not in report.judged:
            raise self.error(f"claim {key!r} is unknown")
        judged, word = report.judged[key], checked_verdict(self, report, self.arguments[0])
        card = nodes.container(classes=["fer-claim", word.split()[0]], ids=[f"claim-{key}"])
        head = (
            f'<p class="fer-claim-head"><span class="fer-verdict {word.split()[0]}">{word}</span> '
        )
        card += raw(f"{head}<b>{judged.short}</b> (section {judged.section})</p>")
        card += self.parse_content_to_nodes()
        rule = claims.RULES[judged.rule].__doc__
        card += raw(
            f"<details><summary>Evidence and rule</summary><p>{rule}</p>"
            f"{tables.evidence(judged).html()}</details>"
        )
        return [card]


def banner(app, pagename, templatename, context, doctree):
    """Marks every page of a draft (Sphinx's ``html-page-context``)."""
    found = app.fer.results
    if "body" not in context or not found.is_draft:
        return
    made = f"{len(found.runs)} of the {len(found.entries)} runs of this study are made."
    title = "Draft: the text describes the committed study, the numbers are those of other runs"
    if found.is_demo:
        title = "Demo: these are not results on FER2013"
        made = f"The networks learned from drawn faces. {made}"
    context["body"] = DRAFT.format(title=title, text=made) + context["body"]


def setup(app):
    os.environ.setdefault("MPLBACKEND", "agg")
    app.connect("config-inited", load, priority=900)
    app.connect("html-page-context", banner)
    app.add_role("verdict", Verdict())
    app.add_role("fact", Fact())
    app.add_directive("exhibit", Exhibit)
    app.add_directive("claim", ClaimCard)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
