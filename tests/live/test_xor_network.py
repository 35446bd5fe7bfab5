"""XorNetwork in the page: its numbers are netlib's, and everything on it can be moved."""

import numpy as np
import pytest

from netlib.widgets import XorNetwork
from netlib.widgets.xor_network import ACTIVATIONS, INPUTS, TARGETS

STATES = [
    {
        "x": [float(rng.integers(2)), float(rng.integers(2))],
        "W1": rng.normal(0, 3, (2, 2)).tolist(),
        "b1": rng.normal(0, 3, 2).tolist(),
        "W2": rng.normal(0, 3, (2, 1)).tolist(),
        "b2": rng.normal(0, 3, 1).tolist(),
        "activation": ACTIVATIONS[seed % 5],
        "target": list(TARGETS)[seed % 4],
    }
    for seed, rng in ((seed, np.random.default_rng(seed)) for seed in range(20))
]
ZERO = {"W1": [[0, 0], [0, 0]], "b1": [0, 0], "W2": [[0], [0]], "b2": [0]}


def test_every_number_is_netlibs(open_figure):
    shown = open_figure("XorNetwork")
    for state in STATES:
        shown.set(**state)
        figure = XorNetwork(**state)
        z1, a1, z2, a2 = figure.sums_and_activations()
        assert shown.values(".node.activation") == pytest.approx([*a1, *a2], abs=1e-9)
        assert shown.values(".sum") == pytest.approx([*z1, *z2], abs=1e-9)
        outputs = figure.network.forward(INPUTS)[:, 0]
        assert shown.values("td[data-value]") == pytest.approx(outputs, abs=1e-9)
        assert shown.sentence() == figure.describe()


def test_the_map_is_shaded_where_the_network_answers_1(open_figure):
    shown = open_figure("XorNetwork")
    shown.set(**STATES[1])
    alpha = shown.root.locator(".map canvas").evaluate(
        "c => [...c.getContext('2d').getImageData(0, 0, 100, 100).data].filter((_, k) => k % 4 == 3)"
    )
    middle = -0.25 + 1.5 * (np.arange(100) + 0.5) / 100
    plane = np.array([[x0, x1] for x1 in middle[::-1] for x0 in middle])
    a = XorNetwork(**STATES[1]).network.forward(plane)[:, 0]
    stripe = (np.add.outer(np.arange(100), np.arange(100)) % 8 < 2).ravel()
    expected = 130 * a.clip(0, 1) + 90 * (stripe & (a > 0.5))
    assert np.abs(np.array(alpha) - expected).max() <= 0.5


def test_a_click_flips_an_input(open_figure):
    shown = open_figure("XorNetwork")
    shown.root.get_by_role("button", name="input 0").click()
    assert shown.get("x") == [1, 1]
    assert shown.sentence() == XorNetwork(x=[1, 1]).describe()


def test_a_corner_of_the_map_sets_both_inputs(open_figure):
    shown = open_figure("XorNetwork")
    shown.root.get_by_role("button", name="inputs 1 and 0").click()
    assert shown.get("x") == [1, 0]


def test_a_weight_follows_the_mouse(open_figure):
    shown = open_figure("XorNetwork")
    weight = shown.root.locator(".draggable.weight").first
    shown.drag(weight, 25)
    assert shown.get("W1") == [[3.5, 1], [1, 1]]
    assert weight.locator(".value").inner_text() == "3.5"
    assert shown.sentence() == XorNetwork(W1=[[3.5, 1], [1, 1]]).describe()


def test_a_weight_stops_at_its_ends_also_far_outside_of_the_window(open_figure):
    shown = open_figure("XorNetwork")
    shown.drag(shown.root.locator(".draggable.bias").last, -5000, 3000)
    assert shown.get("b2") == [-30]


def test_a_weight_follows_a_finger(open_figure):
    shown = open_figure("XorNetwork", has_touch=True, viewport={"width": 390, "height": 844})
    weight = shown.root.locator(".draggable.weight").first
    shown.swipe(weight, -30)
    assert shown.get("W1")[0][0] == pytest.approx(-2)


def test_the_keyboard_reaches_and_moves_everything(open_figure):
    shown = open_figure("XorNetwork")
    shown.root.get_by_label("input 0:").focus()
    shown.tab.keyboard.press("Space")
    assert shown.get("x") == [1, 1]
    reached = shown.tab_through(30)
    assert shown.get("W1") == [[1.1, 1.1], [1.1, 1.1]]
    assert shown.get("b1") == [-0.4, -1.4]
    assert shown.get("W2") == [[1.1], [-0.9]]
    assert shown.get("b2") == [-0.4]
    assert {"Put the working weights back", "Set all to 0"} <= set(reached)


def test_the_challenge_counts_and_remembers_what_the_reader_solved(open_figure):
    shown = open_figure("XorNetwork")
    shown.root.get_by_label("AND", exact=True).check()
    shown.root.get_by_role("button", name="Set all to 0").click()
    assert shown.sentence() == XorNetwork(target="AND", **ZERO).describe()
    assert "3 of 4" in shown.sentence()
    weights, biases = shown.root.locator(".weight"), shown.root.locator(".draggable.bias")
    shown.drag(weights.nth(0), 10)  # x0 to node 0
    shown.drag(weights.nth(2), 10)  # x1 to node 0
    shown.drag(biases.nth(0), -15)
    shown.drag(weights.nth(4), 10)  # node 0 to the output
    assert "4 of 4" in shown.sentence()
    assert shown.root.get_by_label("AND ✓", exact=True).is_checked()


@pytest.mark.parametrize("name", ["step", "sigmoid", "tanh", "ReLU"])
def test_the_working_weights_work_with_every_activation(open_figure, name):
    shown = open_figure("XorNetwork")
    shown.root.get_by_label(name, exact=True).check()
    shown.root.get_by_role("button", name="Set all to 0").click()
    shown.root.get_by_role("button", name="Put the working weights back").click()
    assert "For XOR, 4 of 4" in shown.sentence()


def test_without_an_activation_function_no_weights_work_and_the_figure_says_so(open_figure):
    shown = open_figure("XorNetwork")
    shown.root.get_by_label("none", exact=True).check()
    assert shown.root.get_by_role("button", name="Put the working weights back").is_disabled()
    assert shown.root.get_by_text("no weights can do XOR").is_visible()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"W1": [1, 2, 3, 4]}, r"W1 has shape \(4,\); expected \(2, 2\)"),
        ({"b2": [float("nan")]}, "b2 must be finite numbers"),
        ({"x": ["a", "b"]}, "x must be numbers"),
        ({"activation": "softmax"}, "softmax"),
    ],
)
def test_python_refuses_a_state_that_does_not_fit_and_keeps_the_old_one(
    python_refuses, change, reason
):
    python_refuses(XorNetwork(), change, reason)
