"""SingleNodeChain in the page: every step, number and slope is netlib's."""

import numpy as np
import pytest

from netlib.widgets import SingleNodeChain
from netlib.widgets.single_node_chain import LAST, PARAMETERS

STATES = [
    {
        "x": float(rng.uniform(-6, 6)),
        "y": float(rng.uniform(0, 1)),
        "w": rng.uniform(-6, 6, 3).tolist(),
        "b": rng.uniform(-6, 6, 3).tolist(),
        "curve": PARAMETERS[seed % 6],
    }
    for seed, rng in ((seed, np.random.default_rng(seed)) for seed in range(5))
]
HALVES = {"x": 0.5, "y": 0, "w": [0, 0, 0.5], "b": [0, 0, -0.25], "curve": "b2"}  # ties to round
EMPTY = {"x": 0, "y": 0, "w": [0, 0, 0], "b": [0, 0, 0], "curve": "w1"}
ENDS = {"x": -6, "y": 1, "w": [6, 6, -6], "b": [-6, 6, 6], "curve": "w1"}


def path_points(shown, selector):
    """The points of a line of the plot, in pixels."""
    d = shown.root.locator(selector).get_attribute("d")
    return np.array([[float(part) for part in point.split()] for point in d[1:].split("L")])


def test_every_step_of_every_state_says_what_netlib_says(open_figure):
    shown = open_figure("SingleNodeChain")
    steps = range(-1, LAST + 2)  # from beyond one end to beyond the other
    for state in [{}, *STATES, HALVES, EMPTY, ENDS]:
        figure = SingleNodeChain(**state)
        expected = []
        for step in steps:
            figure.step = step
            expected.append(figure.describe())
        assert shown.sentences([state | {"step": step} for step in steps]) == expected
    assert figure.step == LAST == len(figure.lines())


def test_every_slope_is_netlibs(open_figure):
    shown = open_figure("SingleNodeChain")
    for state in [*STATES, ENDS]:
        shown.set(**state, step=LAST)
        figure = SingleNodeChain(**state)
        n = figure.numbers()
        _, gradient = figure.network.loss_and_gradient(
            [[state["x"]]], [[state["y"]]], loss="squared_error"
        )
        dC_dw, dC_db = gradient[::2], gradient[1::2]
        a, z = n["a"], n["z"]
        assert shown.values(".station") == pytest.approx(
            [z[1], a[1], z[2], a[2], z[3], a[3], n["C"]], abs=1e-12
        )
        assert shown.values(".slope .value") == pytest.approx(n["dC_da"][1:], abs=1e-12)
        for l, layer_slope in enumerate(n["dC_da"][1:], 1):  # layer by layer: its own lines
            last = {3: 15, 2: 21, 1: 26}[l]
            shown.set(step=last)
            found = shown.values(".lines b")
            assert dC_dw[l - 1] == pytest.approx(found[-2 if l == 1 else -3], abs=1e-12)
            assert dC_db[l - 1] == pytest.approx(found[-1 if l == 1 else -2], abs=1e-12)
            factors = shown.values(".factor .value")
            assert factors[1:] == pytest.approx([n["da_dz"][l], layer_slope], abs=1e-12)
            product = dC_db[0] if l == 1 else n["dC_da"][l - 1]
            assert np.prod(factors) == pytest.approx(product, abs=1e-12)


def test_the_curve_is_the_loss_and_its_tangent_has_the_slope_of_netlib(open_figure):
    shown = open_figure("SingleNodeChain")
    for name in PARAMETERS:
        shown.set(step=LAST, curve=name)
        figure = SingleNodeChain(curve=name, step=LAST)
        points = path_points(shown, ".plot .line.ink")
        tangent = path_points(shown, ".plot .line.gradient")
        l = int(name[1]) - 1
        values = np.linspace(-6, 6, len(points))
        losses = []
        for value in values:
            state = {
                name[0]: [value if k == l else v for k, v in enumerate(getattr(figure, name[0]))]
            }
            losses.append(SingleNodeChain(**state).numbers()["C"])
        scale = np.polyfit(losses, points[:, 1], 1)  # pixels from losses
        assert np.abs(np.polyval(scale, losses) - points[:, 1]).max() < 0.11
        pixels_per_value = (points[-1, 0] - points[0, 0]) / 12
        (x0, y0), (x1, y1) = tangent
        slope = (y1 - y0) / (x1 - x0) * pixels_per_value / scale[0]
        assert slope == pytest.approx(figure.slope()[1], abs=2e-4)


def test_the_reader_steps_there_and_back(open_figure):
    shown = open_figure("SingleNodeChain")
    step = shown.root.get_by_role("button", name="Step", exact=True)
    stations = shown.root.locator(".station")
    assert stations.all_inner_texts() == ["?"] * 7
    seen = []
    for k in range(1, LAST + 1):
        step.click()
        assert shown.get("step") == k
        current = shown.root.locator("[aria-current=step]")
        assert current.count() == 1
        seen.append(current.locator(".paper").inner_text())
        assert shown.root.locator(".chain .current").count() > 0
    last, middle, first = "3a 3b 3c 3c 3c 3c 5 6", "7 3c 3c 3c 5 6", "7 3c 3c 3c 5 8"
    assert " ".join(seen[7:]) == f"{last} {middle} {first}"
    step.press("Enter")
    assert shown.get("step") == LAST
    shown.root.get_by_role("button", name="Step back").click()
    assert shown.get("step") == LAST - 1


def test_a_slope_that_is_found_chooses_its_own_curve(open_figure):
    shown = open_figure("SingleNodeChain")
    shown.set(step=18)
    assert shown.get("curve") == "w3"
    step = shown.root.get_by_role("button", name="Step", exact=True)
    step.click()
    assert shown.get("curve") == "w2"
    step.click()
    assert shown.get("curve") == "b2"
    shown.root.get_by_label("w¹", exact=True).check()
    assert shown.get("curve") == "w1"
    assert "comes in line 25" in shown.sentence()
    assert shown.root.locator(".plot .line.gradient").count() == 0


def test_a_number_that_moves_keeps_the_step_and_changes_all(open_figure):
    shown = open_figure("SingleNodeChain")
    shown.set(step=13)
    shown.drag(shown.root.locator(".draggable.weight").nth(2), -22)
    assert shown.get("w") == [1.5, -2, -1]
    assert shown.get("step") == 13
    assert shown.sentence() == SingleNodeChain(w=[1.5, -2, -1], step=13).describe()
    shown.drag(shown.root.locator(".draggable.given").last, 5000)  # far outside of the window
    assert shown.get("y") == 1
    shown.drag(shown.root.locator(".draggable.given").first, -5000, 300)
    assert shown.get("x") == -6


def test_a_window_that_changes_during_a_drag_does_no_harm(open_figure):
    shown = open_figure("SingleNodeChain")
    weight = shown.root.locator(".draggable.weight").first
    weight.scroll_into_view_if_needed()
    box = weight.bounding_box()
    x, y = box["x"] + 20, box["y"] + 20
    shown.tab.mouse.move(x, y)
    shown.tab.mouse.down()
    shown.tab.set_viewport_size({"width": 390, "height": 844})
    shown.tab.mouse.move(x + 10, y)
    shown.tab.mouse.up()
    assert shown.root.locator(".chain.narrow").is_visible()
    assert shown.get("w") == [2.5, -2, 1.2]
    shown.tab.mouse.move(x - 10, y)  # no longer pressed
    assert shown.sentence() == SingleNodeChain(w=[2.5, -2, 1.2]).describe()


def test_a_finger_moves_a_bias(open_figure):
    shown = open_figure("SingleNodeChain", has_touch=True, viewport={"width": 390, "height": 844})
    bias = shown.root.locator(".draggable.bias").nth(1)
    shown.swipe(bias, 20)
    assert shown.get("b") == pytest.approx([-0.5, 2.6, -0.3])


def test_the_keyboard_reaches_and_moves_everything(open_figure):
    shown = open_figure("SingleNodeChain")
    shown.root.get_by_role("button", name="Play").focus()
    reached = shown.tab_through(13)
    assert reached[:3] == ["Step back", "Step", "Reset"]
    assert shown.get("step") == 1
    assert shown.get("x") == 1.1
    assert shown.get("y") == 0.4
    assert shown.get("w") == [1.6, -1.9, 1.3]
    assert shown.get("b") == [-0.4, 0.7, -0.2]
    shown.tab.keyboard.press("ArrowRight")  # on the choice of the curve
    assert shown.get("curve") == "b3"
    shown.root.get_by_role("button", name="Reset").press("Enter")
    keys = ["x", "y", "w", "b", "step"]
    assert {key: shown.get(key) for key in keys} == {
        key: getattr(SingleNodeChain(), key) for key in keys
    }


def test_it_plays_only_when_asked_and_pauses(open_figure):
    shown = open_figure("SingleNodeChain", reduced_motion="reduce")
    shown.tab.clock.install(time=0)
    shown.tab.clock.pause_at(1_000)
    shown.tab.clock.run_for(10_000)
    assert shown.get("step") == 0
    shown.root.get_by_role("button", name="Play").click()
    assert shown.get("step") == 1
    shown.tab.clock.run_for(6_000)
    assert shown.get("step") == 4
    shown.drag(shown.root.locator(".draggable.weight").first, 10)
    assert shown.get("step") == 4
    shown.root.get_by_role("button", name="Pause").click()
    shown.tab.clock.run_for(10_000)
    assert shown.get("step") == 4
    shown.root.get_by_role("button", name="Play").click()
    shown.tab.clock.run_for(100_000)
    assert shown.get("step") == LAST
    assert shown.root.get_by_role("button", name="Play").is_visible()
    shown.root.get_by_role("button", name="Play").click()  # begins again
    assert shown.get("step") == 0


def test_a_state_that_does_not_fit_gives_a_message_and_the_page_lives_on(open_figure):
    shown = open_figure("SingleNodeChain")
    shown.refuses(
        [
            ("w", [1, 2], "w should be 3 finite numbers"),
            ("w", [1, 2, 1e300], "w should be from -6 to 6"),
            ("b", None, "b should be 3 finite numbers"),
            ("y", 2, "y should be from 0 to 1"),
            ("x", "1", "x should be one finite number"),
            ("curve", "w4", "curve should be one of w1, b1"),
            ("step", None, "step should be one finite number"),
        ]
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"w": [1, 2]}, r"w has shape \(2,\); expected \(3,\)"),
        ({"b": [0, 0, 7]}, r"b must be from -6 to 6, got \[0, 0, 7\]"),
        ({"y": float("nan")}, "y must be finite numbers"),
        ({"x": [1]}, r"x has shape \(1,\); expected \(\)"),
        ({"curve": "w0"}, "w0"),
        ({"step": 1.5}, "step"),
    ],
)
def test_python_refuses_a_state_that_does_not_fit_and_keeps_the_old_one(
    python_refuses, change, reason
):
    python_refuses(SingleNodeChain(), change, reason)
