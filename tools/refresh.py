"""Run the chapters again and store what they print (`make refresh`).

Running it twice changes nothing. Cells tagged `nbval-ignore-output` hold measured times, or
numbers and pictures whose last digits depend on the processor: they keep the outputs they have,
so that a page agrees with itself, unless a cell of the notebook changed since or --timings is
given (as it must be after a change of netlib that those cells show). A notebook whose code fails, or prints to stderr, is left as it was.
"""

import argparse
import base64
import hashlib
import json
import os
import pathlib

import nbformat
from nbclient import NotebookClient

from netlib.files import write_text
from netlib.widgets import figure_class

for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

BOOK = pathlib.Path(__file__).parents[1] / "book"
VARIES = "nbval-ignore-output"
STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"


def code_hash(notebook):
    """A fingerprint of all code cells, to tell whether stored outputs still belong to them."""
    code = "\0".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    return hashlib.sha256(code.encode()).hexdigest()[:16]


def varying(notebook):
    """The outputs of the cells that may differ from run to run, by cell id."""
    return {
        cell.id: cell.outputs
        for cell in notebook.cells
        if VARIES in cell.metadata.get("tags", []) and cell.get("outputs")
    }


def live_figures(notebook):
    """The state of the notebook's live figures, for its metadata: small, and the same in every run.

    A model's id, which is random, becomes its number. Code and style are left out: the book has
    them as files. So are arrays that every figure of its class has anyway, such as the trained
    weights (book/_ext/live_figures.py puts them back into the page). Progress bars are no figures.
    """
    stored = notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    figures = {name: model for name, model in stored.items() if "_esm" in model["state"]}
    new_names = {}
    for number, (name, model) in enumerate(figures.items(), 1):
        new_names[name] = f"figure-{number}"
        new_names[model["state"]["layout"].removeprefix("IPY_MODEL_")] = f"layout-{number}"
        fresh = figure_class(model["state"]["_anywidget_id"])()
        del model["state"]["_esm"], model["state"]["_css"]
        for buffer in model.pop("buffers", []):
            (key,) = buffer["path"]
            if base64.b64encode(getattr(fresh, key)).decode() == buffer["data"]:
                model["state"].setdefault("left_out", []).append(key)
            else:
                model.setdefault("buffers", []).append(buffer)
    text = json.dumps({name: stored[name] for name in new_names}, sort_keys=True)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            view = output.get("data", {}).get(VIEW)
            if view and view["model_id"] in new_names:
                view["model_id"] = new_names[view["model_id"]]
    for old, new in new_names.items():
        text = text.replace(old, new)
    return {STATE: {"state": json.loads(text), "version_major": 2, "version_minor": 0}}


def refresh(path, timings):
    """Run one notebook and write it back."""
    notebook = nbformat.read(path, as_version=4)
    kept = varying(notebook) if notebook.metadata.get("code") == code_hash(notebook) else {}
    NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=900,
        record_timing=False,
        coalesce_streams=True,  # how output is cut into pieces differs from run to run
        resources={"metadata": {"path": str(BOOK)}},
    ).execute()
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                raise SystemExit(f"{path.name}: a cell prints to stderr: {output.text[:300]}")
        if not timings and cell.id in kept:
            cell.outputs = kept[cell.id]
    figures = live_figures(notebook)
    notebook.metadata = {
        "code": code_hash(notebook),
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    if figures[STATE]["state"]:
        notebook.metadata["widgets"] = figures
    nbformat.validate(notebook)
    write_text(path, nbformat.writes(notebook) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("slugs", nargs="*", help="chapters to run; all of them if none is named")
    parser.add_argument("--timings", action="store_true", help="store new times too")
    arguments = parser.parse_args()
    paths = [BOOK / f"{slug}.ipynb" for slug in arguments.slugs] or sorted(BOOK.glob("*.ipynb"))
    for path in paths:
        print(f"running {path.name}", flush=True)
        refresh(path, arguments.timings)


if __name__ == "__main__":
    main()
