"""Assignments from the terminal: `python -m netlib.classroom --help`."""

import argparse
import csv
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netlib.classroom.course import Course
    from netlib.classroom.session import Session

SECONDS = 120  # for a cell, on a student's own computer
MARKS = ("✓ ", "✗ ", "– ")


def check(file: Path) -> int:
    """Run a student's notebook, print what its checks say, and return 0 if all are right."""
    from netlib.classroom.session import Session
    from netlib.classroom.submissions import read_notebook

    if not file.exists():
        print(f"{file} is not there")
        return 2
    notebook, why = read_notebook(file)
    if notebook is None:
        print(f"{file} {why}")
        return 2
    found: list[str] = []
    done: list[str] = []
    with Session(sandbox=False) as session:
        for cell in notebook.cells:
            if cell.cell_type == "code":
                lines, stopped = _run(session, cell.source, done)
                print("\n".join(lines), end="\n" if lines else "")
                found += [line for line in lines if line.startswith(MARKS)]
                done += [] if stopped else [cell.source]
    right = sum(line.startswith(MARKS[0]) for line in found)
    print(f"{right} of {len(found)} right")
    if any(map(_is_written, notebook.cells)):
        print("What you wrote in words is read by your teacher.")
    return 0 if found and right == len(found) else 1


def _run(session: "Session", source: str, done: list[str]) -> tuple[list[str], bool]:
    """The lines that are of a check's, or say why a cell stopped; and whether it did."""
    outputs, why = session.run(source, SECONDS)
    shown = "".join(output.get("text", "") for output in outputs).splitlines()
    lines = shown if any(line.startswith(MARKS) for line in shown) else []
    errors = [output for output in outputs if output.output_type == "error"]
    if not errors and not why:
        return lines, False
    if session.lost:
        session.restart()
        for earlier in done:
            session.run(earlier, SECONDS)
    first = source.strip().splitlines()[0]
    because = why or f"{errors[0].ename}: {errors[0].evalue}"
    return [*lines, f"✗ the cell that begins with {first!r} stopped: {because}"], True


def _is_written(cell: Any) -> bool:
    """Whether a cell is an answer in words."""
    return cell.cell_type == "markdown" and "points" in cell.metadata.get("nbgrader", {})


def release(course: Path) -> int:
    """Write the students' files."""
    from netlib.classroom.course import Course

    made = Course(course)
    folder = made.release()
    for name in made.assignments():
        print(f"for the students: {folder / name}.zip")
    return 0


def grade(course: Path, downloads: Path, jobs: int, sandbox: bool) -> int:
    """Collect, grade, write feedback and grades."""
    from tqdm.auto import tqdm

    from netlib.classroom.course import Course

    made = Course(course, sandbox)
    if not sandbox:
        print("WITHOUT A SANDBOX: students' code can read your files and use the network.")
    collected = made.collect(downloads)
    number = sum(map(len, collected.values()))
    if not number:
        print(f"no submissions were found in {downloads}")
        return _left_out(made) or 1
    for _ in tqdm(made.grade(collected, jobs), total=number, desc="graded", disable=None):
        pass
    status = max(_results(made), _left_out(made))
    for name, student, why in made.failures(collected):
        print(f"NOT GRADED: {name}, {student}: {why}")
        status = 1
    return status


def _left_out(made: "Course") -> int:
    """Print which files were left out, and return 1 if there are any."""
    from netlib.classroom.notes import printable

    for file in made.left_out:
        zipped = file.endswith(".zip")
        what = "unpack it here" if zipped else "put the name of the assignment into its name"
        print(f"NOT GRADED: {printable(file)}: {what}")
    return 1 if made.left_out else 0


def feedback(course: Path) -> int:
    """Write the pages of feedback and the grades again, after marking by hand."""
    from netlib.classroom.course import Course

    made = Course(course)
    made.feedback()
    return _results(made)


def _results(made: "Course") -> int:
    """Print the points and the notes, and where all of it is."""
    table = made.export()
    with table.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            hand = ", and a part to mark by hand" if row["to mark by hand"] else ""
            print(f"{row['assignment']}, {row['student']}: {row['points']} of {row['of']}{hand}")
            if row["notes"]:
                print(f"    {row['notes']}")
    print(f"points of each check, and the notes: {table}")
    for packed in made.pack():
        print(f"pages for the students: {packed}")
    return 0


def fill(
    course: Path, table: Path, column: str, assignment: str, to: Path | None, anyway: bool
) -> int:
    """Fill a column of a learning system's own table."""
    from netlib.classroom import tables
    from netlib.classroom.course import Course

    made = Course(course)
    points, waiting = made.points(assignment), made.waiting(assignment)
    if not points:
        print(f"nobody has points in {assignment} yet")
        return 1
    if waiting and not anyway:
        print(f"not yet marked by hand: {', '.join(waiting)}. Nothing was written.")
        print("Mark them first, or use --anyway to fill in the points of the other parts.")
        return 1
    to = to or table.with_name(table.stem + "-filled.csv")
    nowhere = tables.fill(table, column, points, to)
    print(f"{len(points) - len(nowhere)} rows filled: {to}")
    print(f"the highest possible are {made.most(assignment):g} points: the same in your system?")
    if nowhere:
        print(f"in no row, or in several: {', '.join(nowhere)}. Look for them by hand.")
    return 1 if nowhere else 0


def main() -> int:
    """Do what the command line says, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m netlib.classroom")
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, what: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=what, description=what)
        if name != "check":
            made.add_argument("--course", type=Path, default=Path("classroom"), help="its folder")
        return made

    one = command("check", "for students: say which answers of a notebook are right")
    one.add_argument("file", type=Path)
    command("release", "write the students' notebooks and zip files")
    one = command("grade", "grade a folder of submissions")
    one.add_argument("downloads", type=Path, help="the folder")
    one.add_argument("--jobs", type=int, default=2, help="how many at a time")
    one.add_argument("--no-sandbox", dest="sandbox", action="store_false", help="waive bubblewrap")
    command("feedback", "write feedback and grades again, after marking by hand")
    one = command("fill", "fill a column of a table that the learning system has exported")
    one.add_argument("table", type=Path, help="a CSV file from Canvas, Moodle, …")
    one.add_argument("--column", required=True, help="its heading")
    one.add_argument("--assignment", required=True, help="whose points")
    one.add_argument("--anyway", action="store_true", help="also where marks are missing")
    one.add_argument("--to", type=Path, help="the file to write")
    settings = vars(parser.parse_args())
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # Windows may have no ✓
    function = globals()[settings.pop("command")]
    try:
        return int(function(**settings))
    except (RuntimeError, OSError) as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
