"""Fuzzing what students hand in: their files, their names, and what stands in the notebooks."""

import json
import pathlib
import tempfile

import nbformat
import pytest
from fuzzing import MB, PLAIN, TEXTS, VALUES, Outcome, attempt, damaged, fuzz
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from netlib.classroom.submissions import find_submissions, read_notebook, safe_name

NAMES = ["first_steps", "chain_rule"]
MARKS = st.dictionaries(
    st.sampled_from(["grade_id", "points", "solution", "grade", "locked"]), VALUES, max_size=4
)
CELLS = st.fixed_dictionaries(
    {
        "cell_type": st.sampled_from(["code", "markdown", "raw"]) | PLAIN,
        "source": TEXTS | st.lists(TEXTS, max_size=3) | VALUES,
        "metadata": st.builds(dict, nbgrader=MARKS | VALUES) | VALUES,
    },
    optional={
        "id": TEXTS | PLAIN,
        "outputs": VALUES | st.lists(VALUES, max_size=3),
        "execution_count": PLAIN,
        "attachments": VALUES,
    },
)
NOTEBOOKS = st.fixed_dictionaries(
    {
        "cells": st.lists(CELLS, max_size=4) | VALUES,
        "metadata": st.builds(dict, assignment=TEXTS | VALUES) | VALUES,
        "nbformat": st.sampled_from([4, 4, 4, 3, 5]) | PLAIN,
        "nbformat_minor": st.sampled_from([5, 4, 99]) | PLAIN,
    }
)
GOOD = nbformat.writes(new_notebook(cells=[new_code_cell("x = 1"), new_markdown_cell("$x$")]))
MANY = GOOD.replace('"metadata": {}', '"metadata": {"a": [' + "{}," * 300_000 + "{}]}")
CONTENTS = st.one_of(
    NOTEBOOKS.map(lambda notebook: json.dumps(notebook).encode()),
    NOTEBOOKS.map(lambda notebook: json.dumps(notebook).encode()),
    damaged(GOOD.encode()),
    st.sampled_from([b"[" * 100_000, b"PK\3\4" + bytes(99), b"9" * 100_000, MANY.encode()]),
    st.binary(max_size=99),
)
LETTERS = st.characters(exclude_characters="/\0", exclude_categories=["Cs"])
STUDENTS = st.one_of(
    st.text(LETTERS, min_size=1, max_size=60),
    st.sampled_from(
        ["..", "a" * 200, "é" * 80, "-rf", "con", "\u202egpj", "\N{GRINNING FACE}" * 40]
    ),
)
FILES = st.one_of(
    STUDENTS.map("{}.ipynb".format),
    st.builds(
        "{}_{}_{}_{}.ipynb".format, STUDENTS, *[st.sampled_from([7, "9" * 180, "٣"])] * 2, STUDENTS
    ),
    st.builds(
        "{}_{}_assignsubmission_file/{}.ipynb".format, STUDENTS, st.integers(1, 9**9), STUDENTS
    ),
    st.builds("{}/{}.zip".format, STUDENTS, STUDENTS),
)
INPUTS = st.lists(st.tuples(FILES, CONTENTS), min_size=1, max_size=3)


def check(files: list[tuple[str, bytes]]) -> Outcome:
    """Each file is somebody's, under a name that can be written; a notebook is whole or refused."""
    with tempfile.TemporaryDirectory() as folder:
        size = sum(write(pathlib.Path(folder, name), content) for name, content in files)
        # 500 bytes for each of 100,000 parts, and the rules of nbformat
        outcome = attempt(lambda: look(pathlib.Path(folder)), (), 64 * MB + 20 * size)
    return outcome._replace(word="refused" if any(outcome.result) else "accepted")


def write(file: pathlib.Path, content: bytes) -> int:
    """Write the file if the system allows such a name; its size."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return file.write_bytes(content)
    except OSError:
        return 0


def look(folder: pathlib.Path) -> list[str]:
    """Why the notebooks were refused, or "" for each."""
    whys = []
    for one in find_submissions(folder, NAMES):
        if one.file.suffix != ".zip":
            assert one.student and not set(one.student) & set("/\\\0\n")
            assert one.student not in (".", "..")
            assert len(f"{one.student}.json".encode()) <= 255, "too long for the name of a file"
        notebook, why = read_notebook(one.file)
        whys.append(why)
        assert (notebook is None) == bool(why)
        if notebook is not None:
            again = nbformat.reads(nbformat.writes(notebook), as_version=4)
            assert again == notebook
            assert set(notebook.metadata) <= {"assignment"}
            for cell in notebook.cells:
                assert cell.cell_type in ("code", "markdown") and not cell.get("outputs")
                assert set(cell.metadata) <= {"nbgrader"}
    return whys


def test_whatever_is_handed_in_is_read_or_refused_with_a_reason():
    fuzz(INPUTS, check, 120, derandomize=True)


@pytest.mark.parametrize("name", ["..", "/etc/passwd", "a/../b", "", "\0", "x" * 300])
def test_a_name_stays_in_its_folder(name):
    safe = safe_name(name)
    assert "/" not in safe and safe not in (".", "..") and "\0" not in safe


def test_a_notebook_of_very_many_parts_is_refused_before_it_is_taken_apart():
    assert check([("a.ipynb", MANY.encode())]).word == "refused"


def test_a_number_as_long_as_a_name_can_be_still_gives_a_name_that_can_be_written():
    check([(f"a!_{'9' * 242}_1_f.ipynb", GOOD.encode())])
