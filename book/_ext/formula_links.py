"""Sphinx extension: the table of formulas, followed backwards.

A row of equations.md leads from an equation of a chapter to the code that computes it. Here the
same rows lead back: below the equation stands that code, and its reference names the equation.
"""

import re
from pathlib import Path

from docutils import nodes
from sphinx import addnodes

TABLE = "book/equations"


def read_table(app):
    """Keep the pairs of the table: label of the equation, role and name of the code."""
    app.formulas = []
    for line in Path(app.srcdir, TABLE + ".md").read_text(encoding="utf-8").splitlines():
        code = re.search(r"\{py:(\w+)\}`([\w.]+)`", line)
        labels = re.findall(r"\{eq\}`([\w-]+)`", line)
        app.formulas += [(label, *code.groups()) for label in labels if code]


def link(app, domain, role, target, text):
    return addnodes.pending_xref(
        "", text, refdomain=domain, reftype=role, reftarget=target, refexplicit=True,
        refwarn=True, refdoc=app.env.docname,
    )  # fmt: skip


def lead_to_code(app, doctree):
    """Put a line with its code and the table below each equation of the table."""
    code = {label: (role, name) for label, role, name in app.formulas}
    for equation in list(doctree.findall(nodes.math_block)):
        if equation.get("label") not in code:
            continue
        role, name = code[equation["label"]]
        line = nodes.paragraph("", "Computed by ", classes=["formula-links"])
        line += link(app, "py", role, name, nodes.literal(text=name))
        line += nodes.Text(". ")
        line += link(app, "std", "doc", f"/{TABLE}", nodes.inline(text="All formulas"))
        equation.parent.insert(equation.parent.index(equation) + 1, line)
        app.env.note_dependency(TABLE + ".md")


def lead_to_equations(app, what, name, obj, options, lines):
    """Name its equations at the end of a docstring."""
    labels = [label for label, _, computed_by in app.formulas if computed_by == name]
    if labels:
        equations = ", ".join(f":eq:`{label}`" for label in labels)
        lines += ["", f"Formulas of the book: {equations}; see :doc:`all of them </{TABLE}>`.", ""]
        app.env.note_dependency(TABLE + ".md")


def setup(app):
    app.connect("builder-inited", read_table)
    app.connect("doctree-read", lead_to_code)
    app.connect("autodoc-process-docstring", lead_to_equations, priority=900)  # after numpydoc
    return {"parallel_read_safe": True, "parallel_write_safe": True}
