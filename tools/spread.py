"""Measure how much the numbers after ≈ change with other seeds (`make spread`).

Each chapter is run several times, each time with all seeds shifted. The standard deviation of each
number goes into the metadata of its cell; the outputs stay as they are. `tools/approximately.py`
says what it is for.
"""

import argparse
import ast
import concurrent.futures
import os
import pathlib
import tempfile

import nbformat
import numpy as np
from approximately import last_place, numbers
from nbclient import NotebookClient

from netlib.files import write_text

BOOK = pathlib.Path(__file__).parents[1] / "book"
SEEDS = 6
SHIFT = """\
# Python runs this when it starts: in the kernel, and in programs that a chapter starts
import numpy as np
unshifted = np.random.default_rng
def shifted(seed=None):
    if seed is None or isinstance(seed, np.random.Generator):
        return unshifted(seed)
    return unshifted([*np.ravel(seed), {shift}])
np.random.default_rng = shifted
"""

for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[threads] = "1"


class NoAssert(ast.NodeTransformer):
    """What a chapter asserts is true of its own seeds."""

    def visit_Assert(self, node):
        return ast.Pass()


def run(path, shift):
    """The numbers after ≈ of each cell, by its id, with other seeds."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = ast.unparse(NoAssert().visit(ast.parse(cell.source)))
    settings = {"kernel_name": "python3", "timeout": 900, "allow_errors": True}
    resources = {"metadata": {"path": str(BOOK)}}
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "sitecustomize.py").write_text(SHIFT.format(shift=shift))
        environment = os.environ | {"PYTHONPATH": folder}
        NotebookClient(notebook, resources=resources, **settings).execute(env=environment)
    return {cell.id: numbers(cell.get("outputs", [])) for cell in notebook.cells}


def compared(cell):
    """Whether nbval compares what the cell prints, and it has numbers after ≈."""
    return "nbval-ignore-output" not in cell.metadata.get("tags", []) and bool(
        numbers(cell.get("outputs", []))
    )


def measure(path):
    """Write the spread of all numbers of a chapter into it."""
    notebook = nbformat.read(path, as_version=4)
    with concurrent.futures.ThreadPoolExecutor(2) as two:
        runs = list(two.map(lambda shift: run(path, shift), range(1, SEEDS + 1)))
    for cell in notebook.cells:
        cell.metadata.pop("spread", None)
        if not compared(cell):
            continue
        stored = numbers(cell.outputs)
        rows = [stored] + [row for each in runs if len(row := each[cell.id]) == len(stored)]
        if len(rows) <= SEEDS // 2:
            raise SystemExit(
                f"{path.name}, cell {cell.id}: with other seeds it prints other things"
            )
        deviations = np.std(np.array(rows, float), axis=0, ddof=1)
        cell.metadata["spread"] = [
            float(f"{deviation:.2g}") if deviation > last_place(number) / 100 else 0
            for number, deviation in zip(stored, deviations, strict=True)
        ]
        print(f"{path.stem:24} {cell.id}: {len(rows)} runs, {cell.metadata['spread']}", flush=True)
    write_text(path, nbformat.writes(notebook) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("slugs", nargs="*", help="chapters to run; all of them if none is named")
    slugs = parser.parse_args().slugs
    for path in [BOOK / f"{slug}.ipynb" for slug in slugs] or sorted(BOOK.glob("*.ipynb")):
        measure(path)


if __name__ == "__main__":
    main()
