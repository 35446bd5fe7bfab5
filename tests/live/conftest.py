"""What the tests of live figures share: a figure in its page of the rendered book."""

import pathlib

import pytest
import traitlets

CHAPTERS = {  # where each figure is
    "XorNetwork": "xor_forward_pass",
    "SingleNodeChain": "single_node_chain_rule",
    "BackpropPaths": "full_backprop",
    "MiniBatchPaths": "mini_batches",
    "PruningSlider": "pruning",
    "ActivationShapes": "adjusting_parameters",
    "DrawADigit": "mnist_results",
}
CHANGES = {  # a key to press on a control of the figure, and what Python may set
    "XorNetwork": ("[aria-label^='input 0']", "Space", "figure.x = [1, 0]"),
    "SingleNodeChain": ("button:text-is('Step')", "Space", "figure.step = 13"),
    "BackpropPaths": ("text=10 steps", "Space", "figure.example = 1"),
    "MiniBatchPaths": ("text=One batch more", "Space", "figure.w, figure.seen = 1.5, 200"),
    "PruningSlider": (".slider input", "ArrowRight", "figure.fraction = 0.9"),
    "ActivationShapes": ("text=Add 1 to all", "Space", "figure.activation = 'tanh'"),
    "DrawADigit": ("text=Clear", "Space", "figure.strokes = [[[0.5, 0], [0.5, 1]]]"),
}


class Shown:
    """A live figure in an open page."""

    def __init__(self, tab, name, timeout=30_000):
        self.tab = tab
        self.name = name
        self.root = tab.locator(".netlib")
        self.root.wait_for(timeout=timeout)
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

    def sentences(self, states):
        """What the figure says in each of many states."""
        return self.live.evaluate(
            """(el, states) => states.map((state) => {
                for (const [key, value] of Object.entries(state)) el.model.set(key, value);
                return el.querySelector(".sentence").textContent;
            })""",
            states,
        )

    def values(self, selector):
        """All digits of the numbers that are shown in the elements of this kind."""
        found = self.root.locator(selector).evaluate_all("all => all.map(e => e.dataset.value)")
        return [float(value) for value in found]

    def change(self):
        """Change something that the figure shows, from the keyboard."""
        control, key, _ = CHANGES[self.name]
        self.root.locator(control).first.focus()
        self.tab.keyboard.press(key)

    def drag(self, element, dx, dy=0):
        """Press the mouse on an element, move it in small steps, and let go."""
        element.scroll_into_view_if_needed()
        box = element.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.tab.mouse.move(x, y)
        self.tab.mouse.down()
        self.tab.mouse.move(x + dx, y + dy, steps=8)
        self.tab.mouse.up()

    def swipe(self, element, dx, dy=0):
        """Put a finger on the middle of an element, move it in small steps, and lift it."""
        element.scroll_into_view_if_needed()
        box = element.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        session = self.tab.context.new_cdp_session(self.tab)
        for kind, far in [("Start", 0), *(("Move", k / 8) for k in range(9)), ("End", None)]:
            fingers = [] if far is None else [{"x": x + far * dx, "y": y + far * dy}]
            session.send(
                "Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": fingers}
            )

    def tab_through(self, times):
        """Press Tab so often, and an arrow key on each slider; the names that were reached."""
        reached = []
        for _ in range(times):
            self.tab.keyboard.press("Tab")
            name = "document.activeElement.ariaLabel ?? document.activeElement.textContent"
            reached.append(self.tab.evaluate(name))
            if self.tab.evaluate("document.activeElement.type") == "range":
                self.tab.keyboard.press("ArrowRight")
        return reached

    def refuses(self, cases):
        """Each (key, bad value) gives its message, and the old value revives the figure."""
        before = self.sentence()
        for key, bad, message in cases:
            good = self.live.evaluate_handle("(el, key) => el.model.get(key)", key)
            self.set(**{key: bad})
            assert self.sentence().startswith(f"This figure cannot be shown: {message}")
            self.live.evaluate("(el, [key, good]) => el.model.set(key, good)", [key, good])
            assert self.sentence() == before

    def stage_box(self):
        stage = self.root.locator(".stage")
        stage.scroll_into_view_if_needed()
        return stage.bounding_box()


@pytest.fixture(scope="session")
def chapters():
    return CHAPTERS


@pytest.fixture
def python_refuses():
    """Checks that a figure refuses {name: value} for a reason, and stays what it was."""

    def check(figure, change, reason):
        ((name, value),) = change.items()
        before = figure.describe()
        with pytest.raises(traitlets.TraitError, match=reason):
            setattr(figure, name, value)
        assert figure.describe() == before

    return check


@pytest.fixture
def show():
    return Shown


@pytest.fixture
def python_change():
    """Code that changes a figure of this name from Python."""
    return lambda name: CHANGES[name][2]


@pytest.fixture(scope="session")
def root():
    return pathlib.Path(__file__).parents[2]


@pytest.fixture(params=["http", "file"])
def base(request, server, rendered):
    """The address of the book: on a web server, and in a folder."""
    return server if request.param == "http" else rendered.as_uri() + "/"


@pytest.fixture
def open_page(browser, base, rendered):
    """Opens the page of a figure. The test fails if the page has an error.

    `alter` changes the page's text on its way; the other options are Playwright's.
    """
    contexts, errors = [], []

    def open_(name, alter=None, **options):
        context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | options))
        contexts.append(context)
        tab = context.new_page()
        tab.on("pageerror", lambda error: errors.append(str(error)))
        page = f"book/{CHAPTERS[name]}.html"
        address = base + page
        if alter:
            body = alter((rendered / page).read_text(encoding="utf-8"))
            tab.route(address, lambda route: route.fulfill(body=body, content_type="text/html"))
        tab.goto(address, wait_until="domcontentloaded")
        return tab

    yield open_
    for context in contexts:
        context.close()
    assert not errors, "\n".join(errors)


@pytest.fixture
def open_figure(open_page):
    """Opens a figure's page, and returns the figure when it is there."""
    return lambda name, **options: Shown(open_page(name, **options), name)
