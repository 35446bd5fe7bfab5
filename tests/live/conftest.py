"""What the tests of live figures share: a figure in its page of the rendered book."""

import pytest

CHAPTERS = {  # where each figure is
    "PruningSlider": "pruning",
    "XorNetwork": "xor_forward_pass",
}


class Shown:
    """A live figure in an open page."""

    def __init__(self, tab):
        self.tab = tab
        self.root = tab.locator(".netlib-figure")
        self.root.wait_for()
        self.live = tab.locator(".live")

    def set(self, **state):
        """Give the figure a state, as a kernel would."""
        self.live.evaluate(
            "(el, state) => Object.entries(state).forEach(([k, v]) => el.model.set(k, v))", state
        )

    def get(self, key):
        return self.live.evaluate("(el, key) => el.model.get(key)", key)

    def sentence(self):
        return self.root.locator(".sentence").inner_text()

    def values(self, selector):
        """All digits of the numbers that are shown in the elements of this kind."""
        found = self.root.locator(selector).evaluate_all("all => all.map(e => e.dataset.value)")
        return [float(value) for value in found]

    def drag(self, element, dx, dy=0):
        """Press the mouse on an element, move it in small steps, and let go."""
        element.scroll_into_view_if_needed()
        box = element.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.tab.mouse.move(x, y)
        self.tab.mouse.down()
        self.tab.mouse.move(x + dx, y + dy, steps=8)
        self.tab.mouse.up()


@pytest.fixture(params=["http", "file"])
def base(request, server, rendered):
    """The address of the book: on a web server, and in a folder."""
    return server if request.param == "http" else rendered.as_uri() + "/"


@pytest.fixture
def open_figure(browser, base):
    """Opens a figure's page, and returns the figure. The test fails if the page has an error."""
    contexts, errors = [], []

    def open_(name, **options):
        context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | options))
        contexts.append(context)
        tab = context.new_page()
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.goto(f"{base}book/{CHAPTERS[name]}.html", wait_until="domcontentloaded")
        return Shown(tab)

    yield open_
    for context in contexts:
        context.close()
    assert not errors, "\n".join(errors)
