"""Marking by hand, as a teacher does it: nbgrader's form grader in a browser, without a network."""

import csv
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import nbformat
import pytest

pytest.importorskip("nbgrader")

from submissions import WALLS, name_of, with_answer

from netlib.classroom.course import Course
from netlib.classroom.errors import CourseError

NAME, WRITTEN = "3_backpropagation", "who_is_right"
TOKEN = "of-this-test"
HOSTILE_OUTPUT = """
from IPython.display import HTML, Javascript, Markdown, display
display(HTML("<script>window.top.hurt = 1</script><img src='http://example.org/x.png'>"))
display(Javascript("window.top.hurt = 1"))
display(Markdown("<script>window.top.hurt = 1</script>"))
display({"image/svg+xml": "<svg onload='window.top.hurt = 1'></svg>", "text/plain": "drawn"}, raw=True)
display({"image/png": "aGVsbG8="}, raw=True, metadata={"image/png": {"width": '"><script>hurt = 1</script>'}})
"""
HOSTILE_WORDS = r"""
My words. <script>window.top.hurt = 1</script> <img src="x" onerror="window.top.hurt = 1">
[press](javascript:alert(1)) $\text{<script>window.top.hurt = 1</script>}$ and $\frac{a}{b}$
"""


def hand_in(folder, student, notebook):
    file = folder / "downloads" / student / f"{NAME}.ipynb"
    file.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, file)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    made = Course(tmp_path_factory.mktemp("course"), sandbox=WALLS)
    made.release()
    return made


def grade(course):
    list(course.grade(course.collect(course.folder / "downloads")))
    with course.export().open(encoding="utf-8", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def graded(course):
    hostile = with_answer(course.folder, WRITTEN, HOSTILE_WORDS, NAME)
    for cell in hostile.cells:
        if name_of(cell) == "through_sigmoid":
            cell.source += HOSTILE_OUTPUT
    hand_in(course.folder, "ada", hostile)
    hand_in(course.folder, "bob", with_answer(course.folder, WRITTEN, "Ben, I think.", NAME))
    return grade(course)


@pytest.fixture(scope="module")
def address(course, graded):
    """A Jupyter server in the folder of the course, as `make mark` starts it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyter", "server", "--allow-root", "--no-browser",
         f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}"],
        cwd=course.folder,
        env={**os.environ, "JUPYTER_RUNTIME_DIR": str(course.folder / "runtime")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{url}/api").close()
            break
        except urllib.error.URLError:
            time.sleep(0.2)
    yield url
    server.terminate()
    server.wait()


def test_a_teacher_marks_two_students_and_nothing_of_theirs_runs(course, address, browser):
    page = browser.new_page()
    asked, failed = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.goto(f"{address}/formgrader/gradebook?token={TOKEN}")
    for _ in range(2):  # the assignment, and its notebook
        page.get_by_role("link", name=NAME, exact=True).click()
    page.get_by_role("link", name="Submission #1").click()
    shown = []
    for points in ("1.5", "0.5"):
        page.get_by_text("Only you see this").wait_for()
        # what was given before arrives after the page, and is written over what stands in a field
        page.wait_for_function("formgrader.grades?.loaded && formgrader.comments?.loaded")
        shown.append(page.content())
        for field, given, saved in (
            (WRITTEN, points, "grade"),
            (f"{WRITTEN}-comment", f"This is worth {points}.", "comment"),
        ):
            page.locator(f"#{field}").fill(given)
            with page.expect_response(lambda put: put.request.method == "PUT") as put:
                page.locator(f"#{field}").blur()
            assert put.value.ok and f"/api/{saved}/" in put.value.url
        page.get_by_role("link", name="Next").click()
    page.get_by_text("Submission #2").wait_for()
    assert page.evaluate("window.hurt") is None
    (hostile,) = (text for text in shown if "My words." in text)
    assert "<mfrac>" in hostile and "Ben" in hostile  # a formula; and the model answer
    assert not [url for url in asked if not url.startswith((address, "data:", "blob:"))]
    assert not failed
    page.close()
    course.feedback()
    with course.export().open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted(row[f"{NAME}: {WRITTEN}"] for row in rows) == ["0.5", "1.5"]
    assert not any(row["to mark by hand"] for row in rows)
    for row in rows:
        html = course.folder / "feedback" / row["student"] / NAME / f"{NAME}.html"
        points = row[f"{NAME}: {WRITTEN}"]
        assert f"{points} of 2" in html.read_text("utf-8")
        assert f"This is worth {points}." in html.read_text("utf-8")
        assert "Only you see this" not in html.read_text("utf-8")


def test_points_given_by_hand_hold_until_the_answer_changes(course, graded):
    for student in ("ada", "bob"):
        with course.gradebook() as gradebook:
            given = gradebook.find_grade(WRITTEN, NAME, NAME, student)
            given.manual_score, given.needs_manual_grade = 1.25, False
            gradebook.db.commit()
    hand_in(course.folder, "bob", with_answer(course.folder, WRITTEN, "No: Cleo.", NAME))
    rows = grade(course)
    assert rows["ada"][f"{NAME}: {WRITTEN}"] == "1.25" and not rows["ada"]["to mark by hand"]
    assert rows["bob"][f"{NAME}: {WRITTEN}"] == "0" and rows["bob"]["to mark by hand"] == "yes"
    assert f"{WRITTEN} had 1.25 points by hand, and has changed since" in rows["bob"]["notes"]
    assert course.waiting(NAME) == ["bob"]


def test_other_checks_are_not_released_over_graded_submissions(course, graded, tmp_path):
    source = nbformat.read(course.folder / "source" / NAME / f"{NAME}.ipynb", as_version=4)
    for cell in source.cells:
        if name_of(cell) == "check_backward":
            cell.metadata.nbgrader.grade_id = "check_another"
    (tmp_path / NAME).mkdir()
    nbformat.write(source, tmp_path / NAME / f"{NAME}.ipynb")
    before = (course.folder / "release" / NAME / f"{NAME}.ipynb").read_bytes()
    with pytest.raises(CourseError, match="check_another, check_backward"):
        course.release(tmp_path)
    assert (course.folder / "release" / NAME / f"{NAME}.ipynb").read_bytes() == before
    course.release()  # the same checks may be released again
