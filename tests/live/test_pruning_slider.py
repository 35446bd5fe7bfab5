"""PruningSlider in the page: what is cut, what is left and what it answers are netlib's."""

import base64

import numpy as np
import pytest
import traitlets
from axe_playwright_python.sync_playwright import Axe

from netlib import load_trained_network, prune
from netlib.studies import results
from netlib.widgets import PruningSlider
from netlib.widgets.pruning_slider import STEPS

STATES = [(0, 0), (1, 63), (0.5, 8), (0.995, 31)] + [
    (int(rng.integers(STEPS + 1)) / STEPS, int(rng.integers(64)))
    for rng in map(np.random.default_rng, range(8))
]
BYTES = """(el, key) => {
    const view = el.model.get(key);
    return Array.from(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
}"""
SET_BYTES = """(el, [key, text]) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    el.model.set(key, new DataView(bytes.buffer));
}"""
PIXELS = """all => all.map((c) =>
    Array.from(c.getContext("2d").getImageData(0, 0, c.width, c.height).data,
        (byte) => String.fromCharCode(byte)).join(""))"""  # text goes faster than numbers


def in_python(shown, **state):
    """The same figure, with the digits of the page."""
    digits = bytes(shown.live.evaluate(BYTES, "digits"))
    return PruningSlider(digits=digits, labels=shown.get("labels"), **state)


def pixels(shown, selector):
    """Red, green, blue and alpha of each canvas: (canvases, height, width, 4)."""
    canvases = shown.root.locator(selector)
    data = "".join(canvases.evaluate_all(PIXELS)).encode("latin-1")
    width = canvases.first.evaluate("c => c.width")
    height = canvases.first.evaluate("c => c.height")
    return np.frombuffer(data, np.uint8).reshape(-1, height, width, 4)


def test_every_number_is_netlibs(open_figure):
    shown = open_figure("PruningSlider")
    assert len(shown.get("labels")) == 12
    for fraction, node in STATES:
        shown.set(fraction=fraction, node=node)
        figure = in_python(shown, fraction=fraction, node=node)
        assert shown.sentence() == figure.describe()
        assert shown.values("td.left") == [W.sum() for W in figure.left()]
        assert shown.values("td.gone") == [nodes.sum() for nodes in figure.cut_off()]
        assert shown.values(".accuracy") == [
            results("cutting").runs[round(200 * fraction)]["result"]["held_out"]
        ]
        outputs = figure.outputs()
        assert shown.values(".probability") == pytest.approx(outputs.max(axis=1), abs=1e-4)
        answers = outputs.argmax(axis=1)
        marks = np.where(answers == figure.labels, "✓", "✗")
        expected = [f"{answer} {mark}" for answer, mark in zip(answers, marks, strict=True)]
        assert shown.root.locator(".digits strong").all_inner_texts() == expected
        W, mask = figure.network.layers[0].W[:, node], figure.left()[0][:, node]
        about = shown.root.locator(".about").first.inner_text()
        assert f"{(mask & (W > 0)).sum()} positive" in about
        assert f"{(mask & (W < 0)).sum()} negative" in about
        assert f"{figure.left()[1][node].sum()} of the 64" in about
        _, second, last = figure.left()
        reached = np.flatnonzero((second[node] @ last.astype(int)) > 0)
        assert about.endswith(f"It can reach {', '.join(map(str, reached)) or 'no answer'}.")


def test_each_step_of_the_slider_removes_as_many_weights_as_netlib(open_figure):
    shown = open_figure("PruningSlider")
    left = shown.live.evaluate("""(el) => Array.from({ length: 201 }, (_, step) => {
        el.model.set("fraction", step / 200);
        return [...el.querySelectorAll("td.left")].map((td) => Number(td.dataset.value));
    })""")
    for step, found in enumerate(left):
        net = load_trained_network()
        prune(net, step / STEPS)
        assert found == [np.count_nonzero(layer.W) for layer in net.layers], step


def assert_blank_where_removed(shown, figure):
    W, left = figure.network.layers[0].W, figure.left()[0]
    images = pixels(shown, ".nodes canvas").reshape(64, 784, 4).transpose(1, 0, 2)
    assert ((images[..., 3] > 0) == left).all()
    bluer = images[..., 2] > images[..., 0]
    assert (bluer == (W > 0))[left].all()
    large = pixels(shown, ".detail > :first-child canvas")[0, ..., 3]
    squares = large.reshape(28, 7, 28, 7).transpose(0, 2, 1, 3).reshape(784, 7, 7)
    kept, signs = left[:, figure.node], np.sign(W[:, figure.node])
    assert ((squares[:, 3] > 0).all(axis=1) == kept).all()  # a row through the middle
    assert ((squares[:, 0] > 0).all(axis=1) == kept & (signs > 0)).all()  # bars are less high
    assert (squares[~kept] == 0).all()


def test_the_images_are_blank_where_weights_are_removed(open_figure):
    shown = open_figure("PruningSlider")
    for fraction, node in STATES[:5]:
        shown.set(fraction=fraction, node=node)
        assert_blank_where_removed(shown, in_python(shown, fraction=fraction, node=node))


def test_of_equal_weights_the_same_go_first_as_in_netlib(open_figure):
    shown = open_figure("PruningSlider")
    theta = np.random.default_rng(0).choice([-0.2, -0.1, 0.1, 0.2], 55050).astype(np.float32)
    text = base64.b64encode(theta.tobytes()).decode()
    shown.live.evaluate(SET_BYTES, ["theta", text])
    for fraction in (0.105, 0.5, 0.77):
        shown.set(fraction=fraction)
        figure = in_python(shown, fraction=fraction, theta=theta.tobytes())
        assert shown.sentence() == figure.describe()
        assert_blank_where_removed(shown, figure)


def test_the_share_at_which_an_answer_first_becomes_wrong(open_figure):
    shown = open_figure("PruningSlider")
    figure = in_python(shown)
    first = np.full(12, -1)
    for step in reversed(range(STEPS + 1)):
        figure.fraction = step / STEPS
        first[figure.outputs().argmax(axis=1) != figure.labels] = step
    assert shown.values(".first") == first.tolist()
    assert shown.root.locator(".first").first.inner_text() == f"first ✗: {first[0] / 2:.1f} %"


def test_digits_that_are_never_wrong_are_called_so(open_figure):
    shown = open_figure("PruningSlider")
    theta = np.zeros(55050, np.float32)
    theta[-7] = 1  # the bias of output 3: all is read as a 3
    shown.live.evaluate(SET_BYTES, ["theta", base64.b64encode(theta.tobytes()).decode()])
    texts = shown.root.locator(".first").all_inner_texts()
    assert texts == ["never ✗" if label == 3 else "first ✗: 0.0 %" for label in shown.get("labels")]


def test_an_edge_is_drawn_if_it_is_left(open_figure):
    shown = open_figure("PruningSlider")
    shown.set(fraction=0.9)
    drawn, blank = 0, 0
    for node in range(0, 64, 9):
        shown.set(node=node)
        figure = in_python(shown, fraction=0.9, node=node)
        W, left = figure.network.layers[1].W[node], figure.left()[1][node]
        image = pixels(shown, ".paths canvas")[0]
        height, width, _ = image.shape
        places = 6 + (np.arange(64) + 0.5) / 64 * (width - 12)
        middles, down = (places[node] + places) / 2, (height - 16) / 2
        halfway = image[8 + int(down / 2), middles.astype(int)]
        reach = 3 * np.hypot(places - places[node], down) / down  # of a line, to its sides
        close = np.abs(middles[:, None] - middles) < reach + 2
        near = (close & left & ~np.eye(64, dtype=bool)).any(axis=1)  # another edge passes there
        assert (halfway[~left & ~near, 3] == 0).all()
        blue = halfway[left & ~near & (W > 0)]  # a broken, negative one may have a gap here
        assert (blue[:, 3] > 0).all() and (blue[:, 2] > blue[:, 0]).all()
        drawn, blank = drawn + len(blue), blank + (~left & ~near).sum()
    assert drawn > 10 and blank > 100
    shown.set(fraction=1)
    marks = pixels(shown, ".paths canvas")[0]
    assert (np.ptp(marks[marks[..., 3] > 200][:, :3].astype(int), axis=1) < 30).all()  # only grey


def test_the_slider_follows_mouse_and_keyboard(open_figure):
    shown = open_figure("PruningSlider")
    slider = shown.root.get_by_label("Removed")
    box = slider.bounding_box()
    slider.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    assert shown.get("fraction") == pytest.approx(0.5, abs=0.02)
    slider.press("Home")
    slider.press("ArrowRight")
    assert shown.get("fraction") == 0.005
    assert slider.get_attribute("aria-valuetext") == "0.5 %"
    slider.press("End")
    assert shown.get("fraction") == 1
    assert shown.sentence() == in_python(shown, fraction=1).describe()


def test_the_mark_on_the_curve_can_be_dragged_also_beyond_its_ends(open_figure):
    shown = open_figure("PruningSlider")
    plot = shown.root.locator(".plot")
    dot = plot.locator("circle")
    shown.drag(dot, 60)
    moved = shown.get("fraction")
    assert 0.45 < moved < 0.7
    assert dot.get_attribute("cx") != "0"
    shown.drag(dot, 5000)
    assert shown.get("fraction") == 1
    shown.drag(dot, -5000)
    assert shown.get("fraction") == 0
    shown.tab.mouse.move(300, 300)  # let go: it stays
    assert shown.get("fraction") == 0


def test_the_curve_follows_a_finger(open_figure):
    shown = open_figure("PruningSlider", has_touch=True, viewport={"width": 390, "height": 844})
    dot = shown.root.locator(".plot circle")
    shown.swipe(dot, 60)
    assert 0.5 < shown.get("fraction") < 0.8


def test_a_node_is_chosen_by_a_click_or_with_the_arrow_keys(open_figure):
    shown = open_figure("PruningSlider")
    shown.root.locator(".nodes label").nth(12).click()
    assert shown.get("node") == 12
    assert "Hidden node 12 " in shown.sentence()
    shown.tab.keyboard.press("ArrowRight")
    assert shown.get("node") == 13
    assert shown.root.get_by_label("node 13", exact=True).is_checked()


def test_the_keyboard_reaches_the_slider_and_then_the_images(open_figure):
    shown = open_figure("PruningSlider")
    shown.root.get_by_label("Removed").focus()
    shown.tab.keyboard.press("Tab")
    assert shown.tab.evaluate("document.activeElement.ariaLabel") == "node 31"
    shown.tab.keyboard.press("Tab")
    assert not shown.root.locator(":focus").count()  # the 64 images are one stop


BAD = [
    ("fraction", 1.5, "fraction should be from 0 to 1"),
    ("fraction", None, "fraction should be one finite numbers"),
    ("node", 64, "node should be from 0 to 63"),
    ("accuracies", [1, 2], "accuracies should be 201 finite numbers"),
    ("theta", None, "theta should be 220200 bytes, and there are 0"),
    ("labels", None, "labels should be any number of finite numbers"),
    ("labels", [1], "digits should be 784 bytes, and there are 9408"),
]


def test_a_state_that_does_not_fit_is_named_and_a_good_one_mends_it(open_figure):
    shown = open_figure("PruningSlider")
    shown.refuses(BAD)


def test_without_digits_the_rest_works_and_weights_that_are_no_numbers_are_refused(open_figure):
    shown = open_figure("PruningSlider")
    shown.live.evaluate(SET_BYTES, ["digits", ""])
    shown.set(labels=[])
    assert shown.sentence() == PruningSlider().describe()
    theta = np.full(55050, np.nan, np.float32)
    shown.live.evaluate(SET_BYTES, ["theta", base64.b64encode(theta.tobytes()).decode()])
    assert "theta should be finite numbers" in shown.sentence()


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ({"fraction": 1.01}, "fraction"),
        ({"node": -1}, "node"),
        ({"theta": b"123"}, "theta has 3 bytes; expected 220200"),
        ({"theta": np.full(55050, np.inf, np.float32).tobytes()}, "theta must be finite numbers"),
        ({"accuracies": [1, 2]}, r"accuracies has shape \(2,\); expected \(201,\)"),
        ({"digits": bytes(784)}, "digits has 784 bytes, and there are 0 labels"),
        ({"digits": bytes(784), "labels": [10]}, "labels"),
    ],
    ids=["fraction", "node", "few bytes", "infinite", "accuracies", "no label", "label 10"],
)
def test_python_refuses_a_state_that_does_not_fit(state, reason):
    with pytest.raises(traitlets.TraitError, match=reason):
        PruningSlider(**state)


def test_the_fraction_is_kept_as_a_step_of_the_study():
    figure = PruningSlider(fraction=0.1234)
    assert figure.fraction == 0.125
    assert figure.accuracy() == results("cutting").values("held_out", removed=12.5)[0]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_its_page_and_axe_finds_nothing(open_figure, theme):
    shown = open_figure("PruningSlider")
    shown.tab.evaluate("theme => (document.documentElement.dataset.theme = theme)", theme)
    for width in (390, 1280):
        shown.tab.set_viewport_size({"width": width, "height": 900})
        for fraction in (0, 0.6, 1):
            shown.set(fraction=fraction)
            outside = """all => all.filter((e) => e.getBoundingClientRect().width > 1 &&
                e.getBoundingClientRect().right >
                e.closest(".netlib").getBoundingClientRect().right)
                .map((e) => e.outerHTML)"""
            assert shown.root.locator("*").evaluate_all(outside) == []
        found = Axe().run(shown.tab, context=".netlib")
        assert found.violations_count == 0, found.generate_report()
