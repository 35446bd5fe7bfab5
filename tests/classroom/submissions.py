"""Submissions for the tests: right, blank, typically wrong, hostile and unlucky ones."""

import copy
import pathlib
import shutil
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import nbformat

from netlib.classroom import course as course_module

WALLS = shutil.which("bwrap") is not None  # students' code is shut in where it can be
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


def rewrite(**answers):
    def change(notebook):
        for cell in notebook.cells:
            cell.source = answers.get(name_of(cell), cell.source)

    return change


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


def spoil_metadata(notebook):
    first, second, third, *_ = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    first.metadata = {"nbgrader": "text"}
    second.metadata = {"nbgrader": {"grade_id": ["a"], "points": "many"}}
    third.metadata = {"nbgrader": {"grade_id": "node", "points": "many"}}
    notebook.metadata = {"kernelspec": {"name": "ir", "language": "R", "display_name": 3}}


def old_format(course):
    return nbformat.convert(solved(course), 3)


def too_many_cells(notebook):
    notebook.cells += [nbformat.v4.new_code_cell("1") for _ in range(2000)]


def send(kind, content):
    """Code that makes up a message of the kernel."""
    return (
        "k = get_ipython().kernel\n"
        f"k.session.send(k.iopub_socket, {kind!r}, {content!r}, parent=k.get_parent())\n"
    )


IDLE = send("status", {"execution_state": "idle"})
KERNELS_FILES = (
    "import os, pathlib\nfrom ipykernel.connect import get_connection_file\n"
    "folder = pathlib.Path(get_connection_file()).parent\n"
)
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
    Trouble(
        "no Python",
        answering("node", "def node(a, w, b)\n    return a @ w + b"),
        DEAD,
        "SyntaxError",
    ),
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
        "results that are none",
        changed(
            rewrite(
                node=NODE.format("return np.empty((10**9, 0))"),
                step="def step(z):\n    return 10**400\n",
                count="def count(nodes):\n    x = []\n    x.append(x)\n    return x\n",
            )
        ),
        ["check_count", "check_layer", "check_node", "check_step"],
    ),
    Trouble(
        "made-up reply",
        answering(
            "node",
            "import netlib.classroom.wire as w\nw.pack = lambda value: '[1]'\n"
            + NODE.format("return 0.0"),
        ),
        ALL,
    ),
    Trouble(
        "made-up messages",
        answering(
            "node",
            send("stream", {"name": 5})
            + send("display_data", {"data": []})
            + send("status", {})
            + send("error", {"ename": 3})
            + NODE.format("return a @ w + b"),
        ),
        [],
    ),
    Trouble(
        "pretends to be done",
        answering("node", NODE.format(IDLE.replace("\n", "; ") + "\n    while True: pass")),
        DEAD,
        "node was stopped",
    ),
    Trouble(
        "cannot be interrupted",
        answering(
            "node",
            "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
            + NODE.format("while True: pass"),
        ),
        DEAD,
        "node was stopped",
    ),
    Trouble(
        "breaks its own kernel",
        answering(
            "node",
            KERNELS_FILES
            + "file = folder / 'k.json'\nfile.unlink(); file.mkdir()\n"
            + NODE.format("os._exit(1)"),
        ),
        DEAD,
        "ended Python",
    ),
    Trouble(
        "fills the disk",
        answering(
            "node",
            KERNELS_FILES
            + NODE.format("for k in range(10**6): (folder / str(k)).write_bytes(bytes(10**7))"),
        ),
        DEAD,
        "wrote files where it may not",
    ),
    Trouble(
        "starts itself again and again",
        answering("node", NODE.format("import os\n    while True: os.fork()")),
        DEAD,
        "started more than 20 programs",
    ),
    Trouble(
        "thousands of marks",
        answering("node", "### BEGIN HIDDEN TESTS\n" * 50000 + NODE.format("return a @ w + b")),
        [],
    ),
    Trouble(
        "a thousand errors",
        changed(
            lambda notebook: notebook.cells.extend(
                nbformat.v4.new_code_cell(f"raise ValueError('{k}' * 10**5)") for k in range(60)
            )
        ),
        [],
        "a cell stopped with ValueError",
    ),
    Trouble(
        "a name of Python's",
        answering("node", "globals = 3\n" + NODE.format("return a @ w + b")),
        [],
    ),
    Trouble("marks of the wrong form", changed(spoil_metadata), []),
    Trouble("old format", old_format, []),
    Trouble("too many cells", changed(too_many_cells), ALL, "more than 1000 cells"),
    Trouble("name of signs", solved, [], student="[j]*?=1\n<b>"),
    Trouble("long name", solved, [], student="ñ" * 120),
    Trouble(
        "name with accents",
        solved,
        [],
        student=unicodedata.normalize("NFD", "Zoë Müller, 3b"),
    ),
]
