"""Every page in a headless Chromium, from a folder and from a web server.

A page works if it writes nothing to the console, asks only its own address for files and gets
them all, has every formula typeset, and does not scroll sideways.
"""

import pytest

# What a typeset page must not hold. Returns a list, so that a failure names the culprits.
UNTYPESET = r"""() => {
  const bad = [];
  for (const math of document.querySelectorAll(".math")) {
    if (!math.querySelector("mjx-container")) bad.push("raw: " + math.textContent);
  }
  for (const error of document.querySelectorAll("[data-mjx-error], mjx-merror")) {
    bad.push("error: " + (error.dataset.mjxError || error.textContent));
  }
  for (const unknown of document.querySelectorAll("mjx-container [fill='red']")) {
    bad.push("unknown command: " + unknown.closest(".math").textContent);
  }
  const copy = new DOMParser().parseFromString(document.querySelector("article").outerHTML, "text/html");
  copy.querySelectorAll("pre, code, script, mjx-container").forEach(e => e.remove());
  const left = copy.body.textContent.match(/\\[(\[].*|\$[^$\n]+\$|\$\$/);
  if (left) bad.push("raw: " + left[0]);
  return bad;
}"""

# The elements that make the page wider than the screen, without those that scroll by themselves.
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const clipped = e => e && (getComputedStyle(e).overflowX != "visible" || clipped(e.parentElement));
  return [...document.body.querySelectorAll("*")]
    .filter(e => e.getBoundingClientRect().right > width + 1 && !clipped(e.parentElement))
    .filter(e => !e.closest(".bd-sidebar"))
    .slice(0, 5)
    .map(e => e.outerHTML.slice(0, 150) + " reaches to " + e.getBoundingClientRect().right);
}"""


@pytest.fixture(scope="module")
def window(browser):
    with browser.new_context() as context:
        yield context


def what_goes_wrong(window, base, page, theme, width):
    """Open a page of the book at address `base`, and list all that a reader would miss."""
    tab = window.new_page()
    problems = []
    note = problems.append
    grave = ("error", "warning")
    said = "{0.type}: {0.text} {0.location[url]}".format
    tab.on("console", lambda message: note(said(message)) if message.type in grave else None)
    tab.on("pageerror", lambda error: note(f"page error: {error}"))
    tab.on("requestfailed", lambda request: note(f"failed: {request.url}"))
    tab.on("response", lambda r: note(f"status {r.status}: {r.url}") if r.status >= 400 else None)
    own = (base, "data:", "blob:")
    tab.on("request", lambda r: None if r.url.startswith(own) else note(f"outside: {r.url}"))

    tab.set_viewport_size({"width": width, "height": 800})
    tab.add_init_script(f"localStorage.setItem('mode', '{theme}')")
    tab.goto(f"{base}{page}.html", wait_until="networkidle")
    tab.evaluate("window.MathJax && MathJax.startup.promise")

    problems += tab.evaluate(UNTYPESET) + tab.evaluate(TOO_WIDE)
    if tab.evaluate("document.documentElement.dataset.theme") != theme:
        note(f"the theme is not {theme}")
    tab.close()
    return problems


def test_from_a_folder_on_a_phone_in_light_a_page_works(window, rendered, page):
    problems = what_goes_wrong(window, rendered.as_uri() + "/", page, "light", width=390)
    assert not problems, "\n".join(problems)


def test_from_a_server_on_a_wide_screen_in_the_dark_a_page_works(window, server, page):
    problems = what_goes_wrong(window, server, page, "dark", width=1280)
    assert not problems, "\n".join(problems)
