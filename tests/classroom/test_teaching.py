"""The teacher's page says what is there, and shows what the terminal shows."""

import re
import sys

import pytest

pytest.importorskip("nbgrader")

from submissions import NAMES, ROOT, SOURCES, WALLS, read

from conftest import skip

sys.path.insert(0, str(ROOT / "tools"))
import classroom_cycle

from netlib.classroom.course import README

PAGE = (ROOT / "book" / "teaching.md").read_text(encoding="utf-8")


def test_its_table_has_the_points_and_minutes_of_each_assignment():
    rows = re.findall(r"^\| `(\w+)` \|.*\| (\d+) \| (\d+) \| (\d*) ?\|$", PAGE, re.M)
    assert [row[0] for row in rows] == NAMES
    for name, minutes, points, by_hand in rows:
        notebook = read(SOURCES / name / f"{name}.ipynb")
        marks = [cell.metadata.nbgrader for cell in notebook.cells]
        assert int(points) == sum(mark.get("points", 0) for mark in marks if mark.grade)
        written = (mark.get("points", 0) for mark in marks if mark.grade and mark.solution)
        assert int(by_hand or 0) == sum(written)
        if name == "3_backpropagation":  # next week's
            assert f"{by_hand} of {points} points" in PAGE
        said = re.search(r"About (\d+) minutes, (\d+) points", notebook.cells[0].source)
        assert (said[1], said[2]) == (minutes, points)


def test_its_lessons_name_each_assignment_once_and_chapters_and_sections_that_are_there():
    lessons = re.findall(r"^(\d)\. (\*\*\[.*)$", PAGE, re.M)
    assert [number for number, _ in lessons] == list("12345678")
    plan = " ".join(text for _, text in lessons)
    assert re.findall(r"(\d) out", plan) == [name[0] for name in NAMES]
    assert re.findall(r"(\d) due", plan) == [name[0] for name in NAMES[:-1]]
    chapters = re.findall(r"\((\w+)\.ipynb\)", plan)
    listed = re.findall(r"file: book/(\w+)", (ROOT / "_toc.yml").read_text("utf-8"))
    assert chapters == [name for name in listed if name in chapters] and len(chapters) == 10
    headings = set()
    for name in chapters:
        text = "\n".join(cell.source for cell in read(ROOT / "book" / f"{name}.ipynb").cells)
        headings |= set(re.findall(r"^##+ (.*)$", text, re.M))
    assert set(re.findall(r'"([^"]+)"', plan)) <= headings


def test_its_words_for_students_are_those_of_the_zip_file():
    for line in re.findall(r"^    (python.*|source.*)$", README.format(name="X"), re.M):
        assert f"`{line.removesuffix(' X.ipynb')}`" in PAGE


def test_each_task_says_its_points():
    for name in NAMES:
        notebook = read(SOURCES / name / f"{name}.ipynb")
        text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        said = sum(
            int(points) for points in re.findall(r"^## \d+\..*\((\d+) points?\)", text, re.M)
        )
        assert said == sum(
            cell.metadata.nbgrader.get("points", 0)
            for cell in notebook.cells
            if cell.metadata.nbgrader.grade
        )


def test_its_transcript_is_what_the_terminal_shows():
    if not WALLS:
        skip("bubblewrap is not installed")
    (shown,) = re.findall(r"<!-- transcript -->\n```text\n(.*?)```\n<!-- end -->", PAGE, re.S)
    assert classroom_cycle.transcript() == shown
