"""What goes out and what comes in: no leaks, the students' zip, walls, and the tables of others."""

import csv
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import threading
import unicodedata
import zipfile

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("nbgrader")

from submissions import FIRST, NAMES, ROOT, SOURCES, WALLS, read, solved, with_answer

from conftest import skip
from netlib.classroom.course import Course, leaks
from netlib.classroom.errors import CourseError
from netlib.classroom.notes import notes_file, read_notes
from netlib.classroom.session import Session
from netlib.classroom.submissions import find_submissions, read_notebook, safe_name
from netlib.classroom.tables import fill


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    made = Course(tmp_path_factory.mktemp("course"))
    made.release()
    return made


def classroom(*arguments, path=None):
    environment = dict(os.environ) if path is None else {**os.environ, "PATH": path}
    return subprocess.run(
        [sys.executable, "-m", "netlib.classroom", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment,
        cwd=ROOT,
    )


# --- nothing leaks ------------------------------------------------------------------------


@pytest.fixture(scope="session")
def secrets():
    """Lines that stand in a solution or a hidden test, and nowhere else in the notebook."""
    found = {}
    for name in NAMES:
        source = SOURCES / name / f"{name}.ipynb"
        found[name] = leaks(source, source)  # the teacher's file leaks all of itself
    return found


def test_the_teachers_file_itself_would_be_found_out(secrets):
    for name in NAMES:
        assert "### BEGIN" in secrets[name] and len(secrets[name]) > 15


@pytest.mark.parametrize("name", NAMES)
def test_no_solution_is_in_the_students_file(course, name):
    released = course.folder / "release" / name / f"{name}.ipynb"
    assert leaks(SOURCES / name / f"{name}.ipynb", released) == []


def test_one_line_of_a_solution_would_be_found(course, tmp_path, secrets):
    notebook = read(course.folder / "release" / FIRST / f"{FIRST}.ipynb")
    line = secrets[FIRST][-1]
    notebook.cells[3].source += "\n    " + line
    nbformat.write(notebook, tmp_path / "leak.ipynb")
    assert leaks(SOURCES / FIRST / f"{FIRST}.ipynb", tmp_path / "leak.ipynb") == [line]


@pytest.mark.parametrize("name", NAMES)
def test_no_solution_is_in_the_zip(course, secrets, tmp_path, name):
    with zipfile.ZipFile(course.folder / "zip" / f"{name}.zip") as archive:
        (wheel,) = (member for member in archive.namelist() if member.endswith(".whl"))
        assert set(archive.namelist()) == {f"{name}.ipynb", wheel, "README.txt", "requirements.txt"}
        with zipfile.ZipFile(archive.open(wheel)) as packed:
            files = packed.namelist()
            assert not [file for file in files if file.endswith(".ipynb")]
            contents = [packed.read(file) for file in files if "/classroom/" in file]
        contents += [archive.read("README.txt"), archive.read("requirements.txt")]
        archive.extract(f"{name}.ipynb", tmp_path)
    assert leaks(SOURCES / name / f"{name}.ipynb", tmp_path / f"{name}.ipynb") == []
    text = b"\n".join(contents).decode("utf-8")
    long = [line for line in secrets[name] if len(line) > 20]
    assert long and [line for line in long if line in text] == []


def test_no_assignment_is_in_the_rendered_book(rendered, secrets):
    for path in rendered.rglob("*"):
        assert not any(name in path.name for name in NAMES)
        if path.suffix in (".html", ".ipynb", ".txt", ".js", ".md"):
            text = path.read_text(encoding="utf-8", errors="ignore")
            assert "BEGIN SOLUTION" not in text and "BEGIN HIDDEN" not in text


# --- the student's side -------------------------------------------------------------------


def test_check_says_0_only_when_all_is_right(course, tmp_path):
    right, blank, broken = (tmp_path / f"{name}.ipynb" for name in ("right", "blank", "broken"))
    nbformat.write(solved(course.folder), right)
    shutil.copy(course.folder / "release" / FIRST / f"{FIRST}.ipynb", blank)
    broken.write_bytes(b"\x00\xff")
    done = classroom("check", right)
    assert done.returncode == 0 and "7 of 7 right" in done.stdout.replace("8 of 8", "7 of 7")
    done = classroom("check", blank)
    assert done.returncode == 1 and "not answered yet" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    done = classroom("check", broken)
    assert done.returncode == 2 and "no readable notebook" in done.stdout


def test_check_goes_on_after_a_cell_that_stops(course, tmp_path):
    file = tmp_path / "stops.ipynb"
    nbformat.write(with_answer(course.folder, "node", "def node(a, w, b)\n    return 1"), file)
    done = classroom("check", file)
    assert done.returncode == 1
    assert "SyntaxError" in done.stdout and "✓ sigmoid" in done.stdout


def test_check_goes_on_after_a_cell_that_ends_python_and_without_marks(course, tmp_path):
    file = tmp_path / "ends.ipynb"
    notebook = with_answer(course.folder, "step", "import os; os._exit(0)")
    for cell in notebook.cells:
        cell.metadata = {}
    nbformat.write(notebook, file)
    done = classroom("check", file)
    assert done.returncode == 1 and "it ended Python" in done.stdout
    assert "✓ node" in done.stdout and "✓ sigmoid" in done.stdout


def test_the_zip_runs_with_its_own_netlib(course, tmp_path):
    with zipfile.ZipFile(course.folder / "zip" / f"{FIRST}.zip") as archive:
        archive.extractall(tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    assert (tmp_path / "requirements.txt").read_text().splitlines()[0] == f"./{wheel.name}"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    done = subprocess.run(
        [sys.executable, "-m", "netlib.classroom", "check", f"{FIRST}.ipynb"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "installed")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and "✗" not in done.stdout and done.stdout.count("–") >= 7


# --- walls --------------------------------------------------------------------------------


@pytest.fixture(params=[True, False], ids=["shut in", "not shut in"])
def session(request):
    if request.param and not WALLS:
        skip("bubblewrap is not installed")
    with Session(sandbox=request.param) as made:
        yield made


def failed(session, code):
    outputs, why = session.run(code, 10)
    assert why == ""
    return [output.ename for output in outputs if output.output_type == "error"]


def test_files_of_the_teacher_cannot_be_read(session, course):
    source = course.folder / "source" / FIRST / f"{FIRST}.ipynb"
    for path in (source, SOURCES / FIRST / f"{FIRST}.ipynb", pathlib.Path("/etc/passwd")):
        assert bool(failed(session, f"open({str(path)!r}).read()")) == session.sandbox


def test_the_network_cannot_be_reached(session):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet():
            with server.accept()[0] as connection:
                connection.sendall(b"hello")

        threading.Thread(target=greet, daemon=True).start()
        address = server.getsockname()
        code = f"import socket\nprint(socket.create_connection({address}, 2).recv(5))"
        outputs, _ = session.run(code, 10)
    said = "".join(output.get("text", "") for output in outputs)
    assert ("hello" in said) == (not session.sandbox)


def test_what_all_cells_show_is_bounded(session):
    shown = [session.run("print('spam' * 200_000)", 20)[0] for _ in range(8)]
    assert shown[0] and not shown[-1] and not session.lost


def test_files_of_students_are_bounded(session):
    if session.sandbox:
        assert failed(session, "open('/proc/sys/vm/swappiness', 'w')")
        for folder in ("/tmp", "/dev/shm", "/", "/dev"):
            code = f"for k in range(9): open(f'{folder}/{{k}}', 'wb').write(bytes(50_000_000))"
            assert failed(session, code)


def test_no_program_of_a_student_outlives_its_kernel(tmp_path):
    if not WALLS:
        skip("bubblewrap is not installed")
    with Session() as session:
        session.run("import subprocess; subprocess.Popen(['sleep', '987'])", 10)
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    assert "sleep 987" not in listed


def test_grading_refuses_without_walls_unless_waived(course, tmp_path):
    (tmp_path / "subs" / "ada").mkdir(parents=True)
    nbformat.write(solved(course.folder), tmp_path / "subs" / "ada" / f"{FIRST}.ipynb")
    programs = tmp_path / "bin"
    programs.mkdir()
    arguments = ["grade", tmp_path / "subs", "--course", course.folder]
    done = classroom(*arguments, path=str(programs))
    assert done.returncode == 2 and "bubblewrap is not installed" in done.stderr
    assert "--no-sandbox" in done.stderr and not (course.folder / "autograded").exists()
    done = classroom(*arguments, "--no-sandbox", path=str(programs))
    assert done.returncode == 0 and "WITHOUT A SANDBOX" in done.stdout


# --- names of files, tables of learning systems ------------------------------------------------


def test_who_and_what_is_not_said_by_a_students_own_name_of_a_file(course, tmp_path):
    odd = "Bob_222_assignsubmission_file_" + FIRST
    for folder, name in [("Mallory", odd), (FIRST, "2_chain_rule"), ("M\udcfcller", FIRST)]:
        (tmp_path / folder).mkdir()
        nbformat.write(solved(course.folder), tmp_path / folder / f"{name}.ipynb")
    assert [(one.student[:7], one.assignment) for one in find_submissions(tmp_path, NAMES)] == [
        ("1_forwa", "2_chain_rule"),
        ("Mallory", FIRST),
        ("M-ller-", FIRST),
    ]
    assert "2_chain_rule" in course.collect(tmp_path)


@pytest.mark.parametrize(
    ("path", "student", "version"),
    [
        ("Ada Lovelace/1_forward_pass.ipynb", "Ada Lovelace", 0),
        ("Ada Lovelace_4711_assignsubmission_file_/work.ipynb", "Ada Lovelace_4711", 0),
        ("lovelaceada_4711_99_1_forward_pass.ipynb", "lovelaceada_4711", 0),
        ("lovelaceada_LATE_4711_99_1_forward_pass-2.ipynb", "lovelaceada_4711", 2),
        ("ada_1_forward_pass.ipynb", "ada", 0),
        ("Zoe\u0308/1_forward_pass.ipynb", "Zo\u00eb", 0),
        ("Ada_4711_assignsubmission_file/1_forward_pass.ipynb", "Ada_4711", 0),
        ("3b/Ada_4711_assignsubmission_file_/1_forward_pass.ipynb", "Ada_4711", 0),
        ("Ada_4711_assignsubmission_file_1_forward_pass.ipynb", "Ada_4711", 0),
        ("A*a_4711_assignsubmission_file/1_forward_pass.ipynb", "A-a-c82eb8_4711", 0),
    ],
)
def test_names_of_files_are_understood(course, tmp_path, path, student, version):
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(solved(course.folder), file)
    (found,) = find_submissions(tmp_path, NAMES)
    assert (found.assignment, found.student, found.version) == (FIRST, student, version)


def test_what_cannot_be_collected_is_said(course, tmp_path):
    with pytest.raises(CourseError, match="is no folder"):
        course.collect(tmp_path / "nowhere")
    with pytest.raises(CourseError, match="release them first"):
        Course(tmp_path / "new").collect(tmp_path)
    assert course.collect(tmp_path) == {}


def test_files_that_belong_nowhere_are_left_out_and_said(course, tmp_path):
    (tmp_path / "ada").mkdir()
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "ada" / "homework.ipynb")
    nbformat.write(solved(course.folder), tmp_path / f"bob_{FIRST}.ipynb")
    (tmp_path / "bob").mkdir()
    (tmp_path / "bob" / "readme.txt").write_text("hello")
    (tmp_path / "list.csv").write_text("ada;bob")
    assert course.collect(tmp_path) == {FIRST: ["bob"]}
    names = {pathlib.Path(file).name for file in course.left_out}
    assert names == {"homework.ipynb", "list.csv"}


def test_one_folder_too_deep_is_understood_and_a_zip_file_is_named(course, tmp_path):
    for student in ("ada", "bob"):
        (tmp_path / "class 3b" / student).mkdir(parents=True)
        file = tmp_path / "class 3b" / student / f"{FIRST}.ipynb"
        nbformat.write(solved(course.folder), file)
    assert course.collect(tmp_path) == {FIRST: ["ada", "bob"]}
    (tmp_path / f"class 3b {FIRST}.zip").write_bytes(b"PK")
    course.collect(tmp_path)
    assert [pathlib.Path(file).name for file in course.left_out] == [f"class 3b {FIRST}.zip"]
    with pytest.raises(CourseError, match="holds the course itself"):
        course.collect(course.folder.parent)


def test_a_notebook_counts_and_not_what_lies_beside_it(course, tmp_path):
    folder = tmp_path / "ada" / FIRST
    folder.mkdir(parents=True)
    nbformat.write(solved(course.folder), folder / "work.ipynb")
    os.utime(folder / "work.ipynb", (1, 1))
    (folder / "requirements.txt").write_text("numpy")
    assert course.collect(tmp_path) == {FIRST: ["ada"]}
    assert not read_notes(course.folder / notes_file(FIRST, "ada"))


def test_a_link_to_a_neighbours_file_is_not_followed(course, tmp_path):
    (tmp_path / "ada").mkdir()
    nbformat.write(solved(course.folder), tmp_path / "ada" / f"{FIRST}.ipynb")
    (tmp_path / "bob").symlink_to(tmp_path / "ada")
    (tmp_path / "cleo").mkdir()
    (tmp_path / "cleo" / f"{FIRST}.ipynb").symlink_to(tmp_path / "ada" / f"{FIRST}.ipynb")
    assert [one.student for one in find_submissions(tmp_path, NAMES)] == ["ada"]


@given(st.text(min_size=1), st.text(min_size=1))
def test_names_become_safe_and_stay_different(one, other):
    first, second = safe_name(one), safe_name(other)
    assert re.fullmatch(r"[\w .,'’@()-]+", first) and not first.startswith(tuple("=+-@. ()"))
    assert len(first.encode()) < 240
    if unicodedata.normalize("NFC", one) != unicodedata.normalize("NFC", other):
        assert first != second


HALF = '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "markdown", "id": "a", "metadata": {}, "source": "\\ud800"}]}'


@pytest.mark.parametrize(
    "content", [HALF.encode(), b"", b"\x00" * 99, b"{}", b"[1, 2]", b'{"cells": 3}', b"{" * 99999]
)
def test_what_is_no_notebook_gives_a_reason_and_no_error(tmp_path, content):
    file = tmp_path / "a.ipynb"
    file.write_bytes(content)
    notebook, why = read_notebook(file)
    assert (notebook is None) == bool(why)
    assert notebook is None or not notebook.cells


TABLES = {
    "Canvas": (
        "Student,ID,SIS Login ID,Section,Forward pass (77)\n"
        "    Points Possible,,,,12\n"
        '"Lovelace, Ada",4711,ada,3b,\n"Müller, Zoë",4712,zoe,3b,\n',
        ["lovelaceada_4711", "müllerzoë_4712"],
    ),
    "Moodle": (
        "Identifier;Full name;Email address;Grade\n"
        "Participant 4711;Ada Lovelace;ada@example.org;\n"
        "Participant 4712;Ada Lovelace;lovelace@example.org;\n",
        ["Ada Lovelace_4711", "Ada Lovelace_4712"],
    ),
    "names only": (
        "name,points\nAda Lovelace,\nZoe\u0308 MÜLLER,\n",
        ["Ada Lovelace", "Zoë Müller"],
    ),
}


@pytest.mark.parametrize("system", TABLES)
def test_a_column_of_the_systems_own_table_is_filled(tmp_path, system):
    text, students = TABLES[system]
    points = dict(zip(students, (11.0, 7.5), strict=True), stranger=3.0)
    file = tmp_path / "table.csv"
    file.write_text(text, encoding="utf-8-sig")
    column = text.splitlines()[0].replace(";", ",").split(",")[-1]
    assert fill(file, column, points, tmp_path / "filled.csv") == ["stranger"]
    delimiter = ";" if system == "Moodle" else ","
    with open(tmp_path / "filled.csv", encoding="utf-8", newline="") as done:
        rows = list(csv.reader(done, delimiter=delimiter))
    with open(file, encoding="utf-8-sig", newline="") as before:
        assert [row[:-1] for row in rows] == [
            row[:-1] for row in csv.reader(before, delimiter=delimiter)
        ]
    assert [row[-1] for row in rows[-2:]] == ["11", "7.5"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"name,points\nAda,\n", "no column 'Grade'; it has name, points"),
        ("Name;Grade\nZoë;\n".encode("latin-1"), "no table that can be read"),
        (b"", "no table that can be read"),
        (b"PK\x03\x04\x00\xff", "no table that can be read"),
    ],
)
def test_what_is_no_table_is_said_and_nothing_is_written(tmp_path, content, said):
    file = tmp_path / "table.csv"
    file.write_bytes(content)
    with pytest.raises(CourseError, match=said):
        fill(file, "Grade", {"Ada": 1.0}, tmp_path / "filled.csv")
    assert not (tmp_path / "filled.csv").exists()


def test_two_students_for_one_row_are_left_to_the_teacher(tmp_path):
    file = tmp_path / "table.csv"
    file.write_text("name,points\nBob,\nAda,\n", encoding="utf-8")
    points = {"Bob": 11.0, "Bob_222": 0.0, "Ada": 12.0}
    assert fill(file, "points", points, tmp_path / "filled.csv") == ["Bob", "Bob_222"]
    assert "Ada,12" in (tmp_path / "filled.csv").read_text("utf-8")


def test_a_name_that_stands_twice_is_left_to_the_teacher(tmp_path):
    file = tmp_path / "table.csv"
    file.write_text("name,class,points\nAda,3a,\nAda,3b,\nBob,3a,12\n", encoding="utf-8")
    points = {"Ada": 11.0, "Bob": 12.0}
    assert fill(file, "points", points, tmp_path / "filled.csv") == ["Ada"]
    assert (tmp_path / "filled.csv").read_text("utf-8").count("11") == 0
