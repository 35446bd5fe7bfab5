"""Points as tables: our own, and those of learning systems."""

import csv
import io
import re
import unicodedata
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.plugins import ExportPlugin

from netlib.classroom.errors import CourseError
from netlib.classroom.grading import mark
from netlib.classroom.notes import notes_file, read_notes
from netlib.files import write_text


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
        text = io.StringIO(newline="")
        table = csv.DictWriter(text, heading)
        table.writeheader()
        table.writerows(sorted(rows, key=lambda row: (row["assignment"], row["student"])))
        write_text(target, text.getvalue())


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


def fill(table: Path, column: str, points: dict[str, float], to: Path) -> list[str]:
    """Fill a column of a learning system's own export.

    Parameters
    ----------
    table : path
        A CSV file, as Canvas, Moodle or another system has exported it.
    column : str
        The heading of the column to fill.
    points : dict of str to float
        What each student has.
    to : path
        The file to write.

    Returns
    -------
    list of str
        The students who stand in no row, in several, or in one with another student.

    Raises
    ------
    CourseError
        If the file is no such table, or has no such column.
    """
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            dialect = csv.Sniffer().sniff(file.readline(), ",;\t")
            file.seek(0)
            heading, *people = csv.reader(file, dialect)
    except (UnicodeDecodeError, csv.Error, ValueError) as error:
        raise CourseError(
            f"{table} is no table that can be read ({error}). Expected is a CSV file in UTF-8, "
            "with commas, semicolons or tabs between its columns."
        ) from error
    if column not in heading:
        raise CourseError(f"{table} has no column {column!r}; it has {', '.join(heading)}")
    place = heading.index(column)
    of_row: dict[int, list[str]] = {}
    nowhere = []
    for student in sorted(points):
        match rows_of(student, people):
            case [row]:
                of_row.setdefault(people.index(row), []).append(student)
            case _:
                nowhere.append(student)
    for number, students in of_row.items():
        if len(students) > 1:
            nowhere += students
        else:
            people[number] += [""] * (place + 1 - len(people[number]))
            people[number][place] = f"{points[students[0]]:g}"
    text = io.StringIO(newline="")
    csv.writer(text, dialect).writerows([heading, *people])
    write_text(to, text.getvalue())
    return nowhere
