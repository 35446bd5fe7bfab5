"""The site that runs the chapters in a browser: what is in it, and how it opens in Chromium.

Python comes from Pyodide's host, which is not asked here: no cell is run.
"""

import hashlib
import importlib.metadata
import json
import pathlib
import re
import subprocess
import sys

import nbformat
import pytest
from packaging.requirements import Requirement

ROOT = pathlib.Path(__file__).parents[1]
CHAPTERS = [path.name for path in sorted((ROOT / "book").glob("*.ipynb"))]
START = "0_start_here.md"
KERNEL = "extensions/@jupyterlite/pyodide-kernel-extension/static"

# what netlib, or a wheel of the site, needs of Pyodide 314: its own packages and their versions
# are in the file pyodide-lock.json of the npm package pyodide
IN_PYODIDE = {
    "ipython", "joblib", "matplotlib", "numpy", "packaging", "platformdirs", "requests",
    "scikit-learn", "scipy", "threadpoolctl", "tqdm", "traitlets", "typing-extensions",
    "urllib3",
}  # fmt: skip


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def same(name):
    """The one form of a package's name."""
    return re.sub(r"[-_.]+", "-", name).lower()


# --- what is in it ------------------------------------------------------------------------


def test_the_first_page_leads_to_all_chapters_in_reading_order(site, toc):
    start = (site / "files" / START).read_text(encoding="utf-8")
    links = re.findall(r"\]\((.*?)\)", start)
    pages = [f"{page.removeprefix('book/')}.ipynb" for page in toc]
    assert links == [page for page in pages if page in CHAPTERS]
    assert len(links) == len(CHAPTERS)


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_installs_netlib_first_and_is_otherwise_what_the_page_shows(site, name):
    notebook = nbformat.read(site / "files" / name, as_version=4)
    nbformat.validate(notebook)
    first, *others = notebook.cells
    assert "%pip install -q netlib" in first.source.splitlines()
    original = nbformat.read(ROOT / "book" / name, as_version=4).cells
    shown = [cell.id for cell in original if "remove-cell" not in cell.metadata.get("tags", [])]
    assert [cell.id for cell in others] == shown
    assert notebook.metadata.kernelspec.name == "python"  # Pyodide's


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_links_to_nothing_that_is_not_there(site, name):
    notebook = nbformat.read(site / "files" / name, as_version=4)
    text = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    files = set(re.findall(r"\]\(([\w/]+\.\w+)", text))
    assert [file for file in files if not (site / "files" / file).exists()] == []


def test_no_chapter_misses_a_name_that_a_cell_left_out_defined(site):
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F821"]
    files = [site / "files" / name for name in CHAPTERS]
    ended = subprocess.run([*ruff, *files], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout


@pytest.mark.usefixtures("mnist")  # the site has it if it could be had
def test_the_chapters_that_need_mnist_find_it_in_the_site(site):
    files = sorted(path.name for path in (site / "files" / "mnist").iterdir())
    assert len(files) == 4
    for name in CHAPTERS:
        code = (site / "files" / name).read_text(encoding="utf-8")
        assert ("load_mnist" in code) == ('NETLIB_DATA_DIR\\"] = \\"mnist' in code), name


def test_netlib_of_this_version_is_in_the_index(site):
    version = importlib.metadata.version("netlib")
    ((found, [wheel]),) = read(site / "pypi" / "all.json")["netlib"]["releases"].items()
    assert found == version
    content = (site / "pypi" / wheel["url"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == wheel["digests"]["sha256"]


def test_all_that_netlib_needs_is_in_the_site_or_in_pyodide(site):
    own = read(site / "pypi" / "all.json")
    there = IN_PYODIDE | {same(name) for name in [*own, *read(site / KERNEL / "pypi/all.json")]}
    missing = []
    for name in own:
        for line in importlib.metadata.requires(name) or []:
            needed = Requirement(line)
            wanted = not needed.marker or needed.marker.evaluate({"sys_platform": "emscripten"})
            if wanted and same(needed.name) not in there:
                missing.append(f"{name} needs {line}")
    assert missing == []


def test_what_shows_live_figures_and_exercises_is_built_in(site):
    settings = read(site / "jupyter-lite.json")["jupyter-config-data"]
    extensions = {extension["name"] for extension in settings["federated_extensions"]}
    assert {"@jupyter-widgets/jupyterlab-manager", "anywidget", "jupyterlab-myst"} <= extensions


def test_source_maps_are_left_out(site):
    assert list(site.rglob("*.map")) == []


# --- how it opens -------------------------------------------------------------------------


@pytest.fixture
def tab(browser, lite):
    """A tab in which no other host is reached; `tab.outside` lists those that were asked."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        tab = context.new_page()
        tab.set_default_timeout(60_000)  # JupyterLab is large, and the computer may be busy
        tab.outside = []

        def refuse(route):
            tab.outside.append(route.request.url)
            route.abort()

        context.route(lambda url: not url.startswith((lite, "data:", "blob:")), refuse)
        yield tab


def test_jupyterlab_lists_the_chapters_and_asks_no_other_host(tab, lite):
    problems = []
    tab.on("pageerror", lambda error: problems.append(str(error)))
    tab.on("requestfailed", lambda request: problems.append(f"failed: {request.url}"))
    tab.on("response", lambda r: problems.append(f"{r.status}: {r.url}") if r.status >= 400 else 0)
    tab.goto(f"{lite}lab/index.html?path={START}")
    tab.locator(".jp-MarkdownViewer a", has_text="Compute XOR with three nodes").wait_for()
    listed = tab.locator(".jp-DirListing-itemName").all_text_contents()
    assert [name for name in listed if name.endswith(".ipynb")] == CHAPTERS
    tab.wait_for_load_state("networkidle")
    assert tab.outside == problems == []


def test_every_chapter_opens_from_the_first_page_and_only_pyodides_host_is_asked(tab, lite, site):
    settings = read(site / KERNEL / "schema" / "kernel.v0.schema.json")["properties"]
    pyodide = settings["pyodideUrl"]["default"].removesuffix("pyodide.mjs")
    tab.goto(f"{lite}lab/index.html?path={START}")
    links = tab.locator(".jp-MarkdownViewer a[href*=ipynb]")
    links.first.wait_for()
    titles = links.all_text_contents()
    assert len(titles) == len(CHAPTERS)
    for title in titles:
        links.get_by_text(title).click()
        notebook = tab.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
        notebook.locator("h1", has_text=title).wait_for()
        assert "%pip install -q netlib" in notebook.locator(".jp-CodeCell").first.inner_text()
        tab.locator("#jp-main-dock-panel .lm-mod-current .lm-TabBar-tabCloseIcon").click()
    assert tab.outside != []
    assert [url for url in tab.outside if not url.startswith(pyodide)] == []
