"""What all tests share: MNIST, the rendered book, a browser, and which notebooks need MNIST."""

import contextlib
import functools
import http.server
import os
import pathlib
import re
import textwrap
import threading

import bs4
import hypothesis
import pytest
from nbval.plugin import IPyNbCell
from playwright.sync_api import sync_playwright

# One BLAS thread. The kernels that nbval starts inherit it.
for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

from netlib import DataError, load_mnist  # noqa: E402  NumPy reads the number when imported
from tools.approximately import too_far  # noqa: E402
from tools.chromium import BROWSERS, QUIET, find_chromium  # noqa: E402

# A busy computer is no fault of the code: no test asserts a time.
slow = [hypothesis.HealthCheck.too_slow]
hypothesis.settings.register_profile("patient", deadline=None, suppress_health_check=slow)
hypothesis.settings.load_profile("patient")

ROOT = pathlib.Path(__file__).parent
collect_ignore = ["book/assignments"]  # their tests are in tests/


def skip(reason):
    """Skip the test, or fail it where NETLIB_FORBID_SKIPS=1, as in CI."""
    if os.environ.get("NETLIB_FORBID_SKIPS") == "1":
        pytest.fail(f"{reason} (NETLIB_FORBID_SKIPS=1)", pytrace=False)
    pytest.skip(reason)


# --- MNIST --------------------------------------------------------------------------------


@functools.cache
def why_no_mnist():
    """Why MNIST cannot be had, in one line; "" if it can. Asked once, as it may take a while."""
    try:
        load_mnist()
    except DataError as error:
        return textwrap.shorten(str(error), 220, placeholder=" ...")
    return ""


@pytest.fixture(scope="session")
def mnist():
    if why_no_mnist():
        skip(why_no_mnist())
    return load_mnist()


def calls_load_mnist(notebook):
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return "load_mnist(" in "\n".join(code)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Skip a notebook that needs MNIST in vain. This comes before nbval starts a kernel for it."""
    if isinstance(item, IPyNbCell) and calls_load_mnist(item.parent.nb) and why_no_mnist():
        reason = f"needs MNIST, which could not be had: {why_no_mnist()}"
        if os.environ.get("NETLIB_FORBID_SKIPS") == "1":
            skip(reason)
        item.add_marker(pytest.mark.skip(reason=reason))  # -ra then prints one line a notebook


# --- numbers after ≈ ----------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """nbval does not compare numbers after ≈. They must be near the stored ones all the same."""
    yield
    if isinstance(item, IPyNbCell) and item.options["check"]:
        far = too_far(item.cell, item.test_outputs)
        if far:
            item.raise_cell_error("Numbers after ≈ are too far away", "\n".join(far))


# --- the rendered book --------------------------------------------------------------------


def toc_pages():
    """The pages that _toc.yml names, in order, such as "book/intro"."""
    return re.findall(r"\b(?:root|file): *(\S+)", (ROOT / "_toc.yml").read_text("utf-8"))


OTHER_PAGES = ["search", "genindex", "404"]  # no table of contents names them


def pytest_generate_tests(metafunc):
    """A test with an argument `page` runs once for each page of the table of contents, one with
    `any_page` also for the pages that Sphinx adds."""
    if "page" in metafunc.fixturenames:
        metafunc.parametrize("page", toc_pages())
    if "any_page" in metafunc.fixturenames:
        metafunc.parametrize("any_page", toc_pages() + OTHER_PAGES)


BUILT = {"rendered", "site", "browser"}  # fixtures below


def pytest_collection_modifyitems(items):
    """Mark each test that looks at what was built, so that `-m "not built"` leaves it out."""
    for item in items:
        if BUILT & set(getattr(item, "fixturenames", ())):  # a cell of a notebook has no fixtures
            item.add_marker("built")


@pytest.fixture(scope="session")
def toc():
    return toc_pages()


@pytest.fixture(scope="session")
def rendered():
    """The folder of the rendered book."""
    folder = ROOT / "_build" / "html"
    if not folder.exists():
        pytest.fail(f"{folder} is missing: run make book first", pytrace=False)
    return folder


@pytest.fixture(scope="session")
def soup_of(rendered):
    """The parsed page of a name such as "book/intro"."""

    @functools.cache
    def parse(name):
        text = (rendered / f"{name}.html").read_text(encoding="utf-8")
        return bs4.BeautifulSoup(text, "html.parser")

    return parse


@pytest.fixture(scope="session")
def site():
    """The folder of the site that runs the chapters in a browser."""
    folder = ROOT / "_build" / "lite"
    if not folder.exists():
        pytest.fail(f"{folder} is missing: run make lite first", pytrace=False)
    return folder


@pytest.fixture(scope="module")  # not "session": Playwright and nbval cannot run at the same time
def browser():
    """A Chromium without a window."""
    if not find_chromium():
        named = os.environ.get("CHROMIUM")
        looked = f"CHROMIUM={named}" if named else f"none of {', '.join(BROWSERS)} is there"
        skip(f"no Chromium found: {looked}")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=QUIET)
        yield chromium
        chromium.close()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files, and does not print a line for each."""

    def log_message(self, *args):
        pass


@contextlib.contextmanager
def serve(folder, handler=QuietHandler):
    """Run a web server that has the files of a folder; its address is given to `with`."""
    handler = functools.partial(handler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/"
        running.shutdown()


@pytest.fixture(scope="module")
def server(rendered):
    """The address of a web server that has the book."""
    with serve(rendered) as address:
        yield address


@pytest.fixture(scope="module")
def lite(site):
    """The address of a web server that has the site of `make lite`."""
    with serve(site) as address:
        yield address
