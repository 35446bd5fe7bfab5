"""Build the site that runs the chapters in a browser, without Python installed (`make lite`).

The site is JupyterLite: JupyterLab without a server. Its Python is Pyodide, which the reader's
browser loads from Pyodide's own host when a notebook is opened, with NumPy, SciPy, scikit-learn
and Matplotlib. Pure Python packages that Pyodide lacks are put into the site, netlib among them.
"""

import gzip
import importlib.metadata
import json
import pathlib
import re
import shutil
import subprocess
import sys

import nbformat
import yaml

from netlib.classroom.wheel import build_wheel
from netlib.data import FILES, DataError, read_mnist_file

ROOT = pathlib.Path(__file__).parents[1]
SOURCE = ROOT / "_build" / "lite-source"  # what JupyterLite puts the site together from
SITE = ROOT / "_build" / "lite"
DOWNLOADS = pathlib.Path(sys.prefix, "lite-wheels")

# what netlib and the kernel need and Pyodide does not have; the versions are those installed here
NOT_IN_PYODIDE = ["anywidget", "comm", "ipywidgets", "jupyterlab_widgets", "pooch", "psygnal"]

INSTALL = """\
# Here Python runs in your browser. This fetches netlib and what it needs.
%pip install -q netlib"""
INSTALL_WITH_MNIST = f"""\
{INSTALL}

import os

os.environ["NETLIB_DATA_DIR"] = "mnist"  # the folder for MNIST's four files"""

START = """\
# Run the chapters in your browser

Open a chapter, wait until the kernel is ready, and run its cells with Shift+Enter. Always begin \
with the first one, which fetches `netlib`. The first time this takes a minute or more.

What you change is kept in this browser only. *File → Download* keeps it for good.

{chapters}

Chapters from `mini_batches` on use the images of MNIST. They look for them in the folder `mnist`. \
If it is not in the list on the left, make it, and drag the four files into it.

The gallery of bugs in `full_backprop` starts a second Python, which a browser cannot do. \
Skip its two cells, `TRIAL = …` and the one after.
"""


def chapters():
    """The notebooks of the book, in reading order."""
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    pages = [chapter["file"] for part in contents["parts"] for chapter in part["chapters"]]
    paths = [ROOT / f"{page}.ipynb" for page in pages]
    return [path for path in paths if path.exists()]


def for_the_browser(notebook):
    """Make a chapter into one that runs in a browser.

    It begins with a cell that installs netlib. Cells that the rendered page does not show are left
    out, since they hand numbers over to the book. Links to pages that are not notebooks become
    plain words.
    """
    kept = [cell for cell in notebook.cells if "remove-cell" not in cell.metadata.get("tags", [])]
    for cell in kept:
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"\[([^]]+)\]\(\w+\.md[^)]*\)", r"\1", cell.source)
    needs_mnist = any("load_mnist" in cell.source for cell in kept)
    install = nbformat.v4.new_code_cell(INSTALL_WITH_MNIST if needs_mnist else INSTALL)
    install.id = "install-netlib"
    notebook.cells = [install, *kept]
    notebook.metadata["kernelspec"] = {
        "display_name": "Python (Pyodide)",
        "language": "python",
        "name": "python",
    }


def write_chapters(folder):
    """Write the chapters, and a page that lists them in reading order."""
    titles = []
    for path in chapters():
        notebook = nbformat.read(path, as_version=4)
        title = notebook.cells[0].source.splitlines()[0].removeprefix("# ")
        titles.append(f"1. [{title}]({path.name})")
        for_the_browser(notebook)
        nbformat.validate(notebook)
        nbformat.write(notebook, folder / path.name)
    start = START.format(chapters="\n".join(titles))
    (folder / "0_start_here.md").write_text(start, encoding="utf-8")


def write_mnist(folder):
    """Write MNIST's four files, or say why there are none."""
    try:
        contents = {file.name: read_mnist_file(file.name) for file in FILES}
    except DataError as error:
        print(f"The site is built without MNIST. {error}")
        return
    folder.mkdir()
    for name, content in contents.items():
        (folder / f"{name}.gz").write_bytes(gzip.compress(content, compresslevel=6, mtime=0))


def collect_wheels(folder):
    """Collect netlib and the pure Python packages that Pyodide does not have."""
    build_wheel(folder)
    download = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", DOWNLOADS]
    download += ["--only-binary", ":all:", "--platform", "any"]  # no code for one kind of computer
    for name in NOT_IN_PYODIDE:
        version = importlib.metadata.version(name)
        if not list(DOWNLOADS.glob(f"{name}-{version}-*.whl")):
            subprocess.run([*download, f"{name}=={version}"], check=True)
        (wheel,) = DOWNLOADS.glob(f"{name}-{version}-*.whl")
        shutil.copy(wheel, folder)


def write_settings(folder):
    """Write what differs from JupyterLite's own settings."""
    site = {"appName": "Understand a neural network by running one"}
    whole = {"jupyter-lite-schema-version": 0, "jupyter-config-data": site}
    (folder / "jupyter-lite.json").write_text(json.dumps(whole), encoding="utf-8")
    viewers = {"defaultViewers": {"markdown": "Markdown Preview"}}
    settings = {"@jupyterlab/docmanager-extension:plugin": viewers}
    (folder / "overrides.json").write_text(json.dumps(settings), encoding="utf-8")


def main():
    for folder in (SOURCE, SITE):
        shutil.rmtree(folder, ignore_errors=True)
    files = SOURCE / "files"
    files.mkdir(parents=True)
    write_chapters(files)
    write_mnist(files / "mnist")
    collect_wheels(SOURCE / "pypi")
    write_settings(SOURCE)
    build = [sys.executable, "-m", "jupyterlite_core", "build", "--apps", "lab", "--no-sourcemaps"]
    build += ["--lite-dir", SOURCE, "--contents", files, "--output-dir", SITE]
    build += ["--no-libarchive", "--log-level", "ERROR"]
    subprocess.run(build, check=True, cwd=SOURCE, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
