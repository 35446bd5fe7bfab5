"""Submissions for the tests: right, blank, typically wrong, hostile and unlucky ones."""

import copy
import pathlib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import nbformat

from netlib.classroom import course as course_module

ROOT = pathlib.Path(__file__).parents[2]
SOURCES = ROOT / "book" / "assignments"
NAMES = sorted(path.name for path in SOURCES.iterdir())
FIRST = NAMES[0]


def read(path):
    return nbformat.read(path, as_version=4)


def name_of(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def solved(course, assignment=FIRST):
    """What a student with all points hands in."""
    file = pathlib.Path(assignment, f"{assignment}.ipynb")
    return course_module.solved(SOURCES / file, course / "release" / file)


def with_answer(course, name, source, assignment=FIRST):
    notebook = solved(course, assignment)
    (cell,) = [cell for cell in notebook.cells if name_of(cell) == name]
    cell.source = source
    return notebook


@dataclass
class Trouble:
    """An attack or an accident: what is handed in, what is lost, what the teacher is told."""

    name: str
    make: Callable  # from the folder of the course, the notebook
    loses: list  # the checks that lose their points, or ALL
    teacher_reads: str = ""
    student: str = ""


def answering(name, source):
    return lambda course: with_answer(course, name, source)


def changed(change):
    def make(course):
        notebook = solved(course)
        change(notebook)
        return notebook

    return make


def tamper(notebook):
    for cell in notebook.cells:
        if name_of(cell) == "check_node":
            cell.source = "pass"
        if name_of(cell) == "node":
            cell.source = "def node(a, w, b):\n    return 0.0\n"


def raise_points(notebook):
    for cell in notebook.cells:
        if name_of(cell) == "check_step":
            cell.metadata.nbgrader.points = 100


def delete(*names):
    def change(notebook):
        notebook.cells = [cell for cell in notebook.cells if name_of(cell) not in names]

    return change


def lose_marks(notebook):
    for cell in notebook.cells:
        cell.metadata = {}


def shuffle(notebook):
    notebook.cells.reverse()


def add_cells(notebook):
    helper = nbformat.v4.new_code_cell("def half(z):\n    return z / 2\n")
    notebook.cells.insert(2, helper)
    for cell in notebook.cells:
        if name_of(cell) == "node":
            cell.source = "def node(a, w, b):\n    return 2 * half(a @ w + b)\n"


def copy_answer(notebook):
    (k,) = [k for k, cell in enumerate(notebook.cells) if name_of(cell) == "node"]
    wrong = copy.deepcopy(notebook.cells[k])
    wrong.source = "def node(a, w, b):\n    return 0.0\n"
    notebook.cells.insert(k, wrong)


NODE = "def node(a, w, b):\n    {}\n"
DEAD = ["check_node"]
ALL = "all"
TROUBLES = [
    Trouble("tampered check", changed(tamper), DEAD, "may not be changed"),
    Trouble("raised points", changed(raise_points), [], "points had been changed"),
    Trouble("deleted check", changed(delete("check_node", "check_step")), []),
    Trouble("deleted answer", changed(delete("node")), DEAD, "answer cells are missing: node"),
    Trouble("lost marks", changed(lose_marks), [], "lost their nbgrader marks"),
    Trouble("cells turned round", changed(shuffle), []),
    Trouble("additional cells", changed(add_cells), []),
    Trouble("an answer twice", changed(copy_answer), []),
    Trouble(
        "learned by heart",
        answering("node", NODE.format("return 1.0 if len(a) == 2 else 3.5")),
        DEAD,
    ),
    Trouble(
        "np.allclose replaced",
        answering("node", "np.allclose = lambda *a, **k: True\n" + NODE.format("return 0.0")),
        DEAD,
    ),
    Trouble(
        "checks replaced",
        answering(
            "node",
            "import netlib.classroom.checks as c, netlib.classroom.wire as w\n"
            "c.check = c.check_hidden = check = lambda *a, **k: print('✓')\n"
            "c._difference = lambda *a: ''\n"
            "w.answer = lambda *a: w.pack(('value', 1.0))\n" + NODE.format("return 0.0"),
        ),
        ALL,  # whatever is asked for, 1.0 comes
    ),
    Trouble(
        "endless loop", answering("node", NODE.format("while True: pass")), DEAD, "loop without an"
    ),
    Trouble(
        "loop that cannot be stopped",
        answering(
            "node",
            NODE.format(
                "while True:\n        try:\n            while True: pass\n"
                "        except BaseException: pass"
            ),
        ),
        DEAD,
        "node was stopped",
    ),
    Trouble("loop in a cell", answering("node", "while True: pass"), DEAD, "a cell was stopped"),
    Trouble("memory bomb", answering("node", NODE.format("return bytearray(10**12)")), DEAD),
    Trouble("exit", answering("node", NODE.format("import os; os._exit(0)")), DEAD, "ended Python"),
    Trouble("sys.exit", answering("node", NODE.format("import sys; sys.exit(0)")), DEAD),
    Trouble(
        "huge output",
        answering("node", "while True: print('spam' * 1000)"),
        DEAD,
        "showed more than",
    ),
    Trouble("huge result", answering("node", NODE.format("return 'x' * 10**8")), DEAD, ""),
    Trouble("no Python", answering("node", "def node(a, w, b)\n    return a @ w + b"), DEAD),
    Trouble(
        "warning",
        answering(
            "node",
            "import sys, warnings\nprint('note', file=sys.stderr)\n"
            + NODE.format("warnings.warn('slow'); return a @ w + b"),
        ),
        [],
    ),
    Trouble(
        "a result of a class of its own",
        answering(
            "node",
            "class Any(float):\n    def __eq__(self, other): return True\n"
            + NODE.format("return object()"),
        ),
        DEAD,
    ),
    Trouble(
        "name with accents",
        lambda course: solved(course),
        [],
        student=unicodedata.normalize("NFD", "Zoë Müller, 3b"),
    ),
]
