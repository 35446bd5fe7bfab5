"""Sphinx extension: formulas become MathML when the book is built.

A browser draws MathML by itself and a screen reader reads it aloud: a page needs no script for it.
"""

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

LOG = logging.getLogger(__name__)
TO_MATHML = LatexToMathML()
ALIGNED = {  # how columns are aligned: as classes of book.css, since a strict policy forbids styles
    "text-align: right;justify-items: end;padding-right: 0;": "to-right",
    "text-align: left;justify-items: start;padding-left: 0;": "to-left",
    "text-align: left;justify-items: start;padding-right: 0;": "case",
    "text-align: left;justify-items: start;padding-right: 0;padding-left:1em;": "condition",
}


def mathml(node, display):
    """The formula of a node, written as MathML. A mistake in it is a warning of the build."""
    tex = node.astext()
    try:
        formula = TO_MATHML.convert_with_local_state(tex, displaystyle=display)
    except LatexError as error:
        LOG.warning("this formula cannot be read: %s: %s", tex, error.args[0], location=node)
        return ""
    for style, name in ALIGNED.items():
        formula = formula.replace(f'style="{style}"', f'class="{name}"')
    return formula


def visit_inline(writer, node):
    writer.body.append(writer.starttag(node, "span", "", CLASS="math"))
    writer.body.append(mathml(node, display=False) + "</span>")
    raise nodes.SkipNode


def visit_display(writer, node):
    """A formula on a line of its own. It scrolls by itself where it is too wide; its number and
    its address stay in sight."""
    writer.body.append(writer.starttag(node, "div", CLASS="math"))
    writer.body.append(f'<div class="formula">{mathml(node, display=True)}</div>')
    if node["number"]:
        number = get_node_equation_number(writer, node)
        writer.body.append(f'<span class="eqno">({number})')
        writer.add_permalink_ref(node, "Link to this equation")
        writer.body.append("</span>")
    writer.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
