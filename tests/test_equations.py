"""The table of formulas: every link of it leads from the paper to the text, the code and a test."""

import ast
import functools
import importlib
import pathlib
import re

import pytest
from bs4 import BeautifulSoup

ROOT = pathlib.Path(__file__).parents[1]
BOOK = ROOT / "book"
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in (BOOK / "equations.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| the paper")
]


PAIRS = [  # chapter, label of its equation, name of the code that computes it
    (re.search(r"\]\((\w+)\.ipynb", row[2])[1], label, re.search(r"`([\w.]+)`", row[3])[1])
    for row in ROWS
    for label in re.findall(r"\{eq\}`([\w-]+)`", row[2])
]


@pytest.fixture(params=ROWS, ids=lambda row: row[0])
def row(request):
    return request.param


def names_in(name):
    tree = ast.parse((ROOT / "tests" / name).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_each_row_has_its_five_parts(row):
    assert len(row) == 5 and all(row)


def test_the_equation_is_in_the_chapter_that_the_row_links_to(row):
    (chapter,) = re.findall(r"\]\((\w+\.ipynb)(?:#[\w-]+)?\)", row[2])
    text = (BOOK / chapter).read_text(encoding="utf-8")
    for label in re.findall(r"\{eq\}`([\w-]+)`", row[2]):
        assert f"({label})" in text


def test_the_code_is_there_and_documented(row):
    (path,) = re.findall(r"^\{py:\w+\}`netlib\.([\w.]+)`$", row[3])
    names = path.split(".")
    module = importlib.import_module("netlib")
    if names[0] in ("activations", "losses"):
        module = importlib.import_module(f"netlib.{names.pop(0)}")
    assert functools.reduce(getattr, names, module).__doc__


def test_the_test_is_there(row):
    file, test = re.fullmatch(r"`(test_\w+\.py)::(test_\w+)`", row[4]).groups()
    assert test in names_in(file)


def test_no_section_of_the_paper_with_a_formula_is_left_out():
    found = " ".join(row[0] for row in ROWS)
    for place in ["1.2", "2.1", *(f"2.2, {step}" for step in ("3a", "3b", "3c", *"45678"))]:
        assert place in found
    assert "2.3" in found and "3.2" in found


@functools.cache
def page(rendered, name):
    return BeautifulSoup((rendered / "book" / f"{name}.html").read_text("utf-8"), "html.parser")


@pytest.mark.parametrize(("chapter", "label", "name"), PAIRS)
def test_equation_and_code_lead_to_each_other(rendered, chapter, label, name):
    below = page(rendered, chapter).find(id=f"equation-{label}").find_next_sibling()
    assert below["class"] == ["formula-links"]
    assert below.a["href"] == f"api.html#{name}"
    entry = page(rendered, "api").find("dt", id=name).find_next_sibling("dd")
    assert entry.find("a", href=f"{chapter}.html#equation-{label}")
