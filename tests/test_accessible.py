"""Every page, for those who do not see it, use no mouse, enlarge it, or want it calm."""

import pytest
from axe_playwright_python.sync_playwright import Axe

STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
STRUCTURE = {"runOnly": STANDARD, "resultTypes": ["violations"]}
COLOURS = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}
UNFOLD = "document.querySelectorAll('details').forEach(details => details.open = true)"
DARK = "document.documentElement.dataset.theme = 'dark'"
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def window(browser):
    with browser.new_context(reduced_motion="reduce") as context:
        yield context


@pytest.fixture
def open_tab(window, rendered):
    tabs = []

    def open_(page, width=1280, height=900):
        tab = window.new_page()
        tabs.append(tab)
        tab.set_viewport_size({"width": width, "height": height})
        tab.goto(f"{rendered.as_uri()}/{page}.html", wait_until="load")
        return tab

    yield open_
    for tab in tabs:
        tab.close()


# --- axe-core -----------------------------------------------------------------------------


@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_in_light_and_in_the_dark(open_tab, any_page, width):
    tab = open_tab(any_page, width)
    tab.evaluate(UNFOLD)
    found = Axe().run(tab, options=STRUCTURE)
    assert found.violations_count == 0, found.generate_report()
    tab.evaluate(DARK)
    found = Axe().run(tab, options=COLOURS)
    assert found.violations_count == 0, f"in the dark: {found.generate_report()}"


def test_axe_would_find_faults(open_tab):
    """The check above can fail: here are three faults for it."""
    tab = open_tab("book/sources")
    tab.evaluate(
        """() => document.querySelector("h1").insertAdjacentHTML("afterend",
          "<h4>Too deep</h4><img src=''><p style='color: #999; background: #fff'>Too pale</p>")"""
    )
    faults = {fault["id"] for fault in Axe().run(tab, options=STRUCTURE).response["violations"]}
    assert {"heading-order", "image-alt", "color-contrast"} <= faults


# --- the keyboard -------------------------------------------------------------------------

NUMBER_ALL = """() => {
  const folded = e => e.closest("details:not([open])") && !e.matches("summary");
  const all = [...document.querySelectorAll(
      "a[href], button, input, select, summary, [tabindex='0']")]
    .filter(e => !e.disabled && e.checkVisibility({ visibilityProperty: true }) && !folded(e))
    .filter(e => e.type !== "radio" || e.checked)
    .filter(e => e.tabIndex >= 0);
  all.forEach((e, k) => e.dataset.stop = k);
  return all.length;
}"""
WHERE = """() => {
  const e = document.activeElement;
  const seen = e => e && e !== document.body && (getComputedStyle(e).outlineStyle !== "none"
    || seen(e.parentElement));
  const box = e.getBoundingClientRect();
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return [e.dataset.stop ?? null, seen(e), inside, e.outerHTML.slice(0, 120)];
}"""


@pytest.mark.parametrize(("chapter", "width"), [("full_backprop", 1280), ("xor_forward_pass", 390)])
def test_the_tab_key_walks_through_a_whole_chapter_and_out_again(open_tab, chapter, width):
    tab = open_tab(f"book/{chapter}", width)
    tab.wait_for_selector(".netlib .sentence")
    stops = tab.evaluate(NUMBER_ALL)
    assert stops > 60
    visited = []
    for _ in range(stops):
        tab.keyboard.press("Tab")
        stop, outlined, inside, element = tab.evaluate(WHERE)
        assert stop is not None, f"after {len(visited)} stops: {element}"
        assert outlined, f"no visible focus: {element}"
        assert inside, f"out of sight: {element}"
        visited.append(int(stop))
    assert sorted(visited) == list(range(stops)), "a stop was left out, or came twice"
    assert visited == sorted(visited), "the order is not that of the page"


def test_the_first_stop_leads_past_the_menus_to_the_text(open_tab):
    tab = open_tab("book/pruning")
    tab.keyboard.press("Tab")
    link = tab.locator(".skip-link")
    assert link.evaluate("e => e === document.activeElement && e.getBoundingClientRect().top >= 0")
    tab.keyboard.press("Enter")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_on_a_phone_the_chapters_open_and_close_from_the_keyboard(open_tab):
    tab = open_tab("book/pruning", 390)
    chapters = tab.get_by_role("navigation", name="Chapters")
    button = tab.get_by_role("button", name="Contents")
    assert not chapters.is_visible()
    button.focus()
    tab.keyboard.press("Enter")
    assert chapters.is_visible()
    tab.keyboard.press("Tab")
    assert chapters.evaluate("e => e.contains(document.activeElement)")
    tab.keyboard.press("Escape")
    chapters.wait_for(state="hidden")
    assert button.evaluate("e => e === document.activeElement")


def test_on_a_phone_a_section_is_one_tap_away_from_everywhere(open_tab):
    tab = open_tab("book/pruning", 390)
    tab.evaluate("scrollTo(0, 9000)")
    tab.get_by_role("button", name="On this page").click()
    sections = tab.get_by_role("navigation", name="On this page")
    sections.get_by_role("link", name="Quiz").click()
    sections.wait_for(state="hidden")
    top = tab.locator("#quiz h2").evaluate("e => e.getBoundingClientRect().top")
    bar = tab.locator(".bd-header").evaluate("e => e.getBoundingClientRect().bottom")
    assert bar <= top < bar + 100, "the heading stands below the bar, and not behind it"


# --- by ear -------------------------------------------------------------------------------


def roles(tab):
    """What the browser tells a screen reader: the role and the name of each element."""
    tree = tab.context.new_cdp_session(tab).send("Accessibility.getFullAXTree")
    return [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in tree["nodes"]
        if not node["ignored"]
    ]


def test_landmarks_are_there_once_and_have_names(open_tab, any_page):
    found = roles(open_tab(any_page))
    for landmark in ("banner", "main", "search", "contentinfo"):
        assert [role for role, _ in found].count(landmark) == 1, landmark
    names = [name for role, name in found if role == "navigation"]
    assert all(names) and len(set(names)) == len(names)
    assert "Chapters" in names


def test_every_formula_is_told_as_mathematics(open_tab):
    tab = open_tab("book/single_node_chain_rule")
    tab.evaluate(UNFOLD)
    formulas = tab.locator("math").count()
    assert formulas > 100
    assert [role for role, _ in roles(tab)].count("MathMLMath") == formulas


def test_the_page_that_is_shown_is_told(open_tab, page):
    tab = open_tab(page)
    current = tab.locator("[aria-label=Chapters] [aria-current=page]")
    assert current.count() == 1
    assert current.evaluate("e => e.pathname").endswith(f"{page}.html")


def test_every_table_says_what_stands_in_its_columns(soup_of, any_page):
    for table in soup_of(any_page).select("article table"):
        heads = table.select("thead th")
        assert heads, table
        assert all(head["scope"] == "col" for head in heads)


# --- large, calm, without a script --------------------------------------------------------


def test_at_four_times_the_size_nothing_is_lost(open_tab, any_page):
    tab = open_tab(any_page, width=320, height=225)  # 1280 by 900 at 400 %
    tab.evaluate(UNFOLD)
    assert tab.evaluate(SIDEWAYS) <= 0
    covering = tab.evaluate(
        """() => { scrollTo(0, 600); return [...document.body.querySelectorAll("*")].filter(e =>
          ["fixed", "sticky"].includes(getComputedStyle(e).position) && e.checkVisibility()
        ).map(e => e.outerHTML.slice(0, 80)); }"""
    )
    assert covering == []


def test_nothing_moves_for_those_who_want_it_calm(open_tab, any_page):
    moving = open_tab(any_page).evaluate(
        """() => [...document.querySelectorAll("*")].filter(e => {
          return [null, "::before", "::after"].some(part => {
            const style = getComputedStyle(e, part);
            return style.transitionDuration.split(",").some(t => parseFloat(t) > 0.001)
              || style.animationName !== "none" || style.scrollBehavior === "smooth";
          });
        }).map(e => e.outerHTML.slice(0, 100))"""
    )
    assert moving == []


def test_without_javascript_everything_can_be_read_and_reached(browser, rendered):
    with browser.new_context(java_script_enabled=False) as context:
        tab = context.new_page()
        tab.set_viewport_size({"width": 390, "height": 800})
        tab.goto(f"{rendered.as_uri()}/book/full_backprop.html")
        tab.get_by_role("button", name="Contents").click()
        assert tab.get_by_role("navigation", name="Chapters").is_visible()
        tab.keyboard.press("Escape")
        solution = tab.locator("details.solution").first
        solution.locator("summary").click()
        assert solution.locator("section").is_visible()
        assert tab.locator("math").first.bounding_box()["width"] > 2


# --- figures ------------------------------------------------------------------------------


def test_a_drawing_turns_dark_in_the_dark_and_what_holds_pixels_does_not(open_tab, rendered):
    tab = open_tab("book/full_backprop")
    tab.evaluate(DARK)
    images = tab.locator("article img").evaluate_all(
        "all => all.map(e => [e.getAttribute('src'), getComputedStyle(e).filter])"
    )
    assert images
    for source, shown in images:
        svg = (rendered / "book" / source).read_text("utf-8")
        assert (shown == "invert(1) hue-rotate(180deg)") == ("<image" not in svg), source
