"""The folder of a course: release, collect, grade, give back. nbgrader does the work."""

import contextlib
import multiprocessing
import os
import re
import secrets
import shutil
import sys
import time
import warnings
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
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

from netlib.classroom.errors import CourseError
from netlib.classroom.grading import (
    SECRET,
    GradeApart,
    RestoreCells,
    SaveGrades,
    mark,
)
from netlib.classroom.notes import add_note, notes_file, read_notes
from netlib.classroom.pages import PrepareFeedback, ShowToTeacher, to_html, without_marks
from netlib.classroom.session import require_sandbox
from netlib.classroom.submissions import Submission, find_submissions, read_notebook
from netlib.classroom.tables import PointsExport
from netlib.classroom.wheel import build_wheel
from netlib.files import write_text

SOURCES = Path(__file__).parents[2] / "book" / "assignments"
SECONDS = 20  # for a cell, or for one call of a function
LONGEST = 400  # seconds for a submission, whatever happens
GIGABYTES = 4  # of memory for the program that grades one

if sys.platform == "win32":
    PROCESSES = multiprocessing.get_context("spawn")
else:  # each begins with what is imported here
    PROCESSES = multiprocessing.get_context("forkserver")
    PROCESSES.set_forkserver_preload([__name__])


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
            write_text(self.folder / SECRET, secrets.token_hex())
        (self.folder / "nbgrader_config.py").write_text(
            "from netlib.classroom.course import configure\n\nconfigure(get_config())\n"
            f"get_config().Exchange.root = {str(self.folder / 'exchange')!r}\n"
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
        wheel = build_wheel(self.folder / "wheel")
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

    def _require_release(self) -> None:
        if not self.assignments():
            raise CourseError(f"{self.folder} holds no released assignments: release them first")

    def assignments(self) -> list[str]:
        """The names of the released assignments."""
        return sorted(path.name for path in (self.folder / "release").glob("*"))

    def _zip(self, name: str, wheel: Path) -> None:
        """The released notebook with `netlib`, and the list of what to install."""
        target = self.folder / "zip" / f"{name}.zip"
        target.parent.mkdir(exist_ok=True)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(self._released(name), f"{name}.ipynb")
            archive.write(wheel, wheel.name)
            needed = f"./{wheel.name}\njupyterlab>=4.2\njupyterlab-myst>=2.4\n"
            archive.writestr("requirements.txt", needed)
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

        Raises
        ------
        CourseError
            If nothing is released, or there is no such folder.
        """
        self._require_release()
        if not downloads.is_dir():
            raise CourseError(f"{downloads} is no folder; give the folder with the submissions")
        if self.folder.is_relative_to(downloads.resolve()):
            raise CourseError(f"{downloads} holds the course itself; give a folder of submissions")
        found: dict[tuple[str, str], list[Submission]] = {}
        for one in find_submissions(downloads, self.assignments()):
            found.setdefault((one.assignment, one.student), []).append(one)
        known = {student for assignment, student in found if assignment}
        unknown = [key for key in found if not key[0]]
        files = [one for key in unknown for one in found.pop(key)]
        self.left_out = [
            str(one.file)
            for one in files
            if one.file.suffix.lower() in (".ipynb", ".zip") or one.student not in known
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
            when = datetime.fromtimestamp(min(one.file.stat().st_mtime, time.time()), UTC)
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
        self._require_release()
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
            pages = {
                student: self._page(assignment, student) for student in self.points(assignment)
            }
            if any(page.exists() for page in pages.values()):
                packed.append(self.folder / "pages" / f"{assignment}.zip")
                packed[-1].parent.mkdir(exist_ok=True)
                with zipfile.ZipFile(packed[-1], "w", zipfile.ZIP_DEFLATED) as archive:
                    for student, page in sorted(pages.items()):
                        if page.exists():
                            archive.write(page, f"{student}_assignfeedback_file_{page.name}")
        return packed

    def waiting(self, assignment: str) -> list[str]:
        """The students of whom something is still to be marked by hand."""
        with self.gradebook() as gradebook:
            submissions = gradebook.assignment_submissions(assignment)
            return sorted(s.student.id for s in submissions if s.needs_manual_grade)

    def most(self, assignment: str) -> float:
        """How many points an assignment has."""
        with self.gradebook() as gradebook:
            return float(gradebook.find_assignment(assignment).max_score)

    def points(self, assignment: str) -> dict[str, float]:
        """What each student has, of an assignment that was released."""
        self._require_release()
        if assignment not in self.assignments():
            names = ", ".join(self.assignments())
            raise CourseError(f"there is no assignment {assignment!r}; there are {names}")
        with self.gradebook() as gradebook:
            return {s.student.id: s.score for s in gradebook.assignment_submissions(assignment)}


# --- one assignment -----------------------------------------------------------------------


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
        log = f"{result.get('error')}\n{result.get('log')}"
        why = re.findall(r"^ *([\w.]+(?:Error|Exception|Entry): .*)", log, re.M)[-1:]
        file = course.folder / notes_file(assignment, student)
        add_note(file, f"grading failed; grade this one by hand ({' '.join(why)})")


def _limit_memory() -> None:
    if sys.platform == "win32":
        return
    import resource

    with contextlib.suppress(ValueError, OSError):  # macOS cannot
        resource.setrlimit(resource.RLIMIT_AS, (GIGABYTES * 2**30,) * 2)


def _must(result: dict[str, Any], what: str) -> None:
    if not result["success"]:
        raise CourseError(f"{what} failed: {result.get('log') or result.get('error')}")


README = """\
Assignment {name}

You need Python 3.11 or newer. Open a terminal in this folder. Once:

    python3 -m venv env
    source env/bin/activate
    python -m pip install -r requirements.txt

(On Windows: py -m venv env, and then env\\Scripts\\activate.) Then, and on any other day after
activating again:

    python -m jupyter lab

Open {name}.ipynb. Write your answers where it says "your answer here", and run the cell below
each: it says whether the answer is right, and if not, what to look at. At the end,

    python -m netlib.classroom check {name}.ipynb

says whether all is right. Hand in {name}.ipynb, under this name.
"""
