"""The folder of a course: release, collect, grade, give back. nbgrader does the work."""

import contextlib
import csv
import hashlib
import multiprocessing
import os
import re
import secrets
import shutil
import subprocess
import sys
import unicodedata
import warnings
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.plugins import ExportPlugin
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    DeduplicateIds,
    GetGrades,
    LimitOutput,
    OverwriteCells,
    OverwriteKernelspec,
)
from nbgrader.server_extensions.formgrader import handlers as formgrader
from sqlalchemy.exc import SAWarning
from traitlets.config import Config

from netlib.classroom.grading import (
    SECRET,
    GradeApart,
    RestoreCells,
    SaveGrades,
    add_note,
    mark,
    notes_file,
    read_notes,
)
from netlib.classroom.pages import PrepareFeedback, ShowToTeacher, to_html, without_marks
from netlib.classroom.session import require_sandbox

SOURCES = Path(__file__).parents[2] / "book" / "assignments"
LARGEST_FILE = 20  # megabytes
MOST_CELLS = 1000
LONGEST_NAME = 50  # characters; some take four bytes, and a name of a file has at most 255
SECONDS = 20  # for a cell, or for one call of a function
LONGEST = 400  # seconds for a submission, whatever happens
GIGABYTES = 4  # of memory for the program that grades one
ODD = re.compile(
    r"[^\w .,'’@()-]"
)  # in a name of a student: what a file, nbgrader or a table minds
CANVAS = re.compile(r"(?P<name>[^_]+)(_LATE)?_(?P<id>\d+)_\d+_(?P<file>.+?)(-(?P<version>\d+))?")
MOODLE = re.compile(r"(?P<name>.+)_(?P<id>\d+)_assignsubmission_file_?")

if sys.platform == "win32":
    PROCESSES = multiprocessing.get_context("spawn")
else:  # each begins with what is imported here
    PROCESSES = multiprocessing.get_context("forkserver")
    PROCESSES.set_forkserver_preload([__name__])


class CourseError(RuntimeError):
    """The course cannot do what was asked; the message says what to do."""


def configure(config: Any, sandbox: bool = True, seconds: float = SECONDS) -> Any:
    """Set nbgrader up for this book's assignments.

    Parameters
    ----------
    config : traitlets.config.Config
        What `get_config()` gives in a `nbgrader_config.py`, or a new one.
    sandbox : bool
        Whether students' code is shut in with bubblewrap.
    seconds : float
        How long a cell, or one call of a function, may take.

    Returns
    -------
    traitlets.config.Config
        The same.
    """
    config.ClearSolutions.code_stub = {"python": "# your answer here"}
    config.ClearSolutions.text_stub = "*Your answer here.*"
    config.Autograde.sanitize_preprocessors = [
        ClearOutput, DeduplicateIds, RestoreCells, OverwriteKernelspec, OverwriteCells,
        CheckCellMetadata,
    ]  # fmt: skip
    config.Autograde.autograde_preprocessors = [
        GradeApart, LimitOutput, SaveGrades, AssignLatePenalties, CheckCellMetadata,
    ]  # fmt: skip
    config.GenerateFeedback.preprocessors = [GetGrades, PrepareFeedback]
    config.HTMLExporter.extra_template_basedirs = [
        str(Path(__file__).with_name("templates")),
        formgrader.template_path,
    ]
    config.HTMLExporter.filters = {"markdown2html": to_html}
    config.HTMLExporter.preprocessors = [ShowToTeacher]
    config.GradeApart.sandbox = sandbox
    config.GradeApart.cell_seconds = seconds
    config.ExportApp.plugin_class = PointsExport
    return config


class Course:
    """A course in a folder: sources, released files, submissions, grades, feedback.

    Parameters
    ----------
    folder : path
        Where it is, or is to be.
    sandbox : bool
        Whether students' code is shut in with bubblewrap.
    seconds : float
        How long a cell, or one call of a function, may take.
    """

    def __init__(
        self, folder: str | os.PathLike[str], sandbox: bool = True, seconds: float = SECONDS
    ) -> None:
        self.folder = Path(folder).resolve()
        self.sandbox, self.seconds = sandbox, seconds
        self.left_out: list[str] = []
        programs = str(Path(sys.executable).parent)  # nbgrader calls alembic by its bare name
        if programs not in os.environ["PATH"].split(os.pathsep):
            os.environ["PATH"] = programs + os.pathsep + os.environ["PATH"]
        config = configure(Config(), sandbox, seconds)
        config.CourseDirectory.root = str(self.folder)
        self.nbgrader = NbGraderAPI(config=config)

    def gradebook(self) -> Any:
        """nbgrader's database of points; use it in a `with`."""
        return Gradebook(self.nbgrader.coursedir.db_url)

    # --- release --------------------------------------------------------------------------

    def release(self, sources: Path = SOURCES) -> Path:
        """Write the students' notebooks, and for each a zip file with all that it needs.

        A later assignment may show what an earlier one asks for, so each has its own.

        Parameters
        ----------
        sources : path
            The teacher's notebooks, each in a folder of its name.

        Returns
        -------
        path
            The folder of the zip files.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self.folder / SECRET).exists():
            (self.folder / SECRET).write_text(secrets.token_hex())
        (self.folder / "nbgrader_config.py").write_text(
            "from netlib.classroom.course import configure\n\nconfigure(get_config())\n"
        )
        for source in sorted(sources.glob("*/*.ipynb")):
            name = source.stem
            self._require_same_checks(source)
            target = self.folder / "source" / name / source.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            _must(self.nbgrader.generate_assignment(name, force=True), f"releasing {name}")
            if found := leaks(target, self.folder / "release" / name / source.name):
                raise CourseError(f"{name}: solutions stand in the students' file: {found[:3]}")
        wheel = self._wheel()
        for name in self.assignments():
            self._zip(name, wheel)
        return self.folder / "zip"

    def _require_same_checks(self, source: Path) -> None:
        """Raise `CourseError` if submissions have been graded by other checks than these."""
        now = {mark(c) for c in nbformat.read(source, as_version=4).cells if utils.is_grade(c)}
        with self.gradebook() as gradebook:
            if not gradebook.assignment_submissions(source.stem):
                return
            then = {c.name for c in gradebook.find_notebook(source.stem, source.stem).grade_cells}
        if now != then:
            raise CourseError(
                f"{source.stem} has other checks than those that submissions in {self.folder} were "
                f"graded by: {', '.join(sorted(now ^ then))}. Release it into another folder "
                "(--course), or remove this one if its grades are not needed any more."
            )

    def assignments(self) -> list[str]:
        """The names of the released assignments."""
        return sorted(path.name for path in (self.folder / "release").glob("*"))

    def _wheel(self) -> Path:
        """`netlib` as a package that pip installs."""
        folder = self.folder / "wheel"
        shutil.rmtree(folder, ignore_errors=True)
        build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
        subprocess.run([*build, "-w", folder, SOURCES.parents[1]], check=True)
        (wheel,) = folder.glob("*.whl")
        return wheel

    def _zip(self, name: str, wheel: Path) -> None:
        """The released notebook with `netlib`, and the list of what to install."""
        target = self.folder / "zip" / f"{name}.zip"
        target.parent.mkdir(exist_ok=True)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(self._released(name), f"{name}.ipynb")
            archive.write(wheel, wheel.name)
            archive.writestr("requirements.txt", f"./{wheel.name}\njupyterlab>=4.2\n")
            archive.writestr("README.txt", README.format(name=name))

    # --- collect --------------------------------------------------------------------------

    def collect(self, downloads: Path) -> dict[str, list[str]]:
        """Take over the submissions from a folder, as a learning system hands it out.

        Parameters
        ----------
        downloads : path
            Of each student a folder or a file. The names that Canvas and Moodle give are
            understood; otherwise the name of the folder, or of the file, is the student's.

        Returns
        -------
        dict of str to list of str
            For each assignment, who has handed it in. `left_out` then holds the notebooks that
            belong to no assignment, and files of students of whom nothing else came.
        """
        found: dict[tuple[str, str], list[Submission]] = {}
        for one in find_submissions(downloads, self.assignments()):
            found.setdefault((one.assignment, one.student), []).append(one)
        known = {student for assignment, student in found if assignment}
        unknown = [key for key in found if not key[0]]
        files = [one for key in unknown for one in found.pop(key)]
        self.left_out = [
            str(one.file)
            for one in files
            if one.file.suffix == ".ipynb" or one.student not in known
        ]
        for (assignment, student), files in sorted(found.items()):
            file = self.folder / notes_file(assignment, student)
            file.unlink(missing_ok=True)
            one = max(files, key=Submission.order)
            same = [other for other in files if other.file.suffix == one.file.suffix]
            if len(same) > 1:
                ignored = ", ".join(other.file.name for other in same if other is not one)
                add_note(file, f"{len(same)} files came: {one.file.name} was graded, not {ignored}")
            notebook, why = read_notebook(one.file)
            if notebook is None:
                add_note(file, f"nothing could be graded: {one.file.name} {why}")
                notebook = nbformat.read(self._released(assignment), as_version=4)
            target = self.folder / "submitted" / student / assignment / f"{assignment}.ipynb"
            target.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook, target)
            when = datetime.fromtimestamp(one.file.stat().st_mtime, UTC)
            (target.parent / "timestamp.txt").write_text(f"{when:%Y-%m-%d %H:%M:%S} UTC")
        result: dict[str, list[str]] = {}
        for assignment, student in sorted(found):
            result.setdefault(assignment, []).append(student)
        return result

    def _released(self, assignment: str) -> Path:
        return self.folder / "release" / assignment / f"{assignment}.ipynb"

    # --- grade ----------------------------------------------------------------------------

    def grade(self, collected: dict[str, list[str]], jobs: int = 2) -> Iterator[tuple[str, str]]:
        """Grade submissions side by side, and write a page of feedback for each.

        Parameters
        ----------
        collected : dict of str to list of str
            From `collect`.
        jobs : int
            How many at a time.

        Yields
        ------
        tuple of str
            Assignment and student, as they are done.

        Raises
        ------
        SandboxMissing
            If students' code is to be shut in, and bubblewrap is not there.
        """
        if self.sandbox:
            require_sandbox()
        with self.gradebook() as gradebook:
            for student in {name for names in collected.values() for name in names}:
                gradebook.update_or_create_student(student)
        cases = [(a, student) for a, students in collected.items() for student in students]
        with ThreadPoolExecutor(jobs) as pool:
            runs = {pool.submit(self._grade_alone, *case): case for case in cases}
            try:
                for run in as_completed(runs):
                    run.result()
                    yield runs[run]
            finally:
                pool.shutdown(cancel_futures=True)

    def _grade_alone(self, assignment: str, student: str) -> None:
        """Grade one submission in a process of its own, so that the others do not depend on it."""
        self._page(assignment, student).unlink(missing_ok=True)
        arguments = (self.folder, self.sandbox, self.seconds, assignment, student)
        process = PROCESSES.Process(target=_grade_one, args=arguments, daemon=True)
        process.start()
        process.join(LONGEST)
        why = f"its program ended with {process.exitcode}" if process.exitcode else ""
        if process.is_alive():
            process.kill()
            process.join()
            why = f"it took longer than {LONGEST} seconds"
        if why:
            add_note(self.folder / notes_file(assignment, student), f"grading failed: {why}")

    def _page(self, assignment: str, student: str) -> Path:
        """The page of feedback."""
        return self.folder / "feedback" / student / assignment / f"{assignment}.html"

    def failures(self, collected: dict[str, list[str]]) -> Iterator[tuple[str, str, str]]:
        """What could not be graded, though it was collected.

        Parameters
        ----------
        collected : dict of str to list of str
            From `collect`.

        Yields
        ------
        tuple of str
            Assignment, student, and the notes.
        """
        for assignment, students in collected.items():
            for student in students:
                if not self._page(assignment, student).exists():
                    notes = read_notes(self.folder / notes_file(assignment, student))
                    yield assignment, student, "; ".join(notes)

    def feedback(self) -> None:
        """Write the pages of feedback again, after marks were given by hand."""
        for assignment in self.assignments():
            if list((self.folder / "autograded").glob(f"*/{assignment}")):
                result = self.nbgrader.generate_feedback(assignment, force=True)
                _must(result, f"feedback on {assignment}")

    def export(self) -> Path:
        """Write `grades.csv`: for each submission its points, check by check, and the notes.

        Returns
        -------
        path
            The file.
        """
        target = self.folder / "grades.csv"
        with self.gradebook() as gradebook:
            PointsExport(to=str(target), parent=self.nbgrader).export(gradebook)
        return target

    def pack(self) -> list[Path]:
        """Put the pages of feedback into a zip file for each assignment.

        The names in it are those that Moodle takes back; other systems do not mind them.

        Returns
        -------
        list of path
            The zip files.
        """
        packed = []
        for assignment in self.assignments():
            pages = sorted((self.folder / "feedback").glob(f"*/{assignment}/{assignment}.html"))
            if pages:
                packed.append(self.folder / "feedback" / f"{assignment}.zip")
                with zipfile.ZipFile(packed[-1], "w", zipfile.ZIP_DEFLATED) as archive:
                    for page in pages:
                        student = page.parts[-3]
                        archive.write(page, f"{student}_assignfeedback_file_{page.name}")
        return packed

    def fill(self, table: Path, column: str, assignment: str, to: Path) -> tuple[int, list[str]]:
        """Fill a column of a learning system's own export with the points of an assignment.

        Parameters
        ----------
        table : path
            A CSV file, as Canvas, Moodle or another system has exported it.
        column : str
            The heading of the column to fill; it is added if it is not there.
        assignment : str
            Whose points.
        to : path
            The file to write.

        Returns
        -------
        int, list of str
            How many rows were filled, and the students who stand in no row or in several.
        """
        with table.open(encoding="utf-8-sig", newline="") as file:
            dialect = csv.Sniffer().sniff(file.readline(), ",;\t")
            file.seek(0)
            rows = list(csv.reader(file, dialect))
        heading, people = rows[0], rows[1:]
        if column not in heading:
            heading.append(column)
        place = heading.index(column)
        points = self._points(assignment)
        nowhere = []
        for student in sorted(points):
            match rows_of(student, people):
                case [row]:
                    row += [""] * (place + 1 - len(row))
                    row[place] = f"{points[student]:g}"
                case _:  # in no row, or in several
                    nowhere.append(student)
        with to.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, dialect).writerows(rows)
        return len(points) - len(nowhere), nowhere

    def waiting(self, assignment: str) -> list[str]:
        """The students of whom something is still to be marked by hand."""
        with self.gradebook() as gradebook:
            submissions = gradebook.assignment_submissions(assignment)
            return sorted(s.student.id for s in submissions if s.needs_manual_grade)

    def _points(self, assignment: str) -> dict[str, float]:
        with self.gradebook() as gradebook:
            return {s.student.id: s.score for s in gradebook.assignment_submissions(assignment)}


# --- one submission -----------------------------------------------------------------------


@dataclass
class Submission:
    """A file that came from a student; an assignment without a name is not known."""

    assignment: str
    student: str
    file: Path
    version: int = 0

    def order(self) -> tuple[bool, int, float]:
        """The one that counts is the largest: a notebook, the last version, the latest."""
        return self.file.suffix == ".ipynb", self.version, self.file.stat().st_mtime


def find_submissions(downloads: Path, assignments: list[str]) -> Iterator[Submission]:
    """Each file of a folder, with whose it is and of which assignment.

    Parameters
    ----------
    downloads : path
        The folder.
    assignments : list of str
        The names that are possible.

    Yields
    ------
    Submission
        One for each file that is not hidden, and no link to another one.
    """
    for file in sorted(downloads.rglob("*")):
        parts = file.relative_to(downloads).parts
        above = [downloads.joinpath(*parts[:k]) for k in range(1, len(parts) + 1)]
        if not file.is_file() or any(path.is_symlink() for path in above):
            continue
        if any(part.startswith((".", "__MACOSX")) for part in parts):
            continue
        assignment, version = which_assignment(file, assignments), 0
        if len(parts) > 1:
            moodle = MOODLE.fullmatch(parts[0])
            student, number = (moodle["name"], moodle["id"]) if moodle else (parts[0], "")
        elif canvas := CANVAS.fullmatch(file.stem):
            student, number = canvas["name"], canvas["id"]
            version = int(canvas["version"] or 0)
        else:
            student = file.stem.removesuffix(assignment).rstrip("_- ") or file.stem
            number = ""
        student = "_".join(filter(None, (safe_name(student), number)))
        yield Submission(assignment, student, file, version)


def safe_name(student: str) -> str:
    """A student's name without what files, nbgrader or tables mind; different ones stay different."""
    name = unicodedata.normalize("NFC", student)
    safe = ODD.sub("-", name)[:LONGEST_NAME].strip(" .,'@()-")
    other = hashlib.sha256(name.encode()).hexdigest()[:6]
    return safe if safe == name else f"{safe}-{other}".lstrip("-")


def which_assignment(file: Path, assignments: list[str]) -> str:
    """The assignment that a file belongs to, by its name or by what it says inside, or nothing."""
    for name in assignments:
        if name in str(file):
            return name
    notebook, _ = read_notebook(file)
    if notebook is not None and notebook.metadata.get("assignment") in assignments:
        return str(notebook.metadata["assignment"])
    return assignments[0] if len(assignments) == 1 else ""


def read_notebook(file: Path) -> tuple[Any, str]:
    """The cells of a notebook, without what they show, or None and why it cannot be read."""
    if file.suffix != ".ipynb":
        return None, "is not a notebook (its name does not end in .ipynb)"
    if file.stat().st_size > LARGEST_FILE * 2**20:
        return None, f"is larger than {LARGEST_FILE} MB"
    try:
        text = file.read_text(encoding="utf-8")
        if text.count('"cell_type"') > MOST_CELLS:
            return None, f"has more than {MOST_CELLS} cells"
        found = nbformat.reads(text, as_version=4)
        notebook = new_notebook(cells=[_taken_over(cell) for cell in found.cells])
        if isinstance(found.metadata.get("assignment"), str):
            notebook.metadata["assignment"] = found.metadata["assignment"]
        nbformat.validate(notebook)
    except Exception as error:
        return None, f"is no readable notebook ({type(error).__name__})"
    return notebook, ""


def _taken_over(cell: Any) -> Any:
    """A cell with its source, its images and its mark, and nothing else that came with it."""
    make: Any = new_code_cell if cell.cell_type == "code" else new_markdown_cell
    new = make(cell.source)
    if cell.cell_type == "markdown" and "attachments" in cell:
        new["attachments"] = cell.attachments
    marks = cell.metadata.get("nbgrader")
    if isinstance(marks, dict) and isinstance(marks.get("grade_id"), str):
        new.metadata["nbgrader"] = {k: marks[k] for k in ("grade_id", "points") if k in marks}
    return new


def rows_of(student: str, rows: list[list[str]]) -> list[list[str]]:
    """The rows of a system's table that are about a student: by number, in front, else by name."""
    name, _, number = student.rpartition("_")
    if number.isdigit():
        numbered = [row for row in rows if any(re.fullmatch(rf"\D*{number}", v) for v in row[:3])]
        if numbered:
            return numbered
    names = {one.casefold() for one in (student, name) if one}
    return [
        row
        for row in rows
        if names & {unicodedata.normalize("NFC", v.strip()).casefold() for v in row}
    ]


def solved(source: Path, released: Path) -> Any:
    """The released notebook with the teacher's answers: what a student with all points hands in.

    Parameters
    ----------
    source, released : path
        The teacher's notebook and the students'.

    Returns
    -------
    notebook
        A new notebook.
    """
    notebook = nbformat.read(released, as_version=4)
    answers = {cell.metadata.nbgrader.grade_id: cell for cell in nbformat.read(source, 4).cells}
    for cell in notebook.cells:
        if cell.metadata.nbgrader.solution:
            answer = answers[cell.metadata.nbgrader.grade_id].source
            cell.source = without_marks(answer)
    return notebook


def leaks(source: Path, released: Path) -> list[str]:
    """Lines of solutions and hidden tests that stand in a released file too."""
    secret: set[str] = set()
    public: set[str] = set()
    for cell in nbformat.read(source, as_version=4).cells:
        inside = False
        for line in cell.source.splitlines():
            inside = (inside or "### BEGIN" in line) and "### END" not in line
            if len(line.strip()) > 8:
                (secret if inside and "### BEGIN" not in line else public).add(line.strip())
    text = released.read_text(encoding="utf-8")
    marks = [word for word in ("### BEGIN", "### END") if word in text]
    lines = {
        line.strip() for cell in nbformat.reads(text, 4).cells for line in cell.source.splitlines()
    }
    return [*marks, *sorted((secret - public) & lines)]


def _grade_one(folder: Path, sandbox: bool, seconds: float, assignment: str, student: str) -> None:
    """Grade one submission in this process; what fails is noted."""
    _limit_memory()
    warnings.simplefilter("ignore", SAWarning)  # nbgrader's own, about its tables
    course = Course(folder, sandbox, seconds)
    result = course.nbgrader.autograde(assignment, student, force=True)
    if result["success"]:
        result = course.nbgrader.generate_feedback(assignment, student, force=True)
    if not result["success"]:
        why = (result.get("error") or result.get("log") or "").strip().splitlines()[-1:]
        file = course.folder / notes_file(assignment, student)
        add_note(file, f"grading failed; grade this one by hand: {' '.join(why)}")


def _limit_memory() -> None:
    if sys.platform == "win32":
        return
    import resource

    with contextlib.suppress(ValueError, OSError):  # macOS cannot
        resource.setrlimit(resource.RLIMIT_AS, (GIGABYTES * 2**30,) * 2)


def _must(result: dict[str, Any], what: str) -> None:
    if not result["success"]:
        raise CourseError(f"{what} failed: {result.get('log') or result.get('error')}")


class PointsExport(ExportPlugin):  # type: ignore[misc]
    """A CSV table with a row for each submission: points of each check, and the notes."""

    def export(self, gradebook: Any) -> None:
        """Write it to `self.to`, or to grades.csv."""
        target = Path(self.to or "grades.csv").resolve()
        rows = []
        for assignment in gradebook.assignments:
            released = target.parent / "release" / assignment.name / f"{assignment.name}.ipynb"
            order = [mark(cell) for cell in nbformat.read(released, as_version=4).cells]
            for submission in gradebook.assignment_submissions(assignment.name):
                (notebook,) = submission.notebooks
                file = target.parent / notes_file(assignment.name, submission.student.id)
                row = {
                    "student": submission.student.id,
                    "assignment": assignment.name,
                    "points": f"{submission.score:g}",
                    "of": f"{submission.max_score:g}",
                    "to mark by hand": "yes" if submission.needs_manual_grade else "",
                    "notes": "; ".join(read_notes(file)),
                }
                for grade in sorted(notebook.grades, key=lambda grade: order.index(grade.name)):
                    row[f"{assignment.name}: {grade.name}"] = f"{grade.score:g}"
                rows.append(row)
        heading = list(dict.fromkeys(key for row in rows for key in row))
        heading.sort(key=lambda key: key == "notes")  # the notes last
        with target.open("w", encoding="utf-8", newline="") as out:
            table = csv.DictWriter(out, heading)
            table.writeheader()
            table.writerows(sorted(rows, key=lambda row: (row["assignment"], row["student"])))


README = """\
Assignment {name}

1. Once: pip install -r requirements.txt
2. jupyter lab
3. Open {name}.ipynb. Put your answers where it says "your answer here", and run the cell below:
   it says whether the answer is right, and if not, what to look at.
4. Before you hand it in: python -m netlib.classroom check {name}.ipynb
5. Hand in {name}.ipynb, under this name.
"""
