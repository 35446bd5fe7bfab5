"""The stored notebooks: complete, described, in the form of a chapter, and compared by nbval."""

import json
import os
import pathlib
import re
import runpy
import shutil
import subprocess
import sys

import nbformat
import numpy as np
import pytest

from tools.approximately import too_far

ROOT = pathlib.Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "book").glob("*.ipynb"))
CODE = "<code cell>"  # stands for a code cell in the text of a chapter

code_hash = runpy.run_path(str(ROOT / "tools" / "refresh.py"))["code_hash"]


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def all_code(notebook):
    return "\n".join(cell.source for cell in code_cells(notebook))


def chapter_text(notebook):
    """The Markdown of a notebook, with CODE where a code cell is."""
    sources = [cell.source if cell.cell_type == "markdown" else CODE for cell in notebook.cells]
    return "\n".join(sources) + "\n"


def image_cells(notebook):
    """The code cells that show an image."""
    for cell in code_cells(notebook):
        kinds = [kind for output in cell.outputs for kind in output.get("data", {})]
        if any(kind.startswith("image/") for kind in kinds):
            yield cell


def figure(cell):
    return cell.metadata.get("mystnb", {}).get("figure", {})


# --- what is stored -----------------------------------------------------------------------


def test_cells_were_run_in_order(notebook):
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))


def test_outputs_hold_no_error_and_no_stderr(notebook):
    for cell in code_cells(notebook):
        for output in cell.outputs:
            assert output.output_type != "error", cell.source
            assert output.get("name") != "stderr", cell.source


def test_stored_outputs_belong_to_the_code(notebook):
    assert notebook.metadata.get("code") == code_hash(notebook), "run make refresh"


def test_the_file_is_below_1_mb(path):
    assert path.stat().st_size < 1_000_000


def test_the_file_is_a_valid_notebook_with_unique_cell_ids(path):
    stored = json.loads(path.read_text(encoding="utf-8"))  # nbformat.read would mend the ids
    ids = [cell["id"] for cell in stored["cells"]]
    assert len(ids) == len(set(ids))
    nbformat.validate(stored)


# --- figures ------------------------------------------------------------------------------


def test_every_figure_has_alt_text_that_says_something(notebook):
    for cell in image_cells(notebook):
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        assert len(alt) >= 40, f"alt text {alt!r} of\n{cell.source}"
        assert not re.search(r"\.(png|svg|jpe?g|gif)\b", alt), f"a file name: {alt!r}"


def test_every_figure_has_a_caption_and_a_name(notebook):
    for cell in image_cells(notebook):
        assert figure(cell).get("caption"), f"no caption of\n{cell.source}"
        assert figure(cell).get("name"), f"no name of\n{cell.source}"


def test_no_two_figures_of_the_book_have_the_same_name():
    notebooks = [nbformat.read(path, as_version=4) for path in NOTEBOOKS]
    names = [figure(cell).get("name") for nb in notebooks for cell in image_cells(nb)]
    assert sorted(names, key=str) == sorted(set(names), key=str)


# --- the form of a chapter ----------------------------------------------------------------


def test_the_first_cell_has_the_only_title_and_what_it_follows(notebook):
    first = notebook.cells[0].source
    assert first.startswith("# ")
    assert "*Follows" in first
    assert re.findall(r"^# .*", chapter_text(notebook), re.M) == [first.splitlines()[0]]


@pytest.fixture
def box(notebook):
    """The text of "In this chapter"."""
    fence = r"^([:`]{3,})"
    pattern = rf"{fence}\{{admonition\}} In this chapter\n(.*?)^\1$"
    return re.search(pattern, chapter_text(notebook), re.M | re.S)[2]


def section(notebook, heading):
    """The text under a heading of the second level."""
    return re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", chapter_text(notebook), re.M | re.S)[1]


def bullets(text):
    return re.findall(r"^- ", text, re.M)


def test_a_box_says_what_the_reader_can_do_afterwards_needs_and_how_long_it_takes(box):
    for part in ("You will", "Afterwards you can", "You need"):
        assert f"**{part}**" in box
    assert re.search(r"\*\*Time:\*\* \d+ minutes", box)
    assert 3 <= len(bullets(box)) <= 5


def test_the_summary_answers_each_aim(notebook, box):
    assert len(bullets(section(notebook, "Summary"))) >= len(bullets(box))


def test_it_has_its_parts_in_order(notebook):
    headings = re.findall(r"^## (.*)$", chapter_text(notebook), re.M)
    assert headings[-5:] == ["What goes wrong", "Summary", "Quiz", "Exercises", "Further reading"]


@pytest.fixture
def exercises(notebook):
    """For each exercise its label and its text."""
    pattern = r"^(`{3,})\{exercise\}[^\n]*\n:label: (\S+)\n(.*?)^\1$"
    return [
        (label, text) for _, label, text in re.findall(pattern, chapter_text(notebook), re.M | re.S)
    ]


def test_it_has_six_exercises_with_hints_in_steps(exercises):
    assert len(exercises) >= 6
    for label, text in exercises:
        hints = re.findall(
            r"^:::\{dropdown\} Hint(?: (\d))?\n[^\n]+\n(?:[^:].*?)?:::$", text, re.M | re.S
        )
        assert hints == [str(k + 1) for k in range(len(hints))] and len(hints) >= 2, label


def test_each_exercise_has_a_dropdown_solution_most_of_them_with_code(notebook, exercises):
    solutions = re.findall(
        r"^(`{3,})\{solution-start\} (\S+)\n:label: \S+\n:class: dropdown\n\1$(.*?)"
        r"^\1\{solution-end\}",
        chapter_text(notebook),
        re.M | re.S,
    )
    assert [label for _, label, _ in solutions] == [label for label, _ in exercises]
    assert sum(CODE in body for _, _, body in solutions) > len(solutions) / 2


def test_solutions_and_hidden_cells_are_folded_in_jupyter(notebook):
    inside = False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            starts = [m[1] for m in re.finditer(r"\{solution-(start|end)\}", cell.source)]
            inside = starts[-1] == "start" if starts else inside
        elif inside or "remove-cell" in cell.metadata.get("tags", []):
            assert cell.metadata.get("jupyter") == {"source_hidden": True, "outputs_hidden": True}


def test_one_that_loads_mnist_says_so_near_its_top(notebook):
    if "load_mnist(" in all_code(notebook):
        top = [cell.source for cell in notebook.cells[:3] if cell.cell_type == "markdown"]
        assert any(re.search(r"\bMNIST\b", text) and "NETLIB_DATA_DIR" in text for text in top)


def test_code_lines_fit_into_80_characters(notebook):
    long = [line for line in all_code(notebook).splitlines() if len(line) > 80]
    assert not long, "\n".join(long)


@pytest.mark.parametrize("habit", [r"np\.random\.seed", r"import \*", r"sys\.path"])
def test_code_is_free_of(notebook, habit):
    assert not re.search(habit, all_code(notebook))


# --- how nbval compares -------------------------------------------------------------------


def write_notebook(path, cells, kernel="python3"):
    """A notebook whose cells are given as (code, stored output) pairs."""
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = {"name": kernel, "display_name": kernel}
    for count, (code, stored) in enumerate(cells, 1):
        output = nbformat.v4.new_output("stream", name="stdout", text=stored)
        cell = nbformat.v4.new_code_cell(code, execution_count=count, outputs=[output])
        notebook.cells.append(cell)
    nbformat.write(notebook, path)


def run_nbval(path, **environment):
    """What pytest prints of the notebook, with the book's way to compare."""
    path.with_name("pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-c", "pytest.ini", "--nbval", "-rA", "--color=no"]
    command += ["--nbval-sanitize-with", str(ROOT / "tests" / "sanitize.cfg"), path.name]
    return subprocess.run(
        command,
        cwd=path.parent,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


def test_only_numbers_after_the_approximately_sign_may_change(tmp_path):
    same = [  # stored, printed
        ("right: ≈ 96.93 % of 100", "right: ≈ 96.94 % of 100"),
        ("≈ 0.0312", "≈ 0.0298"),
        ("≈ 1,234 steps", "≈ 987 steps"),
        ("≈ −0.5, ≈ -0.5", "≈ 0.1, ≈ 0.25"),
        ("≈96.93 %", "≈97.01 %"),
        ("≈  9.98 s", "≈ 10.02 s"),
        ("≈ 1.2e-07", "≈ 3.1e-08"),
    ]
    different = [
        ("right: ≈ 96.93 % of 100", "right: ≈ 96.93 % of 101"),
        ("right: 96.93 %", "right: 96.94 %"),
        ("≈ 96.93 %", "≈ 96.93"),
        ("≈ 96.93 %", "96.93 %"),
        ("≈ 5, 6", "≈ 5, 7"),
        ("≈ 0.5", "≈ nan"),
    ]
    pairs = same + different
    path = tmp_path / "numbers.ipynb"  # without conftest.py, so nbval alone compares
    write_notebook(path, [(f"print({printed!r})", stored + "\n") for stored, printed in pairs])
    outcomes = re.findall(r"^(PASSED|FAILED) numbers.ipynb::Cell \d+", run_nbval(path), re.M)
    assert outcomes == ["PASSED"] * len(same) + ["FAILED"] * len(different)


def cell_that_printed(text, spread):
    output = nbformat.v4.new_output("stream", text=text)
    return nbformat.v4.new_code_cell(outputs=[output], metadata={"spread": spread})


def outputs(text):
    return [nbformat.v4.new_output("stream", text=text)]


def test_a_number_after_the_sign_may_differ_as_much_as_seeds_change_it():
    cell = cell_that_printed("right: ≈ 96.93 %, lost ≈ −1,234", [0.1, 2])
    assert not too_far(cell, outputs("right: ≈ 96.93 %, lost ≈ −1,234"))
    assert not too_far(cell, outputs("right: ≈ 97.52 %, lost ≈ −1,223"))
    assert len(too_far(cell, outputs("right: ≈ 97.54 %, lost ≈ −1,234"))) == 1
    assert len(too_far(cell, outputs("right: ≈ 96.32 %, lost ≈ −1,247"))) == 2
    (complaint,) = too_far(cell, outputs("right: ≈ 96.93 %, lost ≈ 1,234"))
    assert "≈ 1234 came, ≈ -1234 is stored" in complaint


def test_where_seeds_change_nothing_only_the_last_digit_may():
    cell = cell_that_printed("≈ 0.0312 and ≈ 2.4e-07", [0, 0])
    assert not too_far(cell, outputs("≈ 0.0313 and ≈ 2.3e-07"))
    assert len(too_far(cell, outputs("≈ 0.0314 and ≈ 2.6e-07"))) == 2


def test_a_number_whose_spread_is_not_known_is_refused():
    (complaint,) = too_far(cell_that_printed("≈ 1, ≈ 2", [0.5]), outputs("≈ 1, ≈ 2"))
    assert "run make spread" in complaint


def test_the_spread_of_every_number_after_the_sign_is_known(notebook):
    for cell in code_cells(notebook):
        if "nbval-ignore-output" not in cell.metadata.get("tags", []):
            assert not too_far(cell, cell.outputs), cell.id


def test_make_spread_shifts_the_seeds_of_programs_that_a_chapter_starts(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    run = runpy.run_path(str(ROOT / "tools" / "spread.py"))["run"]
    number = "np.random.default_rng(0).random()"
    program = f"import numpy as np; print({number})"
    start = f"subprocess.run([sys.executable, '-c', {program!r}], capture_output=True, text=True)"
    cells = [f"print('≈', {number})", f"print('≈', {start}.stdout)"]
    path = tmp_path / "numbers.ipynb"
    write_notebook(path, [(f"import subprocess, sys\nimport numpy as np\n{c}", "") for c in cells])
    (here,), (there,) = run(path, shift=1).values()
    assert float(here) == float(there) != np.random.default_rng(0).random()


@pytest.mark.parametrize(
    ("forbid", "outcome"),
    [("0", r"^SKIPPED \[2\] needs.ipynb: "), ("1", r"^ERROR needs.ipynb::")],
    ids=["skipped", "fails"],
)
def test_a_notebook_that_lacks_mnist_is_skipped_or_fails_without_a_kernel(
    tmp_path, forbid, outcome
):
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"not MNIST")
    shutil.copy(ROOT / "conftest.py", tmp_path)
    (tmp_path / "tools").mkdir()
    for name in ("approximately.py", "chromium.py"):
        shutil.copy(ROOT / "tools" / name, tmp_path / "tools")
    (tmp_path / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "sanitize.cfg", tmp_path / "tests")
    path = tmp_path / "needs.ipynb"
    cells = [("from netlib import load_mnist", ""), ("load_mnist()", "")]
    write_notebook(path, cells, kernel="no-such-kernel")
    printed = run_nbval(path, NETLIB_DATA_DIR=str(tmp_path), NETLIB_FORBID_SKIPS=forbid)
    assert re.search(outcome, printed, re.M)
    assert "needs MNIST, which could not be had: " in printed
    assert "9 bytes, expected 47040016" in printed
    assert "no-such-kernel" not in printed
