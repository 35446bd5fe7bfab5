"""Play through one cycle of an assignment, and write what the terminal shows into teaching.md."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

import nbformat
from nbgrader.api import Gradebook

from netlib.classroom.course import SOURCES, solved

ROOT = pathlib.Path(__file__).parents[1]
PAGE = ROOT / "book" / "teaching.md"
BLOCK = re.compile(r"(<!-- transcript -->\n```text\n).*?(```\n<!-- end -->)", re.S)
NAME = "3_backpropagation"
TABLE = """\
Student,ID,SIS Login ID,Section,Backpropagation (77)
    Points Possible,,,,12
"Lovelace, Ada",4711,ada,3b,
"Müller, Zoë",4712,zoë,3b,
"Turing, Alan",4713,alan,3b,
"""
NOT_TURNED = """\
def slopes_before(dz, W):
    return dz @ W
"""
ENDLESS = """\
def measured_slopes(C, theta, h):
    while True:
        pass
"""


def hand_in(folder, student, changes):
    """What a student hands in: the right answers, but for some cells."""
    file = pathlib.Path(NAME, f"{NAME}.ipynb")
    notebook = solved(SOURCES / file, folder / "classroom" / "release" / file)
    for cell in notebook.cells:
        cell.source = changes.get(cell.metadata.nbgrader.grade_id, cell.source)
    (folder / "classroom" / "downloads" / student).mkdir(parents=True)
    nbformat.write(notebook, folder / "classroom" / "downloads" / student / f"{NAME}.ipynb")


def mark_by_hand(folder, student, points):
    """What the form grader does when a teacher types points for the written task."""
    with Gradebook(f"sqlite:///{folder}/classroom/gradebook.db") as gradebook:
        grade = gradebook.find_grade("who_is_right", NAME, NAME, student)
        grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.db.commit()


def play(folder):
    """The commands of a cycle, each with what it shows."""
    shown = ""

    def run(*arguments):
        nonlocal shown
        done = subprocess.run(
            [sys.executable, "-m", "netlib.classroom", *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        words = [f'"{word}"' if " " in word else word for word in arguments]
        shown += f"$ python -m netlib.classroom {' '.join(words)}\n"
        shown += done.stdout.replace(f"{folder.resolve()}/", "") + "\n"

    run("release")
    hand_in(folder, "ada", {})
    hand_in(folder, "zoë", {"slopes_before": NOT_TURNED})
    hand_in(folder, "alan", {"measured_slopes": ENDLESS})
    run("check", f"classroom/downloads/zoë/{NAME}.ipynb")
    run("grade", "classroom/downloads")
    shown += "(Now the teacher reads what is written, and types points: see below.)\n\n"
    for student, points in [("ada", 2), ("alan", 1), ("zoë", 1.5)]:
        mark_by_hand(folder, student, points)
    run("feedback")
    (folder / "classroom" / "canvas.csv").write_text(TABLE, encoding="utf-8")
    run("fill", "classroom/canvas.csv", "--column", "Backpropagation (77)", "--assignment", NAME)
    shown += "$ cat classroom/canvas-filled.csv\n" + (
        folder / "classroom" / "canvas-filled.csv"
    ).read_text("utf-8")
    return shown


def transcript():
    """One cycle, played in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        return play(pathlib.Path(folder))


if __name__ == "__main__":
    text = transcript()
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(BLOCK.sub(lambda found: found[1] + text + found[2], page), encoding="utf-8")
