"""What every live figure owes its readers, whatever it shows."""

import importlib
import json
import re

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe

import netlib.widgets
from netlib.widgets.live_figure import number

STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"
STATE_SCRIPT = re.compile(rf'(<script type="{re.escape(STATE)}">)(.*?)(</script>)', re.S)
INHERITED = {name for name in dir(netlib.widgets.live_figure.LiveFigure)} - {"version"}


@pytest.fixture(params=netlib.widgets.__all__)
def name(request):
    return request.param


@pytest.fixture
def base(rendered):
    """From a folder only: the tests of each figure open it from a server too."""
    return rendered.as_uri() + "/"


@pytest.fixture
def notebook(name, chapters, root):
    return nbformat.read(root / "book" / f"{chapters[name]}.ipynb", as_version=4)


def output_of(notebook):
    """The stored output that is the live figure."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if VIEW in output.get("data", {}) and "image/svg+xml" in output["data"]:
                return output["data"]
    raise AssertionError("no live figure is stored")


def state_of(notebook):
    return notebook.metadata.widgets[STATE]["state"]["figure-1"]


# --- what is stored -----------------------------------------------------------------------


def test_every_figure_has_a_chapter(chapters):
    assert sorted(chapters) == sorted(netlib.widgets.__all__)


def test_the_stored_state_is_small_and_its_ids_are_the_same_in_every_run(notebook):
    assert len(json.dumps(notebook.metadata.widgets)) < 60_000
    assert set(notebook.metadata.widgets[STATE]["state"]) == {"figure-1", "layout-1"}
    assert output_of(notebook)[VIEW]["model_id"] == "figure-1"


def test_the_stored_state_leaves_out_the_code(notebook):
    assert not {"_esm", "_css"} & set(state_of(notebook)["state"])


def test_the_page_has_no_code_in_its_state_but_loads_it(name, chapters, soup_of):
    page = soup_of(f"book/{chapters[name]}")
    stored = json.loads(page.find("script", type=STATE).string)["state"]["figure-1"]
    assert not {"_esm", "_css"} & set(stored["state"])
    links = [tag.get("src") or tag.get("href") for tag in page.select("script[src], link")]
    loaded = [re.search(r"_static/figures/([^?]*)", link) for link in links]
    file = getattr(netlib.widgets, name).__module__.rpartition(".")[2]
    assert [link[1] for link in loaded if link] == [f"{file}.css", f"{file}.js", "afm-host.js"]


def test_the_text_is_fixed_and_says_something(name, notebook):
    text = output_of(notebook)["text/plain"]
    assert text.startswith(f"{name}: ")
    assert " at 0x" not in text
    assert len(text) > 80


def test_all_front_end_code_together_is_below_150_kb(root):
    files = [*(root / "netlib" / "widgets").rglob("*.[jc]s*"), *(root / "book/_ext").glob("*.js")]
    assert sum(file.stat().st_size for file in files) < 150_000


@pytest.mark.parametrize(
    ("value", "text"),
    [(-0.001, "0.00"), (-1.5, "−1.50"), (2.345, "2.35"), (1e7, "1.0e7"), (-2.5e-9, "0.00")],
)
def test_a_number_is_written_as_people_write_it(value, text):
    assert number(value) == text.replace("2.35", f"{2.345:.2f}")


# --- in the page --------------------------------------------------------------------------


def test_the_page_says_what_python_said(open_figure, name, notebook):
    sentence = output_of(notebook)["text/plain"].partition(": ")[2]
    assert open_figure(name).sentence() == sentence


COLOURS_HAVE_CHANGED = """async () => {
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  const changes = document.getAnimations().filter(a => a instanceof CSSTransition);
  await Promise.allSettled(changes.map(change => change.finished));
}"""


@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(open_figure, name, width):
    shown = open_figure(name, viewport={"width": width, "height": 900})
    for theme in ("light", "dark"):
        shown.tab.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        shown.tab.evaluate(COLOURS_HAVE_CHANGED)
        found = Axe().run(shown.tab, context=".live-figure")
        assert found.violations_count == 0, f"{theme}: {found.generate_report()}"


def test_on_a_phone_it_fits_and_everything_is_large_enough(open_figure, name):
    shown = open_figure(name, viewport={"width": 390, "height": 844})
    problems = shown.root.evaluate(
        """figure => {
          const edge = figure.getBoundingClientRect().right;
          const all = [...figure.querySelectorAll("*")].filter(e => e.getClientRects().length);
          const scale = e => e.getScreenCTM ? Math.hypot(e.getScreenCTM().a, e.getScreenCTM().b) : 1;
          const wide = all.filter(e => !e.closest("svg svg, .map"))
            .filter(e => e.getBoundingClientRect().right > edge + 0.5);
          const small = all.filter(e => e.matches("button, select, label, input, [tabindex]"))
            .filter(e => !e.closest("label") || e.matches("label"))
            .filter(e => Math.min(e.offsetWidth, e.offsetHeight) < 24);
          const tiny = all.filter(e => e.matches("text") || [...e.childNodes].some(
              n => n.nodeType === 3 && n.textContent.trim()))
            .filter(e => parseFloat(getComputedStyle(e).fontSize) * scale(e) < 10.9);
          const text = e => e.outerHTML.slice(0, 120);
          return [...wide.map(e => "too wide: " + text(e)), ...small.map(e => "small: " + text(e)),
                  ...tiny.map(e => "tiny text: " + text(e))].slice(0, 8);
        }"""
    )
    assert not problems, "\n".join(problems)


def test_the_tab_key_goes_through_all_controls_and_the_focus_is_seen(open_figure, name):
    shown = open_figure(name)
    controls = shown.root.evaluate(
        """figure => {
          const all = [...figure.querySelectorAll("button, input, select, summary, [tabindex='0']")]
            .filter(e => !e.disabled && e.getClientRects().length)
            .filter(e => e.type !== "radio" || e.checked);
          all.forEach((e, k) => e.dataset.control = k);
          all[0].focus();
          return all.length;
        }"""
    )
    reached = set()
    for _ in range(controls + 2):
        control, outlined = shown.tab.evaluate(
            """() => {
              const seen = e => e && !e.matches(".netlib")
                && (getComputedStyle(e).outlineStyle !== "none" || seen(e.parentElement));
              const e = document.activeElement;
              return [e.dataset.control, e.closest(".netlib") ? seen(e) : true];
            }"""
        )
        assert outlined, f"control {control} has no visible focus"
        reached.add(control)
        shown.tab.keyboard.press("Tab")
    assert {str(k) for k in range(controls)} <= reached


def test_nothing_moves_by_itself_for_those_who_want_it_calm(open_figure, name):
    shown = open_figure(name, reduced_motion="reduce")
    moving = shown.root.evaluate(
        """figure => [...figure.querySelectorAll("*")].filter(e => {
          const style = getComputedStyle(e);
          return parseFloat(style.transitionDuration) > 0 || style.animationName !== "none";
        }).map(e => e.outerHTML.slice(0, 100))"""
    )
    assert moving == []
    before = shown.sentence()
    shown.tab.wait_for_timeout(400)
    assert shown.sentence() == before


def test_after_a_pause_a_change_is_announced_once(open_figure, name):
    shown = open_figure(name)
    spoken = shown.root.locator(".spoken")
    assert spoken.get_attribute("aria-live") == "polite"
    assert spoken.text_content() == ""
    shown.tab.clock.install(time=0)
    shown.tab.clock.pause_at(1000)  # from here on, time passes when this test says so
    shown.change()
    shown.tab.clock.run_for(600)
    assert spoken.text_content() == ""
    shown.tab.clock.run_for(200)
    assert spoken.text_content() == shown.root.locator(".sentence").text_content() != ""


def test_a_change_asks_for_no_file(open_figure, name):
    shown = open_figure(name)
    shown.tab.wait_for_load_state("networkidle")
    asked = []
    shown.tab.on("request", lambda request: asked.append(request.url))
    before = shown.sentence()
    shown.change()
    assert shown.sentence() != before
    shown.tab.wait_for_timeout(200)
    # the browser asks for the icon of the tab when it likes, also now
    assert [url for url in asked if not url.endswith("/icon.svg")] == []


# --- without JavaScript, on paper ---------------------------------------------------------


def test_without_javascript_there_is_a_picture_and_a_sentence(open_page, name, notebook):
    tab = open_page(name, java_script_enabled=False)
    still = tab.locator(".live-figure .still")
    assert still.locator("img").is_visible()
    assert len(still.locator("img").get_attribute("alt")) > 40
    assert still.inner_text().strip() == output_of(notebook)["text/plain"].partition(": ")[2]


def test_on_paper_there_is_the_picture_and_on_the_screen_the_figure(open_figure, name):
    shown = open_figure(name)
    still = shown.tab.locator(".live-figure .still")
    assert shown.root.is_visible() and not still.is_visible()
    shown.tab.emulate_media(media="print")
    assert still.is_visible() and not shown.root.is_visible()


# --- bad state ----------------------------------------------------------------------------


def own_keys(name):
    keys = getattr(netlib.widgets, name)().keys
    return [key for key in keys if key not in INHERITED and not key.startswith("_")]


def test_a_state_of_the_wrong_shape_is_named_and_a_good_one_revives_the_figure(open_figure, name):
    shown = open_figure(name)
    sentence = shown.sentence()
    for key in own_keys(name):
        good = shown.live.evaluate_handle("(el, key) => el.model.get(key)", key)
        for bad in ("nonsense", None, float("nan"), [[1e999]], {"a": 1}):
            shown.set(**{key: bad})
            assert shown.sentence().startswith("This figure cannot be shown: "), (key, bad)
            assert not shown.root.locator(".stage").is_visible()
        shown.live.evaluate("(el, [key, good]) => el.model.set(key, good)", [key, good])
        assert shown.sentence() == sentence
        assert shown.root.locator(".stage").is_visible()


@pytest.fixture
def open_with_state(open_page):
    """Opens a page whose stored state was changed by a function, or replaced by a text."""

    def open_(name, change):
        def alter(match):
            state = change(json.loads(match[2]))
            return match[1] + (state if isinstance(state, str) else json.dumps(state)) + match[3]

        return open_page(name, alter=lambda page: STATE_SCRIPT.sub(alter, page, count=1))

    return open_


def without(key):
    def change(stored):
        model = stored["state"]["figure-1"]
        model["state"].pop(key, None)
        model["buffers"] = [b for b in model.get("buffers", []) if b["path"] != [key]]
        return stored

    return change


def of_version_2(stored):
    stored["state"]["figure-1"]["state"]["version"] = 2
    return stored


def named(class_name):
    def change(stored):
        stored["state"]["figure-1"]["state"]["_anywidget_id"] = class_name
        return stored

    return change


HOSTILE = "<img src=x onerror='window.ran = 1'><script>window.ran = 1</script>javascript:ran=1"
BROKEN = {
    "no state": lambda stored: "",
    "not JSON": lambda stored: "{broken",
    "another figure": lambda stored: {"state": {}},
    "no name of a class": without("_anywidget_id"),
    "another class": named("netlib.widgets.other.Other"),
    "a name that is code": named(HOSTILE),
    "a name that is no text": named({"toString": "alert(1)"}),
    "a name that every object has": named("constructor"),
    "version 2": of_version_2,
}


def test_a_broken_state_gives_a_message_and_the_picture_and_the_page_lives(open_with_state, name):
    for fault, change in BROKEN.items():
        tab = open_with_state(name, change)
        tab.get_by_text("This figure cannot be shown").wait_for()
        assert len(tab.locator(".live-figure .live").inner_text()) < 250, fault
        assert tab.locator(".live-figure .still img").is_visible(), fault
        tab.locator("footer").first.wait_for(state="attached")
        assert not tab.evaluate("window.ran"), fault
        tab.close()


def test_each_missing_part_of_the_state_gives_a_message(open_with_state, name):
    for key in own_keys(name):
        tab = open_with_state(name, without(key))
        tab.get_by_text("This figure cannot be shown").wait_for()
        assert tab.locator(".live-figure .still img").is_visible(), key
        tab.close()


def test_text_in_a_state_is_never_run(open_figure, name):
    shown = open_figure(name)
    for key in [*own_keys(name), "version"]:
        good = shown.live.evaluate_handle("(el, key) => el.model.get(key)", key)
        for bad in (HOSTILE, [HOSTILE], [[HOSTILE]], {"valueOf": HOSTILE}):
            shown.set(**{key: bad})
            assert shown.sentence().startswith("This figure cannot be shown: "), (key, bad)
            assert shown.tab.locator(":is(.live, .live *) :is(img, script)").count() == 0
        shown.live.evaluate("(el, [key, good]) => el.model.set(key, good)", [key, good])
    assert not shown.tab.evaluate("window.ran")


def test_a_window_that_changes_its_size_in_mid_drag_does_no_harm(open_figure, name):
    shown = open_figure(name)
    box = shown.stage_box()
    for x in (0.3, 0.5, 0.7):
        shown.tab.mouse.move(box["x"] + x * box["width"], box["y"] + box["height"] / 2)
        shown.tab.mouse.down()
        for width in (390, 1280, 500):
            shown.tab.set_viewport_size({"width": width, "height": 800})
            shown.tab.mouse.move(-50, 4000)
            shown.tab.mouse.move(300, 300)
        shown.tab.mouse.up()
    assert not shown.sentence().startswith("This figure cannot be shown")


def test_paste_does_nothing(open_figure, name):
    shown = open_figure(name)
    shown.root.locator("button, input").first.focus()
    before = shown.sentence()
    shown.tab.evaluate(
        """() => {
          const data = new DataTransfer();
          data.setData("text/plain", "9".repeat(400));
          document.activeElement.dispatchEvent(
            new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
        }"""
    )
    shown.tab.keyboard.type("1e999")
    assert shown.sentence() == before


def test_the_module_is_one_file_without_imports(name):
    module = importlib.import_module(getattr(netlib.widgets, name).__module__)
    code = str(getattr(module, name)._esm)
    assert not re.search(r"^import ", code, re.M)
    assert len(re.findall(r"^export ", code, re.M)) == 1
    declared = re.findall(r"^(?:async )?(?:function|const|let|class) (\w+)", code, re.M)
    assert len(declared) == len(set(declared))
