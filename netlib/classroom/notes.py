"""Notes to the teacher about a submission."""

import json
from pathlib import Path

from netlib.files import write_text

LONGEST, MOST = 300, 20  # characters of a note, and notes on a submission


def notes_file(assignment: str, student: str) -> Path:
    """Where the notes to the teacher about a submission stand, in the folder of the course."""
    return Path("notes", assignment, student + ".json")


def read_notes(file: Path) -> list[str]:
    """The notes of a file from `notes_file`."""
    return list(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else []


def printable(text: str) -> str:
    """A text from outside without what would move a terminal's cursor, and not too long."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:LONGEST])


def add_note(file: Path, sentence: str) -> None:
    """Tell the teacher something about a submission, and the same thing only once."""
    sentence, notes = printable(sentence), read_notes(file)
    if sentence not in notes and len(notes) < MOST:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_text(file, json.dumps([*notes, sentence], ensure_ascii=False))
