"""Whole batches through the grader: right, blank, typically wrong, hostile and unlucky ones."""

import csv
import os
import re
import zipfile

import nbformat
import pytest

pytest.importorskip("nbgrader")

from submissions import ALL, FIRST, NAMES, SOURCES, TROUBLES, WALLS, name_of, read, solved
from wrong_answers import WRONG

from netlib.classroom.course import Course
from netlib.classroom.submissions import safe_name

WITH_WORDS = "3_backpropagation"
HOSTILE_WORDS = r"""
$\text{<script>alert(1)</script>}$ and $\href{javascript:alert(1)}{x}$ and $a < b$
<script>alert(2)</script> <img src="x" onerror="alert(3)"> [press](javascript:alert(4))

```mermaid
<script>alert(5)</script>
```

![drawn](attachment:a.png) ![lost](attachment:b.png) ![quote](attachment:c.png)
"""
PICTURES = {
    "a.png": {"image/png": "aGVsbG8="},
    "c.png": {"image/png": '"><script>alert(6)</script>'},
}
CASES = [(name, *wrong) for name in NAMES for wrong in WRONG[name]]


def grouped():
    """Wrong answers that have nothing to do with each other are handed in together: it is quicker."""

    def apart(one, other):
        return (
            one[0] == other[0]
            and not set(one[3]) & set(other[3])
            and one[1] not in other[2]
            and other[1] not in one[2]
        )

    groups = []
    for k, case in enumerate(CASES):
        for group in groups:
            if all(apart(case, CASES[other]) for other in group):
                group.append(k)
                break
        else:
            groups.append([k])
    return groups


GROUPS = grouped()
GROUP_OF = {k: f"wrong {number}" for number, group in enumerate(GROUPS) for k in group}


def points_of(assignment):
    """The points of each automatic check."""
    return {
        name_of(cell): cell.metadata.nbgrader.points
        for cell in read(SOURCES / assignment / f"{assignment}.ipynb").cells
        if cell.metadata.nbgrader.grade and not cell.metadata.nbgrader.solution
    }


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """Everything handed in at once, and graded."""
    folder = tmp_path_factory.mktemp("course")
    made = Course(folder, sandbox=WALLS, seconds=15)
    made.release()
    downloads = tmp_path_factory.mktemp("downloads")

    def hand_in(student, notebook, assignment=FIRST):
        (downloads / student).mkdir(exist_ok=True)
        nbformat.write(notebook, downloads / student / f"{assignment}.ipynb")

    for name in NAMES:
        hand_in("right", solved(folder, name), name)
        hand_in("blank", read(folder / "release" / name / f"{name}.ipynb"), name)
    for number, group in enumerate(GROUPS):
        name = CASES[group[0]][0]
        notebook = solved(folder, name)
        for cell in notebook.cells:
            for k in group:
                if name_of(cell) == CASES[k][1]:
                    cell.source = CASES[k][2]
        hand_in(f"wrong {number}", notebook, name)
    for trouble in TROUBLES:
        hand_in(trouble.student or trouble.name, trouble.make(folder))
    written = solved(folder, WITH_WORDS)
    (cell,) = [cell for cell in written.cells if name_of(cell) == "who_is_right"]
    cell.source, cell["attachments"] = HOSTILE_WORDS, PICTURES
    hand_in("words", written, WITH_WORDS)
    (downloads / "garbage").mkdir()
    (downloads / "garbage" / f"{FIRST}.ipynb").write_bytes(bytes(range(256)) * 99)
    (downloads / "a picture").mkdir()
    (downloads / "a picture" / f"{FIRST}.png").write_bytes(b"\x89PNG")
    twice = downloads / "twice"
    for folder_name, notebook in [("1", read(folder / "release" / FIRST / f"{FIRST}.ipynb")),
                                  ("2", solved(folder))]:  # fmt: skip
        (twice / folder_name).mkdir(parents=True)
        nbformat.write(notebook, twice / folder_name / f"{FIRST}.ipynb")
    os.utime(twice / "1" / f"{FIRST}.ipynb", (1, 1))
    collected = made.collect(downloads)
    done = list(made.grade(collected))
    assert len(done) == sum(map(len, collected.values()))
    made.export()
    return made


@pytest.fixture(scope="session")
def table(course):
    with open(course.folder / "grades.csv", encoding="utf-8", newline="") as file:
        return {(row["student"], row["assignment"]): row for row in csv.DictReader(file)}


def lost(row, assignment):
    """The checks without points."""
    return sorted(
        name
        for name, points in points_of(assignment).items()
        if float(row[f"{assignment}: {name}"]) != points
    )


def said(course, student, assignment):
    """What the checks of a graded notebook say, by their names."""
    notebook = read(course.folder / "autograded" / student / assignment / f"{assignment}.ipynb")
    return {
        name_of(cell): "".join(output.get("text", "") for output in cell.outputs)
        for cell in notebook.cells
        if cell.cell_type == "code"
    }


@pytest.mark.parametrize("name", NAMES)
def test_the_teachers_version_gets_all_points(table, name):
    assert lost(table["right", name], name) == [] and table["right", name]["notes"] == ""


@pytest.mark.parametrize("name", NAMES)
def test_the_blank_version_gets_none_and_runs_clean(course, table, name):
    row = table["blank", name]
    assert float(row["points"]) == 0 and row["notes"] == ""
    for check in points_of(name):
        assert "not answered yet" in said(course, "blank", name)[check]
    graded = read(course.folder / "autograded" / "blank" / name / f"{name}.ipynb")
    shown = [out for cell in graded.cells if cell.cell_type == "code" for out in cell.outputs]
    assert {out.ename for out in shown if out.output_type == "error"} == {"NoPoints"}


def test_there_are_enough_wrong_answers_and_troubles():
    assert len(CASES) >= 20 and all(len(WRONG[name]) >= 4 for name in NAMES)
    assert len(TROUBLES) >= 12


@pytest.mark.parametrize("k", range(len(CASES)), ids=lambda k: f"{CASES[k][0]}-{CASES[k][1]}-{k}")
def test_a_typical_mistake_is_named(course, k):
    name, _, _, loses, words = CASES[k]
    assert any(words in said(course, GROUP_OF[k], name)[check] for check in loses)


@pytest.mark.parametrize("number", range(len(GROUPS)))
def test_typical_mistakes_lose_their_points_and_no_others(table, number):
    name = CASES[GROUPS[number][0]][0]
    loses = [check for k in GROUPS[number] for check in CASES[k][3]]
    assert lost(table[f"wrong {number}", name], name) == sorted(loses)


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.name)
def test_a_trouble_ends_in_a_fair_grade_and_a_clear_word(table, trouble):
    row = table[safe_name(trouble.student or trouble.name), FIRST]
    expected = list(points_of(FIRST)) if trouble.loses == ALL else trouble.loses
    assert lost(row, FIRST) == sorted(expected)
    assert trouble.teacher_reads in row["notes"]
    assert "could not be finished" not in row["notes"] and "grading failed" not in row["notes"]


def test_a_cell_that_does_not_run_is_not_called_unanswered(course):
    found = said(course, "no Python", FIRST)["check_node"]
    assert "its cell stopped with SyntaxError" in found and "not answered" not in found


def test_what_is_no_notebook_is_said(table):
    assert "no readable notebook" in table["garbage", FIRST]["notes"]
    assert "is not a notebook" in table["a picture", FIRST]["notes"]
    assert float(table["garbage", FIRST]["points"]) == 0


def test_of_two_files_the_later_one_counts(table):
    assert lost(table["twice", FIRST], FIRST) == []
    assert "2 files came" in table["twice", FIRST]["notes"]


def test_every_submission_has_its_page_without_hidden_tests_and_without_a_network(course, table):
    for student, assignment in table:
        page = course.folder / "feedback" / student / assignment / f"{assignment}.html"
        text = page.read_text(encoding="utf-8")
        assert "check_hidden(" not in text
        assert "HIDDEN" not in text or student == "thousands of marks"  # which are his own
        assert "http://" not in text.replace("http://www.w3.org/1998/Math/MathML", "")
        assert "https://" not in text and "<script" not in text.lower()


def test_the_pages_are_packed_under_names_that_moodle_takes_back(course):
    packed = {file.stem: zipfile.ZipFile(file).namelist() for file in course.pack()}
    assert set(packed) == set(NAMES)
    assert f"right_assignfeedback_file_{FIRST}.html" in packed[FIRST]
    assert len(packed[FIRST]) == len(set(packed[FIRST])) > len(TROUBLES)


def test_words_of_a_student_do_nothing_to_the_page_and_keep_their_pictures(course, table):
    assert table["words", WITH_WORDS]["to mark by hand"] == "yes"
    page = course.folder / "feedback" / "words" / WITH_WORDS / f"{WITH_WORDS}.html"
    text = page.read_text(encoding="utf-8")
    tags = re.findall(r"<[a-z][^>]*>", text, re.I)
    assert not [tag for tag in tags if re.search(r"<script|\sonerror=|=.?javascript:", tag, re.I)]
    assert "data:image/png;base64,aGVsbG8=" in text and "lost: this picture is not" in text
    assert "<mi>a</mi><mo>&lt;</mo><mi>b</mi>" in text.replace("html:", "")
