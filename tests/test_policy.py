"""The book's own safety: a strict Content-Security-Policy can be put on it, and all of it works.

The policy is that of the README. Under it a browser loads nothing from elsewhere, and runs no text
as code and no script that stands in a page. Nor does a notebook's text run when a book is built.
"""

import importlib.util
import json
import pathlib
import re
import sys
import types

import nbformat
import pytest
from live.conftest import CHAPTERS, Shown
from playwright.sync_api import expect

import netlib.widgets
from conftest import QuietHandler, serve
from tools.refresh import STATE, VIEW, live_figures

ROOT = pathlib.Path(__file__).parents[1]
HEADER = "Content-Security-Policy"
POLICY = re.search(rf"^{HEADER}: (.*)$", (ROOT / "README.md").read_text("utf-8"), re.M)[1]
NOTE_VIOLATIONS = """window.violations = [];
addEventListener("securitypolicyviolation", (event) => violations.push(
  `policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""


class StrictHandler(QuietHandler):
    """Serves files with the policy."""

    def end_headers(self):
        self.send_header(HEADER, POLICY)
        super().end_headers()


@pytest.fixture(scope="module")
def strict(rendered):
    """The address of a web server that has the book and sends the policy with every file."""
    with serve(rendered, StrictHandler) as address:
        yield address


@pytest.fixture
def open_strictly(browser, strict):
    """Opens a page of the book under the policy. The test fails if anything goes wrong there."""
    problems = []
    note = problems.append
    with browser.new_context(permissions=["clipboard-read", "clipboard-write"]) as context:
        context.add_init_script(NOTE_VIOLATIONS)
        grave = ("error", "warning")
        context.on("console", lambda said: note(said.text) if said.type in grave else None)
        context.on("weberror", lambda error: note(str(error.error)))
        context.on("requestfailed", lambda request: note(f"failed: {request.url}"))
        context.on("response", lambda r: note(f"{r.status}: {r.url}") if r.status >= 400 else None)

        def open_(page):
            tab = context.new_page()
            response = tab.goto(f"{strict}{page}.html")  # until its scripts have run
            tab.wait_for_load_state("networkidle")
            assert response.headers[HEADER.lower()] == POLICY
            return tab

        yield open_
        for tab in context.pages:
            problems += tab.evaluate("violations")
    assert not problems, "\n".join(problems)


# --- the policy ---------------------------------------------------------------------------


def test_the_policy_is_strict():
    directives = dict(part.split(maxsplit=1) for part in POLICY.split("; "))
    assert directives["default-src"] == "'none'"
    assert set(directives.values()) == {"'none'", "'self'"}
    # the default does not reach these three
    assert directives.keys() >= {"base-uri", "form-action", "frame-ancestors"}


def test_under_the_policy_a_page_opens_without_a_violation(open_strictly, any_page):
    open_strictly(any_page)


def test_the_first_address_leads_to_the_first_page(open_strictly):
    tab = open_strictly("index")
    expect(tab).to_have_url(re.compile("book/intro.html$"))


FAULTS = {  # what must not work, each as code that somebody may have slipped into a page
    "a handler in an attribute": """document.body.innerHTML += "<img src='' onerror='ran = 1'>" """,
    "a script in the page": """document.body.append(
        Object.assign(document.createElement("script"), { textContent: "ran = 1" }))""",
    "a script in an address": """document.body.append(Object.assign(
        document.createElement("script"), { src: "data:text/javascript,ran = 1" }))""",
    "a text that is evaluated": "setTimeout(() => { try { (0, eval)('ran = 1'); } catch {} })",
    "an image from elsewhere": "new Image().src = 'https://example.com/a.png'",
    "a style in an attribute": "document.body.setAttribute('style', 'color: red')",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_policy_forbids(browser, strict, fault):
    """So a page without a violation has nothing of the kind."""
    with browser.new_context() as context:
        context.add_init_script(NOTE_VIOLATIONS)
        tab = context.new_page()
        tab.goto(f"{strict}book/glossary.html")
        tab.evaluate(f"() => {{ {FAULTS[fault]} }}")
        tab.wait_for_function("violations.length")
        tab.wait_for_timeout(100)  # for a second one, which would be too many
        assert tab.evaluate("violations.length") == 1
        assert not tab.evaluate("window.ran")


# --- what a page does under it ------------------------------------------------------------


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_figure_answers(open_strictly, name):
    shown = Shown(open_strictly(f"book/{CHAPTERS[name]}"), name)
    before = shown.sentence()
    shown.change()
    assert shown.sentence() != before


def test_the_pad_of_the_first_page_draws(open_strictly):
    shown = Shown(open_strictly("book/intro"), "DrawADigit")
    before = shown.sentence()
    shown.drag(shown.root.locator(".pad"), 40, 60)
    assert shown.sentence() != before
    assert len(shown.get("strokes")) == 1
    assert len(shown.get("strokes")[0]) > 3


def test_search_finds(open_strictly):
    tab = open_strictly("book/pruning")
    tab.keyboard.press("Control+k")
    tab.keyboard.type("backpropagation")
    tab.keyboard.press("Enter")
    tab.locator("#search-results a", has_text="Add up the paths").first.click()
    tab.locator("h1", has_text="Add up the paths").wait_for()


def test_light_and_dark_switch(open_strictly):
    tab = open_strictly("book/glossary")
    for theme in ("light", "dark"):
        tab.locator(".theme-switch-button").click()
        expect(tab.locator("html")).to_have_attribute("data-theme", theme)


def test_what_folds_opens(open_strictly):
    tab = open_strictly("book/xor_forward_pass")
    for kind in ("#quiz details", "#exercises details", "details.solution", "details.hide"):
        folded = tab.locator(kind).first
        folded.locator("summary").first.click()
        expect(folded).to_have_attribute("open", "")


def test_code_is_copied(open_strictly):
    tab = open_strictly("book/xor_forward_pass")
    code = tab.locator(".cell_input pre").first.text_content()
    tab.locator(".cell_input button.copybtn").first.click()
    tab.locator("#said", has_text="Copied").wait_for()
    assert tab.evaluate("navigator.clipboard.readText()") == code.strip()
    tab.wait_for_timeout(2200)  # then the button draws its first sign again


def test_the_page_for_a_missing_address_may_have_its_base(browser, strict, rendered):
    """As it has in a book that knows its own address: it may stand in for a page of any folder."""
    page = (rendered / "404.html").read_text("utf-8")
    page = page.replace("<head>", f'<head><base href="{strict}">')
    with browser.new_context() as context:
        tab = context.new_page()
        answer = {"body": page, "content_type": "text/html", "headers": {HEADER: POLICY}}
        tab.route("**/no/such/page.html", lambda route: route.fulfill(**answer))
        tab.goto(f"{strict}no/such/page.html")
        assert tab.evaluate("document.baseURI") == strict
        tab.get_by_role("link", name="the first page").click()
        expect(tab).to_have_url(f"{strict}book/intro.html")


# --- what our files hold ------------------------------------------------------------------

SCRIPTS = sorted(
    file for folder in ("netlib/widgets", "book/_ext", "book/_static")
    for file in (ROOT / folder).rglob("*.js")
)  # fmt: skip
RUNS_TEXT = re.compile(
    r"\beval\b|\bFunction\(|\bimport\(|createObjectURL|\bset(?:Timeout|Interval)\(\s*[\"'`]"
    r"|(?:inner|outer)HTML|insertAdjacentHTML|document\.write|srcdoc|javascript:"
    r"|\bstyle: |[\"']style[\"']|\.on[a-z]+ ="
)
PRINTED = "whole_book.html"  # no page of the book: `make pdf` prints it


@pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: file.name)
def test_a_script_of_ours_runs_no_text_and_writes_no_html(file):
    assert RUNS_TEXT.findall(file.read_text("utf-8")) == []


def test_no_template_has_a_handler_a_style_or_a_script_of_its_own():
    for file in (ROOT / "book/_templates").glob("*.html"):
        if file.name != PRINTED:
            found = re.findall(
                r"\son\w+=|\sstyle=|<style|<script(?![^>]* src=)|javascript:",
                file.read_text("utf-8"),
            )
            assert found == [], file.name


def test_no_page_has_a_handler_a_style_or_a_script_of_its_own(soup_of, any_page):
    page = soup_of(any_page)
    attributes = [name for tag in page.find_all(True) for name in tag.attrs]
    assert [name for name in attributes if name == "style" or name.startswith("on")] == []
    inline = [tag for tag in page.select("script:not([src])") if tag["type"] not in (STATE, VIEW)]
    assert inline + page.select("style, iframe, object, embed, [href^='javascript:' i]") == []


def test_the_index_page_neither(soup_of):
    test_no_page_has_a_handler_a_style_or_a_script_of_its_own(soup_of, "index")


# --- what a notebook names ----------------------------------------------------------------


@pytest.fixture
def trap(tmp_path, monkeypatch):
    """A module that notes when it is imported, and that a notebook names as its figure's class."""
    (tmp_path / "trap_for_tests.py").write_text("def Figure(): raise SystemExit('it has run')\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield "trap_for_tests.Figure"
    assert "trap_for_tests" not in sys.modules


def notebook_that_names(name):
    model = {"model_module": "anywidget", "state": {"_anywidget_id": name, "_esm": "", "_css": ""}}
    model["state"]["layout"] = "IPY_MODEL_layout"
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["widgets"] = {STATE: {"state": {"figure-1": model}}}
    return notebook


HARMFUL = ["os.getcwd", "netlib.widgets.figure_class", "netlib.mutants.main", "XorNetwork", ""]


@pytest.fixture(params=[*HARMFUL, "trap"])
def harmful(request, trap):
    return trap if request.param == "trap" else request.param


def test_the_book_builds_no_figure_but_its_own(harmful):
    spec = importlib.util.spec_from_file_location("live", ROOT / "book/_ext/live_figures.py")
    extension = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(extension)
    app = types.SimpleNamespace(env=types.SimpleNamespace(doc2path=lambda name: name))
    source = [json.dumps(notebook_that_names(harmful))]
    with pytest.raises(ValueError, match="a notebook has a live figure of the class"):
        extension.complete_state(app, "bad.ipynb", source)


def test_a_refresh_makes_no_figure_but_the_books_own(harmful):
    with pytest.raises(ValueError, match="a notebook has a live figure of the class"):
        live_figures(notebook_that_names(harmful))


@pytest.mark.parametrize("name", netlib.widgets.__all__)
def test_a_figure_is_found_under_the_name_that_a_notebook_stores(name):
    figure = getattr(netlib.widgets, name)
    assert netlib.widgets.figure_class(figure().get_state()["_anywidget_id"]) is figure
