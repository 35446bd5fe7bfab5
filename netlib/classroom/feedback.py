"""The page that a student gets back: no hidden test, no script, and nothing from a network."""

import html
from typing import Any
from xml.etree import ElementTree

import latex2mathml.converter
from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

from netlib.classroom.grading import mark

BEGIN, END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
UNSAFE = ("href", "style", "class")  # what a formula could do to a page


def visible(source: str) -> str:
    """A check without its hidden part."""
    before, _, rest = source.partition(BEGIN)
    return before + rest.partition(END)[2].lstrip("\n")


def mathml(formula: str, display: str) -> str:
    """A formula in TeX as MathML, which browsers show without a script or a network."""
    try:
        element = latex2mathml.converter.convert_to_element(formula.strip(), display=display)
    except Exception:  # a student may write what is no formula
        return f"<code>{html.escape(formula)}</code>"
    for part in element.iter():
        part.text = html.unescape(part.text or "")
        for name in UNSAFE:
            part.attrib.pop(name, None)
    return ElementTree.tostring(element, encoding="unicode")


class PageRenderer(IPythonRenderer):
    """Markdown as HTML, with formulas as MathML; HTML that a student wrote is shown as text."""

    def __init__(self, attachments: dict[str, Any]) -> None:
        super().__init__(
            escape=True,
            allow_harmful_protocols=False,
            exclude_anchor_links=True,
            attachments=attachments,
        )

    def inline_math(self, body: str) -> str:
        """Return $…$ as MathML."""
        return mathml(body, "inline")

    def block_math(self, body: str) -> str:
        """Return $$…$$ as MathML."""
        return mathml(body, "block")

    def latex_environment(self, name: str, body: str) -> str:
        r"""Return \begin{…} as MathML."""
        return mathml(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")

    def block_mermaidjs(self, code: str) -> str:
        """Return the source of a diagram, which would need a script to be drawn."""
        return f"<pre>{html.escape(code)}</pre>"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Return a picture, or its description where it was not handed in."""
        try:
            return str(super().image(text, url, title))
        except InvalidNotebook:
            return html.escape(f"[{text}: this picture is not in the notebook]")


class PrepareFeedback(NbGraderPreprocessor):  # type: ignore[misc]
    """Take out hidden tests, write text as HTML, and say what waits for a person."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        """Return the notebook for the page."""
        names = resources["nbgrader"]
        with Gradebook(names["db_url"]) as gradebook:
            for cell in nb.cells:
                if cell.cell_type == "markdown":
                    renderer = PageRenderer(cell.get("attachments", {}))
                    cell["html"] = MarkdownWithMath(renderer=renderer).render(cell.source)
                elif utils.is_locked(cell):
                    cell.source = visible(cell.source)
                if utils.is_grade(cell):
                    grade = gradebook.find_grade(
                        mark(cell), names["notebook"], names["assignment"], names["student"]
                    )
                    cell.metadata.nbgrader["waiting"] = grade.needs_manual_grade
        return nb, resources
