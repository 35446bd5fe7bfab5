"""Which files came from whom, and what is in them."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

LARGEST_FILE = 20  # megabytes
MOST_CELLS = 1000
MOST_PARTS = 100_000  # lists and dicts; an empty one has two characters, and takes 500 bytes
LONGEST_NAME = 50  # characters; some take four bytes, and a name of a file has at most 255
ODD = re.compile(r"[^\w .,'’@()-]")  # in a student's name: what files, nbgrader and tables mind
CANVAS = re.compile(
    r"(?P<name>[^_]+)(_LATE)?_(?P<id>\d{1,20})_\d+_(?P<file>.+?)(-(?P<version>\d+))?"
)
MOODLE = re.compile(r"(?P<name>[^_]+)_(?P<id>\d{1,20})_assignsubmission_file(_.*)?")


@dataclass
class Submission:
    """A file that came from a student; an assignment without a name is not known."""

    assignment: str
    student: str
    file: Path
    version: int = 0

    def order(self) -> tuple[bool, int, float]:
        """The one that counts is the largest: a notebook, the last version, the latest."""
        return self.file.suffix.lower() == ".ipynb", self.version, self.file.stat().st_mtime


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
    downloads = _folder_of_students(downloads, assignments)
    for file in sorted(downloads.rglob("*")):
        parts = file.relative_to(downloads).parts
        above = [downloads.joinpath(*parts[:k]) for k in range(1, len(parts) + 1)]
        if not file.is_file() or any(path.is_symlink() for path in above):
            continue
        if any(part.startswith((".", "__MACOSX")) for part in parts):
            continue
        if file.suffix == ".zip":
            yield Submission("", "", file)
            continue
        assignment, version, number = which_assignment(file, parts, assignments), 0, ""
        folders = parts[:-1] or parts  # a file in a folder is of whom the folder says
        if moodle := next(filter(None, map(MOODLE.fullmatch, folders)), None):
            student, number = moodle["name"], moodle["id"]
        elif len(parts) > 1:
            student = parts[0]
        elif canvas := CANVAS.fullmatch(file.stem):
            student, number = canvas["name"], canvas["id"]
            version = int(canvas["version"] or 0)
        else:
            student = file.stem.removesuffix(assignment).rstrip("_- ") or file.stem
        student = "_".join(filter(None, (safe_name(student), number)))
        yield Submission(assignment, student, file, version)


def _folder_of_students(downloads: Path, assignments: list[str]) -> Path:
    """The folder itself, or the only one in it, if that holds what came from several students."""
    inside = [path for path in downloads.iterdir() if not path.name.startswith((".", "__MACOSX"))]
    if len(inside) == 1 and inside[0].is_dir():
        deeper = list(inside[0].iterdir())
        folders = {path.name for path in deeper if path.is_dir()}
        files = [path for path in deeper if MOODLE.fullmatch(path.name) or CANVAS.match(path.stem)]
        if len(files) > 1 or (len(folders) > 1 and not folders & set(assignments)):
            return inside[0]
    return downloads


def safe_name(student: str) -> str:
    """A student's name without what files, nbgrader or tables mind; different ones stay different."""
    name = unicodedata.normalize("NFC", student)
    safe = ODD.sub("-", name)[:LONGEST_NAME].strip(" .,'@()-")
    other = hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()[:6]
    return safe if safe == name else f"{safe}-{other}".lstrip("-")


def which_assignment(file: Path, parts: tuple[str, ...], assignments: list[str]) -> str:
    """Of which assignment a file is: by its name, what it says, or its folders; or nothing."""
    notebook, _ = read_notebook(file)
    inside = notebook.metadata.get("assignment") if notebook is not None else None
    for place in (file.name, inside, *parts):
        for name in assignments:
            if place and name in place:
                return name
    return assignments[0] if len(assignments) == 1 else ""


def read_notebook(file: Path) -> tuple[Any, str]:
    """The cells of a notebook, without what they show, or None and why it cannot be read."""
    if file.suffix.lower() != ".ipynb":
        return None, "is not a notebook (its name does not end in .ipynb)"
    if file.stat().st_size > LARGEST_FILE * 2**20:
        return None, f"is larger than {LARGEST_FILE} MB"
    try:
        text = file.read_text(encoding="utf-8-sig")
        if text.count("{") + text.count("[") > MOST_PARTS:
            return None, f"has more than {MOST_PARTS:,} parts: clear its outputs"
        # not nbformat.reads, which checks all outputs, and takes minutes for many
        found: Any = nbformat.convert(nbformat.reader.reads(text), 4)
        if len(found.cells) > MOST_CELLS:
            return None, f"has more than {MOST_CELLS} cells"
        notebook = new_notebook(cells=[_taken_over(cell) for cell in found.cells])
        if isinstance(found.metadata.get("assignment"), str):
            notebook.metadata["assignment"] = found.metadata["assignment"]
        nbformat.validate(notebook)
        nbformat.writes(notebook).encode()  # half of a character cannot be written
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
