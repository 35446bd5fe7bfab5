"""Every page in a headless Chromium, from a folder and from a web server.

A page works if it writes nothing to the console, asks only its own address for files and gets
them all, has every formula drawn, does not scroll sideways, and is not heavy.
"""

import pytest
from PIL import Image

# What a page with formulas must not hold. Returns a list, so that a failure names the culprits.
NOT_DRAWN = r"""() => {
  const bad = [];
  for (const maths of document.querySelectorAll(".math")) {
    const formula = maths.querySelector("math");
    const unfolded = [...document.querySelectorAll("details:not([open])")].every(
      e => !e.contains(maths));
    const box = formula?.getBoundingClientRect();
    if (!formula) bad.push("raw: " + maths.textContent);
    else if (unfolded && !(box.width > 2 && box.height > 2)) bad.push("empty: " + formula.outerHTML);
    else if (/\\|\$|\[\d+\w\w\]/.test(formula.textContent)) bad.push("raw: " + formula.textContent);
    else if (formula.querySelector("merror")) bad.push("error: " + formula.textContent);
  }
  const copy = document.querySelector("article").cloneNode(true);
  copy.querySelectorAll("pre, code, script, math").forEach(e => e.remove());
  const left = copy.textContent.match(/\\[(\[].*|\$[^$\n]+\$|\$\$/);
  if (left) bad.push("raw: " + left[0]);
  return bad;
}"""
FONTS_MISSING = """async () => {
  await document.fonts.ready;
  return [...document.fonts].filter(f => f.status === "error").map(f => "font: " + f.family);
}"""

# The elements that make the page wider than the screen, without those that scroll by themselves.
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const clipped = e => e && (getComputedStyle(e).overflowX != "visible" || clipped(e.parentElement));
  return [...document.body.querySelectorAll("*")]
    .filter(e => e.getBoundingClientRect().right > width + 1 && !clipped(e.parentElement))
    .slice(0, 5)
    .map(e => e.outerHTML.slice(0, 150) + " reaches to " + e.getBoundingClientRect().right);
}"""
BYTES = """() => [...performance.getEntriesByType("navigation"),
               ...performance.getEntriesByType("resource")].map(e => [e.decodedBodySize, e.name])"""
MOST_BYTES = 1_000_000  # of a page with everything on it
MOST_BYTES_OF_THE_BOOK = 15_000_000


@pytest.fixture(scope="module")
def window(browser):
    with browser.new_context() as context:
        yield context


def open_page(window, base, page, theme, width):
    """Open a page of the book at address `base`. Returns its tab and what is wrong so far."""
    tab = window.new_page()
    problems = []
    note = problems.append
    grave = ("error", "warning")
    said = "{0.type}: {0.text} {0.location[url]}".format
    tab.on("console", lambda message: note(said(message)) if message.type in grave else None)
    tab.on("pageerror", lambda error: note(f"page error: {error}"))
    gone = "net::ERR_ABORTED"  # given up, as another page is opened before this one has all
    tab.on("requestfailed", lambda r: None if r.failure == gone else note(f"failed: {r.url}"))
    tab.on("response", lambda r: note(f"status {r.status}: {r.url}") if r.status >= 400 else None)
    own = (base, "data:", "blob:")
    tab.on("request", lambda r: None if r.url.startswith(own) else note(f"outside: {r.url}"))
    tab.set_viewport_size({"width": width, "height": 800})
    tab.add_init_script(f"localStorage.setItem('mode', '{theme}')")
    tab.goto(f"{base}{page}.html", wait_until="networkidle")
    return tab, problems


def what_goes_wrong(window, base, page, theme, width):
    """List all that a reader would miss on a page."""
    tab, problems = open_page(window, base, page, theme, width)
    for check in (FONTS_MISSING, NOT_DRAWN, TOO_WIDE):
        problems += tab.evaluate(check)
    if tab.evaluate("document.documentElement.dataset.theme") != theme:
        problems.append(f"the theme is not {theme}")
    if tab.locator("input[name=q]:visible").count() != 1:
        problems.append("there is not one field to search in, but another number")
    if base.startswith("http"):
        sizes = sorted(tab.evaluate(BYTES), reverse=True)
        total = sum(size for size, _ in sizes)
        if total > MOST_BYTES:
            problems.append(f"{total} bytes, most of them: {sizes[:5]}")
    tab.close()
    return problems


def test_from_a_folder_on_a_phone_in_light_a_page_works(window, rendered, any_page):
    problems = what_goes_wrong(window, rendered.as_uri() + "/", any_page, "light", width=390)
    assert not problems, "\n".join(problems)


def test_from_a_server_on_a_wide_screen_in_the_dark_a_page_works(window, server, any_page):
    problems = what_goes_wrong(window, server, any_page, "dark", width=1280)
    assert not problems, "\n".join(problems)


def test_the_whole_book_is_small(rendered):
    size = sum(file.stat().st_size for file in rendered.rglob("*") if file.is_file())
    assert size < MOST_BYTES_OF_THE_BOOK


# --- search -------------------------------------------------------------------------------


@pytest.fixture(params=["http", "file"])
def base(request, server, rendered):
    """The address of the book: on a web server, and in a folder."""
    return server if request.param == "http" else rendered.as_uri() + "/"


@pytest.fixture
def tab(window, base):
    """A page of the book, which must end without a problem."""
    tab, problems = open_page(window, base, "book/pruning", "light", 1280)
    yield tab
    tab.close()
    assert not problems, "\n".join(problems)


def test_search_finds_a_page_and_leads_there(tab):
    tab.keyboard.press("Control+k")
    tab.keyboard.type("backpropagation")
    tab.keyboard.press("Enter")
    found = tab.locator("#search-results li a")
    found.first.wait_for()
    assert tab.locator(".bd-search input").input_value() == "backpropagation"
    found.get_by_text("Add up the paths").first.click()
    tab.locator("h1", has_text="Add up the paths").wait_for()


def test_search_for_what_is_nowhere_says_so(tab):
    tab.locator(".bd-search input").fill("zyzzyva")
    tab.keyboard.press("Enter")
    tab.get_by_text("did not match any documents").wait_for()


# --- what a page does ---------------------------------------------------------------------


def theme_of(tab):
    return tab.evaluate("document.documentElement.dataset.theme")


def test_colours_follow_the_system_until_the_reader_chooses(browser, server):
    with browser.new_context(color_scheme="dark") as context:
        tab = context.new_page()
        tab.goto(f"{server}book/glossary.html")
        assert theme_of(tab) == "dark"
        tab.emulate_media(color_scheme="light")
        tab.wait_for_function("document.documentElement.dataset.theme === 'light'")
        button = tab.locator(".theme-switch-button")
        named = [button.inner_text()]
        for chosen in ("light", "dark"):
            button.click()
            assert theme_of(tab) == chosen
            named.append(button.inner_text())
        assert len(set(named)) == 3
        tab.reload()
        assert theme_of(tab) == "dark"


def test_a_folded_solution_opens_when_an_address_leads_to_it(window, server):
    tab = window.new_page()
    tab.goto(f"{server}book/full_backprop.html#sol-shapes")
    assert tab.locator("#sol-shapes").evaluate("e => e.open")
    assert not tab.locator("details.solution").nth(1).evaluate("e => e.open")
    tab.close()


def test_a_code_cell_is_copied_as_it_is(browser, server):
    with browser.new_context(permissions=["clipboard-read", "clipboard-write"]) as context:
        tab = context.new_page()
        tab.goto(f"{server}book/xor_forward_pass.html")
        cell = tab.locator(".cell_input").first
        code = cell.locator("pre").text_content()
        cell.locator("button.copybtn").click()
        tab.wait_for_function("navigator.clipboard.readText().then(text => text.length > 0)")
        assert tab.evaluate("navigator.clipboard.readText()") == code.strip()
        tab.locator("#said", has_text="Copied").wait_for()
        assert tab.evaluate("document.activeElement.matches('.copybtn')"), "the place is lost"
        assert tab.locator(".cell_output .copybtn").count() == 0


# --- links to the book --------------------------------------------------------------------


def test_a_link_to_a_page_has_a_preview(soup_of, any_page):
    def content(name):
        tag = soup_of(any_page).find("meta", attrs={"property": name})
        return tag and tag["content"]

    assert content("og:title")
    assert content("og:image").endswith("_static/card.png")
    assert len(content("og:image:alt")) > 20
    if any_page.startswith("book/"):
        assert len(content("og:description")) > 40


def test_the_picture_of_the_preview_is_there(rendered):
    assert Image.open(rendered / "_static" / "card.png").size == (1200, 630)
    assert Image.open(rendered / "_static" / "icon.png").size == (180, 180)
