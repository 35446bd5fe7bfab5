"""BackpropPaths in the page: the paths add up to netlib's slopes, and steps are netlib's steps."""

import numpy as np
import pytest

from netlib import SGD
from netlib.widgets import BackpropPaths
from netlib.widgets.backprop_paths import SHAPES, START, WEIGHTS, X, Y

STATES = [
    {key: rng.normal(0, 3, shape).tolist() for key, shape in SHAPES.items()}
    | {
        "example": seed % 4,
        "weight": WEIGHTS[seed % 12],
        "view": ["forward", "backward", "both"][seed % 3],
        "learning_rate": float(rng.uniform(0, 10)),
        "history": rng.uniform(0, 2, seed).tolist(),
    }
    for seed, rng in ((seed, np.random.default_rng(seed)) for seed in range(12))
]
ZERO = {key: np.zeros(shape).tolist() for key, shape in SHAPES.items()}


def trained(figure, steps):
    """The network of a figure after steps of gradient descent by netlib, and the losses before."""
    net, losses = figure.network, []
    x, y = X[[figure.example]], Y[[figure.example]]
    for _ in range(steps):
        C, gradient = net.loss_and_gradient(x, y, loss="squared_error")
        losses.append(C)
        SGD(figure.learning_rate).step(net.theta, gradient)
    return net, losses


def parameters(shown):
    return np.concatenate([np.ravel(shown.get(key)) for key in SHAPES])


def test_it_says_what_netlib_says(open_figure):
    shown = open_figure("BackpropPaths")
    states = [state | {"weight": weight} for state in [*STATES, ZERO] for weight in WEIGHTS]
    sentences = [BackpropPaths(**(STATES[-1] | state)).describe() for state in states]
    assert shown.sentences(states) == sentences


def test_every_value_and_slope_is_netlibs(open_figure):
    shown = open_figure("BackpropPaths")
    for state in STATES:
        shown.set(**state)
        figure = BackpropPaths(**state)
        x, y = X[[figure.example]], Y[[figure.example]]
        _, gradient = figure.network.loss_and_gradient(x, y, loss="squared_error")
        dW1, db1, dW2, db2 = np.split(gradient, [6, 9, 15])
        n = figure.numbers()
        assert shown.values(".ahead .activation b") == pytest.approx(
            np.concatenate(n["a"]), abs=1e-9
        )
        inputs = figure.network.input_gradient(x, y, loss="squared_error")[0]
        slopes = shown.values(".back b")
        assert slopes[:2] == pytest.approx(inputs, abs=1e-9)
        assert slopes[3::2] == pytest.approx([*db1, *db2], abs=1e-9)  # ∂C/∂z is ∂C/∂b
        assert slopes[2::2] == pytest.approx([*n["da"][1], *n["da"][2]], abs=1e-9)
        edges = shown.values(".edge .gradient")
        assert edges == pytest.approx([*dW1, *dW2], abs=1e-9)
        weights = np.concatenate([np.ravel(figure.W1), np.ravel(figure.W2)])
        assert shown.values(".edge .weight") == pytest.approx(weights, abs=1e-12)


def test_the_paths_of_every_weight_add_up_to_its_slope(open_figure):
    shown = open_figure("BackpropPaths")
    for weight in WEIGHTS:
        shown.set(weight=weight)
        figure = BackpropPaths(weight=weight)
        l, i, n = figure.place()
        slope = figure.numbers()["dW"][l - 1][i, n]
        factors = np.reshape(shown.values(".factor td"), (-1, len(figure.paths())))
        assert factors.T.tolist() == pytest.approx(
            np.array(list(figure.paths().values())), abs=1e-9
        )
        products = shown.values(".product td")
        assert products == pytest.approx(factors.prod(axis=0), abs=1e-12)
        assert sum(products) == pytest.approx(slope, abs=1e-12)
        assert shown.values(".sum td") == pytest.approx([slope], abs=1e-12)
        lit = shown.root.locator(".hit.path")
        assert lit.count() == {1: 3, 2: 1}[l]
        assert shown.root.locator(".edge.path").count() == lit.count()
        assert "".join(shown.root.locator(".mark").all_inner_texts()) == {1: "①②", 2: "①"}[l]


def test_a_click_on_a_label_or_on_an_edge_chooses_its_weight(open_figure):
    shown = open_figure("BackpropPaths")
    shown.root.locator(".edge").nth(7).click()
    assert shown.get("weight") == "W2[0, 1]"
    box = shown.root.locator(".hit").nth(5).bounding_box()  # from x₁ down to h₂
    shown.tab.mouse.click(box["x"] + 0.25 * box["width"], box["y"] + 0.25 * box["height"])
    assert shown.get("weight") == "W1[1, 2]"
    assert shown.sentence() == BackpropPaths(weight="W1[1, 2]").describe()


def test_a_finger_chooses_a_weight(open_figure):
    shown = open_figure("BackpropPaths", has_touch=True, viewport={"width": 390, "height": 844})
    shown.root.locator(".edge").nth(10).tap()
    assert shown.get("weight") == "W2[2, 0]"


def test_the_keyboard_reaches_everything(open_figure):
    shown = open_figure("BackpropPaths")
    press = shown.tab.keyboard.press
    shown.root.get_by_label("1 1", exact=True).focus()
    press("ArrowLeft")
    assert shown.get("example") == 2
    press("Tab")
    press("ArrowLeft")
    assert shown.get("view") == "backward"
    press("Tab")
    press("ArrowDown")
    assert shown.get("weight") == "W1[0, 1]"
    press("Tab")
    press("Enter")
    assert len(shown.get("history")) == 1
    press("Tab")
    press("Space")
    assert len(shown.get("history")) == 11
    press("Tab")
    press("Tab")
    press("ArrowRight")
    assert shown.get("learning_rate") == 1.1
    press("Shift+Tab")
    press("Enter")
    assert shown.get("history") == []


def test_steps_are_those_of_netlib(open_figure):
    shown = open_figure("BackpropPaths")
    shown.root.get_by_role("button", name="1 step", exact=True).click()
    net, losses = trained(BackpropPaths(), 1)
    assert parameters(shown) == pytest.approx(net.theta, abs=1e-12)

    shown.root.get_by_role("button", name="10 steps").click()
    net, losses = trained(BackpropPaths(), 11)
    assert parameters(shown) == pytest.approx(net.theta, abs=1e-12)
    assert shown.get("history") == pytest.approx(losses, abs=1e-12)
    assert losses == sorted(losses, reverse=True)
    state = {key: shown.get(key) for key in [*SHAPES, "history"]}
    assert shown.sentence() == BackpropPaths(**state).describe()
    line = shown.root.locator(".plot .line.ink").get_attribute("d")
    heights = [float(point.split()[1]) for point in line[1:].split("L")]
    assert len(heights) == 12
    assert heights == sorted(heights)  # pixels count downwards

    shown.root.get_by_role("button", name="Reset").click()
    assert (
        parameters(shown).tolist() == np.concatenate([np.ravel(p) for p in START.values()]).tolist()
    )
    assert shown.sentence() == BackpropPaths().describe()


def test_other_inputs_begin_a_new_history_and_keep_the_weights(open_figure):
    shown = open_figure("BackpropPaths")
    shown.root.get_by_role("button", name="10 steps").click()
    before = parameters(shown).tolist()
    shown.root.get_by_label("0 1", exact=True).check()
    assert shown.get("example") == 1
    assert shown.get("history") == []
    assert parameters(shown).tolist() == before


def test_after_a_thousand_steps_it_takes_no_more(open_figure):
    shown = open_figure("BackpropPaths")
    shown.set(history=[1] * 995, learning_rate=10)
    ten = shown.root.get_by_role("button", name="10 steps")
    ten.press("Enter")
    assert len(shown.get("history")) == 1000
    ten.press("Enter")
    assert len(shown.get("history")) == 1000
    assert ten.get_attribute("aria-disabled") == "true"


def test_the_view_shows_one_direction_or_both(open_figure):
    shown = open_figure("BackpropPaths", viewport={"width": 390, "height": 844})
    ahead, back = shown.root.locator(".ahead").first, shown.root.locator(".back").first
    for name, seen in [
        ("forward", (True, False)),
        ("backward", (False, True)),
        ("both", (True,) * 2),
    ]:
        shown.root.get_by_label(name, exact=True).check()
        assert shown.get("view") == name
        assert (ahead.is_visible(), back.is_visible()) == seen


def test_a_state_that_does_not_fit_gives_a_message_and_the_page_lives_on(open_figure):
    shown = open_figure("BackpropPaths")
    shown.refuses(
        [
            ("W1", [[1, 2], [3, 4]], "W1 should be 2 × 3 finite numbers"),
            ("W2", [[1e9, 1]] * 3, "W2 should be from -1000000 to 1000000"),
            ("b2", None, "b2 should be 2 finite numbers"),
            ("history", [[1]], "history should be any number of finite numbers"),
            ("history", [-1], "history should be from 0 to 2"),
            ("learning_rate", 11, "learning_rate should be from 0 to 10"),
            ("example", 4, "example should be one of 0, 1, 2, 3"),
            ("weight", "W3[0, 0]", "weight should be one of W1[0, 0]"),
            ("view", "", "view should be one of forward, backward, both"),
        ]
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"W1": np.zeros((3, 2))}, r"W1 has shape \(3, 2\); expected \(2, 3\)"),
        ({"b1": [1e9, 0, 0]}, r"b1 must be from -1e\+06 to 1e\+06"),
        ({"history": [[1.0]]}, r"history has shape \(1, 1\); expected \(None,\)"),
        ({"learning_rate": -1}, "learning_rate must be from 0 to 10, got -1"),
        ({"example": 4}, "4"),
        ({"weight": "W1[2, 0]"}, "W1"),
    ],
)
def test_python_refuses_a_state_that_does_not_fit_and_keeps_the_old_one(
    python_refuses, change, reason
):
    python_refuses(BackpropPaths(), change, reason)
