"""DrawADigit in the page: what is drawn is what netlib sees, and its answer is netlib's."""

import itertools

import numpy as np
import pytest
import traitlets

from netlib import Conv2D, Dense, Flatten, Network, load_trained_network
from netlib.widgets import DrawADigit
from netlib.widgets.handwriting import as_mnist

from .hands import HANDS

PHONE = {"has_touch": True, "viewport": {"width": 390, "height": 844}}
SEVEN = [[0.25, 0.2], [0.5, 0.2], [0.75, 0.2], [0.6, 0.5], [0.45, 0.9]]
DOT, CROSS = [[[0.3, 0.6]]], [[[0.2, 0.2], [0.8, 0.8]], [[0.8, 0.2], [0.2, 0.8]]]
SCRAWLS = [
    rng.uniform(-0.2, 1.2, (3, rng.integers(1, 9), 2)).tolist()
    for rng in map(np.random.default_rng, range(6))
]
DRAWINGS = [[], DOT, CROSS, [[[1e300, -1e300], [0, 0.5]]], *SCRAWLS]
DRAWINGS += [strokes for _, strokes in HANDS[::4]]


def a_network(seed, *hidden):
    """A random network with these hidden layers of 20 nodes."""
    sizes = [784, *(20 for _ in hidden), 10]
    pairs = zip(itertools.pairwise(sizes), [*hidden, "softmax"], strict=True)
    layers = [Dense(k, n, f) for (k, n), f in pairs]
    net = Network(layers, rng=seed)
    rng = np.random.default_rng(seed)
    net.theta += rng.normal(0, 0.05, net.theta.shape).astype(np.float32)
    return net


def put(shown, figure):
    """Show the state of a figure of Python in the page, as a kernel would."""
    theta = list(figure.theta)
    shown.live.evaluate(
        """(el, [theta, state]) => {
          el.model.set("theta", new DataView(Uint8Array.from(theta).buffer));
          Object.entries(state).forEach(([key, value]) => el.model.set(key, value));
        }""",
        [theta, {"sizes": figure.sizes, "activations": figure.activations}],
    )


def held_out(shown):
    """The held-out digits of the page, as Python wants them."""
    pixels = shown.live.evaluate("el => [...new Uint8Array(el.model.get('digits').buffer)]")
    return {"digits": np.reshape(pixels, (-1, 784)) / 255, "labels": shown.get("labels")}


def check(shown, figure):
    """Everything that the page shows is what netlib computes."""
    *hidden, p = figure.forward()
    assert shown.values(".probability") == pytest.approx(100 * p, abs=1e-6)
    assert shown.values(".lists li") == pytest.approx(np.concatenate([*hidden, []]), abs=1e-6)
    c = figure.contributions()
    totals = [c[c > 0].sum(), -c[c < 0].sum()]
    assert shown.values(".signs .remark span") == pytest.approx(totals, abs=1e-6)
    paths = shown.root.locator(".signs path").evaluate_all(
        "all => all.map(e => e.getAttribute('d'))"
    )
    assert [path.count("M") for path in paths] == [2 * (c > 0).sum(), (c < 0).sum()]
    ink = shown.root.locator(".seen canvas").evaluate(
        "c => [...c.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, k) => k % 4 == 3)"
    )
    assert np.abs(np.array(ink) - 255 * figure.x).max() <= 0.5 + 1e-6
    assert shown.sentence() == figure.describe()


# --- the numbers --------------------------------------------------------------------------


def test_every_number_is_netlibs(open_figure):
    shown = open_figure("DrawADigit")
    for strokes in DRAWINGS:
        shown.set(strokes=strokes)
        check(shown, DrawADigit(strokes=strokes))


def test_the_held_out_digits_are_shown_as_they_are(open_figure):
    shown = open_figure("DrawADigit")
    given = held_out(shown)
    for loaded in range(0, 20, 3):
        shown.set(loaded=loaded)
        figure = DrawADigit(**given, loaded=loaded)
        np.testing.assert_array_equal(figure.x, given["digits"][loaded])
        check(shown, figure)


def test_half_of_the_held_out_digits_are_misread_and_say_so(open_figure):
    shown = open_figure("DrawADigit")
    given = held_out(shown)
    answers = load_trained_network().predict(given["digits"])
    assert given["labels"] == [*range(10)] * 2
    assert (answers == given["labels"]).tolist() == [True] * 10 + [False] * 10
    texts = shown.root.locator(".digits button").all_inner_texts()
    expected = [*map(str, range(10)), *(f"{k}→{answers[10 + k]}" for k in range(10))]
    assert [text.strip() for text in texts] == expected


@pytest.mark.parametrize("hidden", [[], ["tanh"], ["relu", "sigmoid", "identity"]])
def test_a_network_of_ones_own_can_be_shown(open_figure, hidden):
    shown = open_figure("DrawADigit")
    figure = DrawADigit(a_network(1, *hidden), strokes=CROSS)
    put(shown, figure)
    shown.set(strokes=CROSS)
    check(shown, figure)
    assert shown.root.locator(".layer").count() == len(hidden)


def test_python_agrees_with_the_network_as_it_is_used_in_float32():
    net = load_trained_network()
    for strokes in DRAWINGS:
        net.forward(as_mnist(strokes)[None])
        for layer, a in zip(net.layers, DrawADigit(strokes=strokes).forward(), strict=True):
            np.testing.assert_allclose(layer.a[0], a, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("strokes", DRAWINGS[-4:])
def test_contributions_are_the_input_gradient_of_the_lead_times_the_pixels(strokes):
    figure = DrawADigit(strokes=strokes)
    k, j = np.argsort(-figure.forward()[-1])[:2]
    layers = [Dense(784, 64, "relu"), Dense(64, 64, "relu"), Dense(64, 10, "identity")]
    lead = Network(layers, dtype=np.float64)
    lead.theta = figure.network.theta
    z = lead.forward(figure.x[None])
    y = z.copy()  # targets of which ∂C/∂z = 2 (z − y) is 1 for the answer, −1 for the runner-up
    y[0, [k, j]] += [-0.5, 0.5]
    gradient = lead.input_gradient(figure.x[None], y, "squared_error")[0]
    np.testing.assert_allclose(figure.contributions(), figure.x * gradient, atol=1e-9)


# --- the words ----------------------------------------------------------------------------


def test_an_empty_pad_says_that_there_is_nothing_to_see(open_figure):
    shown = open_figure("DrawADigit")
    shown.root.get_by_role("button", name="Clear").click()
    assert shown.get("strokes") == []
    assert shown.sentence() == DrawADigit(strokes=[]).describe()
    assert shown.sentence().startswith("There is nothing to see yet")
    assert shown.root.locator(".verdict").inner_text().split("\n")[0] == "?"
    assert shown.root.get_by_role("button", name="Clear").is_disabled()


def test_an_answer_without_a_lead_is_none(open_figure):
    shown = open_figure("DrawADigit")
    shown.set(strokes=DOT)
    assert "I cannot tell: a 3 with 36.8 %, or a 5 with" in shown.sentence()
    assert "I cannot tell: 3 or 5" in shown.root.locator(".verdict").inner_text()


def test_no_answer_is_said_to_be_certain(open_figure):
    shown = open_figure("DrawADigit")
    shown.set(strokes=HANDS[9][1])  # 99.98 %
    assert "I see a 4, more than 99.9 % sure" in shown.sentence()
    texts = set(shown.root.locator(".probability").all_inner_texts())
    assert texts == {"> 99.9 %", "< 0.1 %"}


# --- drawing ------------------------------------------------------------------------------


def places(shown, points):
    """Points of the pad as places in the window."""
    pad = shown.root.locator(".pad svg")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    return [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]


def draw_with_mouse(shown, points):
    first, *others = places(shown, points)
    shown.tab.mouse.move(*first)
    shown.tab.mouse.down()
    for place in others:
        shown.tab.mouse.move(*place)
    shown.tab.mouse.up()


def touch(shown, session, kind, *points):
    """Fingers at these places of the window."""
    fingers = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})


def draw_with_finger(shown, points):
    session = shown.tab.context.new_cdp_session(shown.tab)
    first, *others = places(shown, points)
    touch(shown, session, "touchStart", first)
    for place in others:
        touch(shown, session, "touchMove", place)
    touch(shown, session, "touchEnd")


@pytest.mark.parametrize(
    ("draw", "options"), [(draw_with_mouse, {}), (draw_with_finger, PHONE)], ids=["mouse", "finger"]
)
def test_a_drawing_follows_the_pointer_and_is_answered(open_figure, draw, options):
    shown = open_figure("DrawADigit", **options)
    draw(shown, SEVEN)
    (stroke,) = shown.get("strokes")  # the example is gone
    np.testing.assert_allclose(stroke, SEVEN, atol=0.005)
    draw(shown, [[0.4, 0.55], [0.7, 0.55]])
    assert len(shown.get("strokes")) == 2
    check(shown, DrawADigit(strokes=shown.get("strokes")))
    assert "I see a 7" in shown.sentence()


def test_a_finger_on_the_pad_does_not_scroll_the_page_and_beside_it_does(open_figure):
    shown = open_figure("DrawADigit", **PHONE)
    up = [[0.5, 0.9], [0.5, 0.6], [0.5, 0.3], [0.5, 0.1]]
    places(shown, up)
    before = shown.tab.evaluate("scrollY")
    draw_with_finger(shown, up)
    assert shown.tab.evaluate("scrollY") == before
    assert len(shown.get("strokes")[0]) > 1

    session = shown.tab.context.new_cdp_session(shown.tab)
    box = shown.root.locator(".answer").bounding_box()
    x, y = box["x"] + 100, box["y"] + 100
    touch(shown, session, "touchStart", (x, y))
    for step in range(1, 9):
        touch(shown, session, "touchMove", (x, y - 20 * step))
    touch(shown, session, "touchEnd")
    shown.tab.wait_for_function("before => scrollY > before", arg=before)
    assert len(shown.get("strokes")) == 1


def test_a_second_finger_is_not_a_pen(open_figure):
    shown = open_figure("DrawADigit", **PHONE)
    session = shown.tab.context.new_cdp_session(shown.tab)
    a, b, c, d = places(shown, [[0.2, 0.2], [0.8, 0.8], [0.2, 0.6], [0.8, 0.2]])
    touch(shown, session, "touchStart", a)
    touch(shown, session, "touchStart", a, b)
    touch(shown, session, "touchMove", c, d)
    touch(shown, session, "touchEnd")
    (stroke,) = shown.get("strokes")
    np.testing.assert_allclose(stroke, [[0.2, 0.2], [0.2, 0.6]], atol=0.005)


def test_outside_of_the_pad_the_pen_runs_along_the_edge(open_figure):
    shown = open_figure("DrawADigit")
    draw_with_mouse(shown, [[0.5, 0.5], [2.5, 0.7], [0.3, -8], [0.2, 0.2]])
    (stroke,) = shown.get("strokes")
    np.testing.assert_allclose(stroke, [[0.5, 0.5], [1, 0.7], [0.3, 0], [0.2, 0.2]], atol=0.005)
    shown.tab.mouse.move(*places(shown, [[0.8, 0.8]])[0])  # the button is up
    assert shown.get("strokes") == [stroke]


def test_a_window_that_changes_its_size_in_the_middle_of_a_stroke_does_no_harm(open_figure):
    shown = open_figure("DrawADigit")
    shown.tab.mouse.move(*places(shown, [[0.3, 0.2]])[0])
    shown.tab.mouse.down()
    shown.tab.mouse.move(*places(shown, [[0.7, 0.2]])[0])
    shown.tab.set_viewport_size({"width": 700, "height": 600})
    shown.tab.mouse.move(*places(shown, [[0.4, 0.9]])[0])
    shown.tab.mouse.up()
    points = shown.get("strokes")[-1]
    np.testing.assert_allclose([points[0], points[-1]], [[0.3, 0.2], [0.4, 0.9]], atol=0.005)
    check(shown, DrawADigit(strokes=shown.get("strokes")))


def test_the_right_button_draws_nothing(open_figure):
    shown = open_figure("DrawADigit")
    before = shown.get("strokes")
    shown.tab.mouse.move(*places(shown, [[0.3, 0.2]])[0])
    shown.tab.mouse.down(button="right")
    shown.tab.mouse.move(*places(shown, [[0.7, 0.2]])[0])
    shown.tab.mouse.up(button="right")
    assert shown.get("strokes") == before


def test_keys_draw_and_say_where_the_pen_is(open_figure):
    shown = open_figure("DrawADigit")
    pad = shown.root.get_by_role("application", name="pad to draw on")
    pad.focus()
    keys = ["ArrowUp"] * 6 + ["ArrowLeft"] * 5 + ["Space"] + ["ArrowRight"] * 10
    for key in [*keys, *["End"] * 4, *["ArrowDown"] * 9, "Enter", "ArrowLeft"]:
        shown.tab.keyboard.press(key)
    (stroke,) = shown.get("strokes")
    assert stroke[0] == [0.25, 0.2]
    assert stroke[10] == [0.75, 0.2]
    assert stroke[14] == [0.55, 0.4]
    assert stroke[-1] == [0.55, 0.85]  # then the pen was lifted
    assert shown.root.locator("output").inner_text() == "Pen up, 50 across, 85 from the top."
    assert "I see a 7" in shown.sentence()
    shown.tab.keyboard.press("Control+z")
    assert shown.sentence() == DrawADigit().describe()


def test_the_keyboard_leaves_the_pad_and_reaches_everything(open_figure):
    shown = open_figure("DrawADigit")
    shown.root.locator(".pad").focus()
    shown.tab.keyboard.press("Space")  # now there is something to undo
    reached = shown.tab_through(23)
    assert reached[:3] == ["Undo", "Clear", "digit 1, label 0"]
    assert reached[-1] == "All activations in numbers"


# --- undo, clear and load -----------------------------------------------------------------


def test_undo_goes_back_step_by_step_and_exactly(open_figure):
    shown = open_figure("DrawADigit")
    undo = shown.root.get_by_role("button", name="Undo")
    assert undo.is_disabled()
    states = []

    def remember():
        states.append((shown.get("strokes"), shown.get("loaded"), shown.sentence()))

    remember()
    draw_with_mouse(shown, SEVEN)
    remember()
    draw_with_mouse(shown, [[0.4, 0.55], [0.7, 0.55]])
    remember()
    shown.root.get_by_role("button", name="digit 15").click()
    remember()
    draw_with_mouse(shown, [[0.5, 0.2], [0.5, 0.8]])
    assert shown.get("loaded") == -1
    assert len(shown.get("strokes")) == 1  # drawing began anew
    remember()
    shown.root.get_by_role("button", name="Clear").click()
    for state in reversed(states):
        undo.click()
        assert (shown.get("strokes"), shown.get("loaded"), shown.sentence()) == state
    assert undo.is_disabled()


def test_a_digit_can_be_loaded_and_its_button_shows_it(open_figure):
    shown = open_figure("DrawADigit")
    button = shown.root.get_by_role("button", name="digit 15, label 4, read as")
    button.click()
    assert shown.get("loaded") == 14
    assert button.get_attribute("aria-pressed") == "true"
    assert shown.root.locator(".digits [aria-pressed=true]").count() == 1


# --- states that do not fit ---------------------------------------------------------------


BAD = [
    ({"strokes": None}, "strokes should be lists of points"),
    ({"strokes": [[]]}, "strokes should be lists of points"),
    ({"strokes": [[[0.5]]]}, "strokes should be lists of points"),
    ({"strokes": [[["a", "b"]]]}, "strokes should be lists of points"),
    ({"strokes": "pasted"}, "strokes should be lists of points"),
    ({"loaded": 20}, "loaded should be one of"),
    ({"loaded": 0.5}, "loaded should be one of"),
    ({"labels": [1, 2]}, "digits should be 1568 bytes"),
    ({"labels": None}, "labels should be"),
    ({"sizes": [784, 64, 64, 9]}, "sizes should begin with 784 and end with 10"),
    ({"sizes": [784, 64, 32, 10]}, "theta should be"),
    (
        {"activations": ["relu", "relu", "relu"]},
        "activations should be names of functions, softmax for the last layer",
    ),
    ({"activations": []}, "activations should be names of functions, softmax for the last layer"),
    ({"theta": None}, "theta should be 220200 bytes, and there are 0"),
]


def test_a_state_that_does_not_fit_is_told_and_can_be_mended(open_figure):
    cases = [(key, value, reason) for change, reason in BAD for key, value in change.items()]
    open_figure("DrawADigit").refuses(cases)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"strokes": [[[0.1, 0.2, 0.3]]]}, r"stroke of shape \(1, 3\)"),
        ({"strokes": [[]]}, r"stroke of shape \(0,\)"),
        ({"strokes": [[[0.1, float("nan")]]]}, "finite"),
        ({"strokes": "pasted"}, "lists of points"),
        ({"loaded": 0}, "there are 0 digits"),
        ({"labels": [3]}, "1 labels need 784"),
        ({"theta": b"1234"}, "theta has 4 bytes"),
        ({"theta": np.full(55050, np.nan, "<f4").tobytes()}, "theta must be finite"),
        ({"sizes": [784, 10]}, "sizes"),
        ({"activations": ["relu", "softmax", "relu"]}, "softmax must be the last"),
        ({"network": Network([Dense(784, 10, "sigmoid")], rng=0)}, "softmax must be the last"),
        ({"network": Network([Dense(64, 10, "softmax")], rng=0)}, "784 inputs"),
        (
            {"network": Network([Conv2D((28, 28, 1), 1, 3, "relu"), Flatten((26, 26, 1))], rng=0)},
            "Dense layers only",
        ),
    ],
)
def test_python_refuses_a_state_that_does_not_fit_and_keeps_the_old_one(
    python_refuses, change, reason
):
    python_refuses(DrawADigit(), change, reason)


@pytest.mark.parametrize("digits", [np.full((1, 784), 255.0), np.zeros((1, 28, 28)), [[np.nan]]])
def test_python_refuses_digits_that_are_not_rows_of_pixels(digits):
    with pytest.raises(traitlets.TraitError, match="rows of pixels from 0 to 1"):
        DrawADigit(digits=digits, labels=[3])


def test_python_can_show_another_network_and_draw():
    figure = DrawADigit(a_network(3, "relu"))
    figure.network = a_network(4, "tanh", "relu")
    assert figure.sizes == [784, 20, 20, 10]
    np.testing.assert_array_equal(figure.network.theta, a_network(4, "tanh", "relu").theta)
    figure.strokes = np.array([SEVEN])
    assert figure.strokes == [SEVEN]
    assert len(figure.still().axes) == 6
