"""How long thirty submissions of each assignment take: `python -m benchmarks.grading`."""

import pathlib
import tempfile
import time

import nbformat

from netlib.classroom.course import SOURCES, Course, solved

STUDENTS = 30


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        course = Course(pathlib.Path(folder) / "course")
        course.release()
        for name in course.assignments():
            file = pathlib.Path(name, f"{name}.ipynb")
            notebook = solved(SOURCES / file, course.folder / "release" / file)
            for k in range(STUDENTS):
                target = pathlib.Path(folder) / name / f"student {k}" / file.name
                target.parent.mkdir(parents=True)
                nbformat.write(notebook, target)
            start = time.perf_counter()
            done = list(course.grade(course.collect(pathlib.Path(folder) / name), jobs=2))
            seconds = time.perf_counter() - start
            print(f"{name:20} {len(done)} submissions, 2 at a time: {seconds:5.0f} s")


if __name__ == "__main__":
    main()
