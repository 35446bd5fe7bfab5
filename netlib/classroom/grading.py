"""What nbgrader lacks, as preprocessors of its documented kind.

`RestoreCells` puts a submission back into the form of the released notebook. `GradeApart` runs
the student's cells in a kernel shut in on its own, and the checks here, where no student's code
runs.
"""

import ast
import builtins
import contextlib
import io
import json
import re
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_output
from nbgrader import utils
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades
from traitlets import Bool, Float

from netlib.classroom import checks
from netlib.classroom.notes import add_note, notes_file
from netlib.classroom.session import Interrupted, Session
from netlib.files import write_text

FILE = re.compile(r"\(\d+\.py, ")  # Jupyter's name for a cell in an error of syntax
SECRET = "secret.txt"  # in the folder of the course; a new answer meets new hidden inputs
REVIVALS = 3  # how often a kernel that was lost is started again


def note(resources: Any, sentence: str) -> None:
    """Add a note on the submission that nbgrader is working on."""
    names = resources["nbgrader"]
    add_note(notes_file(names["assignment"], names["student"]), sentence)


def defined(source: str) -> set[str]:
    """The functions and variables that a cell defines."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set(re.findall(r"^(?:def +)?(\w+) *[(=]", source, re.M))
    functions = {part.name for part in tree.body if isinstance(part, ast.FunctionDef)}
    return functions | {
        part.id
        for line in tree.body
        if isinstance(line, ast.Assign)
        for part in ast.walk(line)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    }


def mark(cell: Any) -> str:
    """The name that nbgrader knows a cell by, or nothing."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def same_text(one: Any, other: Any) -> bool:
    """Whether two cells say the same."""
    return bool(one.cell_type == other.cell_type and one.source.split() == other.source.split())


class RestoreCells(NbGraderPreprocessor):  # type: ignore[misc]
    """The released notebook, with the student's answers and additional cells in it.

    An answer is found by its nbgrader id. Where a program has dropped the ids it is found by the
    function that it defines, or by its place after the text of its task.
    """

    def preprocess(self, nb: Any, resources: Any) -> Any:
        """Return the restored notebook."""
        names = resources["nbgrader"]
        release = nbformat.read(
            Path("release", names["assignment"], names["notebook"] + ".ipynb"), as_version=4
        )
        answers, extras = self._match(nb.cells, release.cells, resources)
        cells = []
        for k, cell in enumerate(release.cells):
            before, after = (extras.get((k, side), []) for side in ("before", "after"))
            if k in answers:
                cell.source = answers[k].source
                cell.update({key: answers[k][key] for key in answers[k] if key == "attachments"})
            cells += [*before, cell, *after]
        release.cells = cells
        nbformat.validator.normalize(release)
        return release, resources

    def _match(self, found: list[Any], wanted: list[Any], resources: Any) -> tuple[Any, Any]:
        """The cell of each answer, by its place, and the cells that the student has added."""
        places = {mark(cell): k for k, cell in enumerate(wanted) if mark(cell)}
        marked = {mark(cell) for cell in found}
        answers: dict[int, Any] = {}
        extras: dict[tuple[int, str], list[Any]] = {}
        place, lost, checks_changed, points_changed = 0, [], [], []
        for cell in found:
            k = places.get(mark(cell))
            if k is None:
                k = next((k for k, other in enumerate(wanted) if same_text(cell, other)), None)
            if k is None:
                k = self._by_content(cell, wanted, place, marked)
                lost += [] if k is None else [mark(wanted[k])]
            if k is None:
                self._keep(extras, (place, "after"), cell)
                continue
            place = k
            if not utils.is_solution(wanted[k]):
                checks_changed += [] if same_text(cell, wanted[k]) else [mark(wanted[k])]
            elif not same_text(cell, wanted[k]):
                if k in answers:  # of two, the later counts, as in Python
                    self._keep(extras, (k, "before"), answers[k])
                answers[k] = cell
            ours, theirs = (
                c.metadata.get("nbgrader", {}).get("points", 0) for c in (wanted[k], cell)
            )
            points_changed += [mark(cell)] if mark(cell) and ours != theirs else []
        answered = {mark(wanted[k]) for k in answers} | marked
        missing = [
            name
            for name, k in places.items()
            if utils.is_solution(wanted[k]) and name not in answered
        ]
        for what, which in [
            ("answers that had lost their nbgrader marks were found all the same", lost),
            ("cells that may not be changed had been; ours were used", checks_changed),
            ("points had been changed; ours were used", points_changed),
            ("answer cells are missing", missing),
        ]:
            if which:
                note(resources, f"{what}: {', '.join(which)}")
        return answers, extras

    def _keep(
        self, extras: dict[tuple[int, str], list[Any]], where: tuple[int, str], cell: Any
    ) -> None:
        """A cell that the student has added runs where it stood."""
        if cell.cell_type == "code" and cell.source.strip():
            extras.setdefault(where, []).append(new_code_cell(cell.source))

    def _by_content(self, cell: Any, wanted: list[Any], place: int, marked: set[str]) -> int | None:
        """Which answer a cell without its mark is: by what it defines, or by its place."""
        for k, other in enumerate(wanted):
            if utils.is_solution(other) and mark(other) not in marked:
                if cell.cell_type == other.cell_type == "code":
                    if defined(cell.source) & defined(other.source):
                        return k
                elif cell.cell_type == other.cell_type and k == place + 1:
                    return k
        return None


class Remote:
    """A function of the student's, called in the student's kernel."""

    def __init__(self, grader: "GradeApart", name: str) -> None:
        self.grader, self.__name__ = grader, name

    def __call__(self, *arguments: Any) -> Any:
        kind, value = self.grader.ask(self.__name__, arguments)
        self.changes_input = kind == "changed"  # the arguments here are not those over there
        return value


class GradeApart(NbGraderPreprocessor):  # type: ignore[misc]
    """Run the student's cells in a kernel of their own, and the checks in this program.

    A check asks the student's kernel for results, and compares them here. So whatever a student
    replaces, np.allclose or the check itself, is replaced there and not here, and a hidden
    example is never where the student's code could read what it must give.
    """

    sandbox = Bool(True, help="Whether to shut the kernel in with bubblewrap").tag(config=True)
    cell_seconds = Float(20, help="Time for a cell, or for one call of a function").tag(config=True)
    total_seconds = Float(150, help="Time for a whole notebook").tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> Any:
        """Return the notebook with what its cells show, and a mark for each check."""
        self.deadline = time.monotonic() + self.total_seconds
        self.left, self.resources = REVIVALS, resources
        sources = "\n".join(cell.source for cell in nb.cells)
        checks.secret = Path(SECRET).read_text(encoding="utf-8") + sources
        self.done: list[str] = []
        self.stopped: dict[str, str] = {}
        self.broken: dict[str, str] = {}
        ours: dict[str, Any] = {"check_hidden": checks.check_hidden}
        with Session(self.sandbox) as self.session:
            for cell in nb.cells:
                if cell.cell_type != "code":
                    continue
                if utils.is_grade(cell) and not utils.is_solution(cell):
                    self._check(cell, ours)
                    continue
                if utils.is_locked(cell):
                    exec(compile(cell.source, "our cell", "exec"), ours)
                cell.outputs = self._run(cell.source)
        return nb, resources

    def _run(self, source: str) -> list[Any]:
        """What a student's cell shows."""
        seconds = self._seconds()
        if not seconds:
            return [_error("NotRun", "the time for this notebook was used up")]
        outputs, why = self.session.run(source, seconds)
        if why:
            note(self.resources, f"a cell was stopped: {why} ({_first_line(source)})")
            outputs = [*outputs[:20], _error("Stopped", why)]
            self._revive()
        else:
            self.done.append(source)
        for output in outputs:
            if output.output_type == "error":
                error = FILE.sub("(", f"{output.ename}: {output.evalue}")
                self.broken |= dict.fromkeys(defined(source), f"its cell stopped with {error}")
                if not why:
                    note(self.resources, f"a cell stopped with {error} ({_first_line(source)})")
        return outputs

    def ask(self, name: str, arguments: tuple[Any, ...] | None) -> Any:
        """What a name stands for in the student's kernel, or what it gives: see `Session.ask`."""
        if name in self.stopped:  # once is enough
            raise checks.Stopped(self.stopped[name])
        seconds = self._seconds()
        if not seconds:
            raise checks.Stopped("the time for this notebook was used up")
        try:
            return self.session.ask(name, arguments, seconds)
        except Interrupted as stopped:
            note(self.resources, f"{name} was stopped: {stopped}")
            self.stopped[name] = str(stopped)
            self._revive()
            raise

    def _seconds(self) -> float:
        left = self.deadline - time.monotonic()
        return min(self.cell_seconds, left) if left > 0 and self.left >= 0 else 0

    def _revive(self) -> None:
        """After a kernel was lost, start another and run again what had worked."""
        if not self.session.lost:
            return
        self.left -= 1
        if self.left < 0:
            note(self.resources, "the kernel was lost too often; the rest was not run")
            return
        self.session.restart()
        for source in self.done:
            if seconds := self._seconds():
                self.session.run(source, seconds)

    def _check(self, cell: Any, ours: dict[str, Any]) -> None:
        """Run one check here; an error output is what nbgrader takes for no points."""
        names = dict(ours)
        for name in self._needed(cell.source, names):
            names[name] = self._find(name)
        shown = io.StringIO()
        checks.outcomes.clear()
        try:
            with contextlib.redirect_stdout(shown):
                exec(compile(cell.source, "check", "exec"), names)
        except Exception:
            why = traceback.format_exc(limit=-1)
            note(self.resources, f"{mark(cell)} could not be finished, look at it: {why}")
            checks.outcomes.clear()
        cell.outputs = [new_output("stream", name="stdout", text=shown.getvalue())]
        if not checks.outcomes or any(outcome.mark != "✓" for outcome in checks.outcomes):
            cell.outputs.append(_error("NoPoints", ""))

    def _find(self, name: str) -> Any:
        """A function of the student's or a value; what says why there is none; or None."""
        try:
            kind, value = self.ask(name, None)
        except checks.Stopped as stopped:
            return checks.Absent(name, str(stopped))
        if kind == "missing":
            return checks.Absent(name, self.broken[name]) if name in self.broken else None
        return Remote(self, name) if kind == "function" else value

    def _needed(self, source: str, names: dict[str, Any]) -> Iterator[str]:
        """The names of a check that the student should have defined."""
        parts = [part for part in ast.walk(ast.parse(source)) if isinstance(part, ast.Name)]
        stored = {part.id for part in parts if isinstance(part.ctx, ast.Store)}
        bound = {part.arg for part in ast.walk(ast.parse(source)) if isinstance(part, ast.arg)}
        known = {*names, *stored, *bound, *vars(builtins)}
        yield from dict.fromkeys(part.id for part in parts if part.id not in known)


class SaveGrades(SaveAutoGrades):  # type: ignore[misc]
    """Points given by hand hold as long as what they were given for stays the same."""

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> Any:
        """Return the cell; its points are in the gradebook."""
        if not utils.is_grade(cell):
            return super().preprocess_cell(cell, resources, cell_index)
        names = resources["nbgrader"]
        place = (mark(cell), names["notebook"], names["assignment"], names["student"])
        grade = self.gradebook.find_grade(*place)
        by_hand = None if grade.needs_manual_grade else grade.manual_score
        result = super().preprocess_cell(cell, resources, cell_index)
        if self._changed(cell, grade, names) and by_hand is not None:
            note(resources, f"{mark(cell)} had {by_hand:g} points by hand, and has changed since")
            by_hand = grade.manual_score = None
        if by_hand is not None or grade.manual_score is None:
            grade.needs_manual_grade = grade.auto_score is None and by_hand is None
        self.gradebook.db.commit()
        return result

    def _changed(self, cell: Any, grade: Any, names: Any) -> bool:
        """Whether a written answer, or what a check found, differs from the last time."""
        file = notes_file(names["assignment"], names["student"]).with_suffix(".last")
        last = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        now = cell.source if utils.is_solution(cell) else grade.auto_score
        changed = bool(last.get(mark(cell)) != now)
        file.parent.mkdir(parents=True, exist_ok=True)
        write_text(file, json.dumps({**last, mark(cell): now}))
        return changed


def _error(name: str, why: str) -> Any:
    text = f"{name}: {why}" if why else name
    return new_output("error", ename=name, evalue=why, traceback=[text])


def _first_line(source: str) -> str:
    return next((line.strip() for line in source.splitlines() if line.strip()), "")[:60]
