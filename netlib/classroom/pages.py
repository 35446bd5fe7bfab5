"""What students wrote, as HTML that runs nothing and fetches nothing.

`PrepareFeedback` is for the page that a student gets back, `ShowToTeacher` for the pages on which
a teacher marks by hand. Those are part of the teacher's own Jupyter, so a script in them could do
whatever the teacher can.
"""

import contextlib
import html
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import latex2mathml.converter
import nbformat
from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath
from nbformat.v4 import new_markdown_cell
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

from netlib.classroom.grading import mark

BEGIN, END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
LONGEST = 20_000  # characters of a text; nbconvert takes too long for some that are longer
TASK = re.compile(r"## (\d+\. .*?)(?: \(\d+ points?\))?$", re.M)  # how a task begins
SAFE = ("image/png", "text/plain")
UNSAFE = ("href", "style", "class")  # what a formula could do to a page


def visible(source: str) -> str:
    """A check without its hidden part."""
    before, _, rest = source.partition(BEGIN)
    return before + rest.partition(END)[2].lstrip("\n")


def without_marks(source: str) -> str:
    """A solution without nbgrader's marks around it."""
    return re.sub(r" *### (BEGIN|END) SOLUTION\n?", "", source)


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


def to_html(source: str, attachments: dict[str, Any] | None = None) -> str:
    """Markdown as HTML; what cannot be read as Markdown is shown as it was written."""
    if len(source) <= LONGEST:
        with contextlib.suppress(Exception):  # such as brackets in brackets, a thousand deep
            return str(MarkdownWithMath(renderer=PageRenderer(attachments or {})).render(source))
    return f"<pre>{html.escape(source)}</pre>"


class ShowToTeacher(NbGraderPreprocessor):  # type: ignore[misc]
    """In the Formgrader: of outputs only text and pictures, no checks, and the model answers."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        """Return the notebook for the Formgrader, and leave others as they are."""
        if "submission_id" not in resources:
            return nb, resources
        file = Path("source", resources["assignment_id"], resources["notebook_id"] + ".ipynb")
        models = {mark(cell): cell.source for cell in nbformat.read(file, as_version=4).cells}
        cells = []
        for cell in nb.cells:
            for output in cell.get("outputs", []):
                if "data" in output:
                    output.data = {kind: output.data[kind] for kind in SAFE if kind in output.data}
                    output.metadata = {}
            if utils.is_grade(cell) and utils.is_locked(cell):
                cell.source = f"# {mark(cell)}"
            cells.append(cell)
            if utils.is_grade(cell) and utils.is_solution(cell):
                model = without_marks(models[mark(cell)])
                cells.append(new_markdown_cell(f"**Only you see this:**\n\n{model}"))
        nb.cells = cells
        return nb, resources


class PrepareFeedback(NbGraderPreprocessor):  # type: ignore[misc]
    """Take out hidden tests, write text as HTML, and say what waits for a person."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        """Return the notebook for the page."""
        names = resources["nbgrader"]
        names["waiting"], title = False, ""
        with Gradebook(names["db_url"]) as gradebook:
            for cell in nb.cells:
                if cell.cell_type == "markdown":
                    cell["html"] = to_html(cell.source, cell.get("attachments"))
                elif utils.is_locked(cell):
                    cell.source = visible(cell.source)
                if utils.is_locked(cell) and (task := TASK.match(cell.source)):
                    title = task[1]
                marks = cell.metadata.get("nbgrader", {})
                if marks.get("comment"):
                    marks["comment"] = to_html(marks["comment"])
                if utils.is_grade(cell):
                    grade = gradebook.find_grade(
                        mark(cell), names["notebook"], names["assignment"], names["student"]
                    )
                    marks |= {"waiting": grade.needs_manual_grade, "title": title}
                    names["waiting"] |= grade.needs_manual_grade
        nb.cells = [cell for cell in nb.cells if not _is_given(cell)]
        return nb, resources


def _is_given(cell: Any) -> bool:
    """Whether a cell is no task, no check and no answer, but what stands around them."""
    given = utils.is_locked(cell) and not utils.is_grade(cell)
    return bool(given and not TASK.match(cell.source))
