"""The teacher's page says what is there, and shows what the terminal shows."""

import re
import sys

import pytest

pytest.importorskip("nbgrader")

from submissions import NAMES, ROOT, SOURCES, WALLS, read

from conftest import skip

sys.path.insert(0, str(ROOT / "tools"))
import classroom_cycle

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
        said = re.search(r"About (\d+) minutes, (\d+) points", notebook.cells[0].source)
        assert (said[1], said[2]) == (minutes, points)


def test_its_lessons_name_each_assignment_out_once_and_the_chapters_in_order():
    lessons = re.findall(r"^\| (\d) \| (.*) \| [^|]* \| ([^|]*?) ?\|$", PAGE, re.M)
    assert [number for number, _, _ in lessons] == list("12345678")
    out = re.findall(r"(\d) out", " ".join(plan for _, _, plan in lessons))
    assert out == [name[0] for name in NAMES]
    chapters = re.findall(r"\((\w+)\.ipynb\)", " ".join(text for _, text, _ in lessons))
    listed = re.findall(r"file: book/(\w+)", (ROOT / "_toc.yml").read_text("utf-8"))
    assert chapters == [name for name in listed if name in chapters] and len(chapters) == 10


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
