"""What a reader takes from a page runs alone: a notebook, and the library that it needs."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import zipfile

import pytest

ROOT = pathlib.Path(__file__).parents[1]
CHAPTERS = sorted((ROOT / "book").glob("*.ipynb"))
QUICK = ["neural_networks", "xor_forward_pass", "single_node_chain_rule"]  # the last two are live
WHERE = "import netlib; print(netlib.__file__)"


@pytest.fixture(scope="module")
def wheel(rendered):
    """The one file of netlib that the rendered book holds."""
    (file,) = (rendered / "_static").glob("*.whl")
    return file


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A folder, outside of the repository, with netlib as it comes out of the file."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps"]
    subprocess.run([*pip, "--target", folder, wheel], check=True)
    return folder


def test_the_front_page_links_to_the_library_and_names_it_in_the_command(rendered, wheel):
    page = (rendered / "book" / "intro.html").read_text(encoding="utf-8")
    assert f'href="../_static/{wheel.name}"' in page
    command = re.sub(r"<[^>]+>", "", page[page.index("installs all that is needed") - 600 :])
    assert re.search(rf"pip install jupyterlab .*{re.escape(wheel.name)}", command)


def test_the_library_is_small_and_holds_what_notebooks_need(wheel):
    assert wheel.stat().st_size < 500_000
    packed = set(zipfile.ZipFile(wheel).namelist())
    folders = ["netlib", "netlib/studies/results", "netlib/trained", "netlib/widgets"]
    folders += ["netlib/widgets/shared", "netlib/studies"]
    needed = {
        f"{folder}/{file.name}"
        for folder in folders
        for file in (ROOT / folder).iterdir()
        if file.suffix in (".py", ".js", ".css", ".json", ".npz")
    }
    assert needed - packed == set()


@pytest.mark.parametrize("name", QUICK)
def test_a_downloaded_notebook_runs_with_the_downloaded_library(
    rendered, installed, tmp_path, name
):
    file = shutil.copy(rendered / "_sources" / "book" / f"{name}.ipynb", tmp_path)
    notebook = json.loads(pathlib.Path(file).read_text(encoding="utf-8"))
    ask = {"cell_type": "code", "id": "where", "metadata": {}, "source": WHERE}
    notebook["cells"].append({**ask, "outputs": [], "execution_count": None})
    pathlib.Path(file).write_text(json.dumps(notebook), encoding="utf-8")

    jupyter = pathlib.Path(sys.executable).with_name("jupyter-execute")
    done = subprocess.run(
        [jupyter, "--inplace", file],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    cells = json.loads(pathlib.Path(file).read_text(encoding="utf-8"))["cells"]
    imported = "".join(cells[-1]["outputs"][0]["text"]).strip()
    assert pathlib.Path(imported).parents[1] == installed


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_no_chapter_names_a_file_of_the_repository(chapter):
    cells = json.loads(chapter.read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    names = re.findall(r"""["']([\w./-]+\.\w+)["']""", code)
    assert [n for n in names if (ROOT / n).is_file() or (chapter.parent / n).is_file()] == []
