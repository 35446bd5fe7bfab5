"""ActivationShapes in the page: its functions, slopes and shares are netlib's."""

import re

import numpy as np
import pytest

from netlib.widgets import ActivationShapes
from netlib.widgets.activation_shapes import ACTIVATIONS, CLASSES, HEIGHTS

STATES = [
    {
        "activation": list(ACTIVATIONS)[seed % 3],
        "z": float(rng.uniform(-5, 5)),
        "scores": rng.uniform(-10, 10, 5).tolist(),
        "temperature": float(10 ** rng.uniform(-1, 1)),
    }
    for seed, rng in ((seed, np.random.default_rng(seed)) for seed in range(20))
]
EDGES = [
    *({"activation": name, "z": z} for name in ACTIVATIONS for z in (-5, 0, 5)),
    {"scores": [10, -10, 10, -10, 10], "temperature": 0.1},
    {"scores": [10, -10, 10, -10, 10], "temperature": 10},
    {"scores": [0, 0, 0, 0, 0]},
    {"scores": [-10, -10, -10, -10, -10], "temperature": 0.1},
]


def test_every_number_is_netlibs(open_figure):
    shown = open_figure("ActivationShapes")
    for state in STATES + EDGES:
        figure = ActivationShapes(**state)
        shown.set(**{key: getattr(figure, key) for key in STATES[0]})
        a, slope = figure.a_and_slope(np.array(figure.z))
        assert shown.values(".z-value") == [figure.z]
        assert shown.values(".a-value") == pytest.approx([a], abs=1e-12)
        assert shown.values(".slope-value") == pytest.approx([slope], abs=1e-12)
        e = np.exp(np.array(figure.scores) / figure.temperature)
        assert shown.values(".e") == pytest.approx(e, rel=1e-12)
        assert shown.values(".sum") == pytest.approx([e.sum()], rel=1e-12)
        assert shown.values(".share") == pytest.approx(figure.shares(), abs=1e-12)
        assert shown.values(".whole") == pytest.approx([1], abs=1e-12)
        assert shown.sentence() == figure.describe()


def test_the_bars_are_as_long_as_the_shares_and_fill_the_whole_together(open_figure):
    shown = open_figure("ActivationShapes")
    for state in [*STATES[:5], {**STATES[0], "scores": [1, 3, 0, 3, 2]}]:
        shown.set(**state)
        widths = "all => all.map(e => e.offsetWidth / e.parentElement.offsetWidth)"
        shares = ActivationShapes(**state).shares()
        bars = shown.root.locator(".fill").evaluate_all(widths)
        assert bars == pytest.approx(shares, abs=0.01)
        parts = shown.root.locator(".part").evaluate_all(widths)
        assert sum(parts) == pytest.approx(1, abs=0.03)
        largest = shown.root.locator(".largest").all_inner_texts()
        assert [text != "" for text in largest] == (shares == shares.max()).tolist()


def curves(shown, side):
    """The curves of one of the two plots, and its points, in values of z and of the function."""
    picture = shown.root.locator(".pair .plot").nth(side)
    width, height = (float(picture.get_attribute(name)) for name in ("width", "height"))
    low, high = HEIGHTS[shown.get("activation")] if side == 0 else (-0.1, 1.2)

    def to_data(pixels):
        x, y = np.array(pixels, float).T
        z = -5 + 10 * (x - 52) / (width - 62)
        return np.stack([z, low + (high - low) * (height - 34 - y) / (height - 44)], axis=1)

    lines = [
        to_data(re.findall(r"(-?[\d.]+) (-?[\d.]+)", path.get_attribute("d")))
        for path in picture.locator("path.line").all()
    ]
    dot = picture.locator("circle")
    return lines, to_data([[dot.get_attribute("cx"), dot.get_attribute("cy")]])[0]


@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_the_curves_the_tangent_and_the_points_are_where_they_should_be(open_figure, name):
    shown = open_figure("ActivationShapes")
    shown.set(activation=name, z=0.7)
    figure = ActivationShapes(activation=name, z=0.7)
    a, slope = figure.a_and_slope(np.array(0.7))
    (_, tangent, curve), point = curves(shown, 0)
    assert curve[:, 1] == pytest.approx(figure.a_and_slope(curve[:, 0])[0], abs=0.03)
    assert point == pytest.approx([0.7, a], abs=0.01)
    assert tangent[:, 1] == pytest.approx(a + slope * (tangent[:, 0] - 0.7), abs=0.03)
    (_, curve), point = curves(shown, 1)
    off_the_jump = curve[abs(curve[:, 0]) > 0.05]
    expected = figure.a_and_slope(off_the_jump[:, 0])[1]
    assert off_the_jump[:, 1] == pytest.approx(expected, abs=0.02)
    assert point == pytest.approx([0.7, slope], abs=0.01)


def test_z_follows_the_mouse_in_both_plots_and_stops_at_its_ends(open_figure):
    shown = open_figure("ActivationShapes")
    for plot in shown.root.locator(".pair .plot").all():
        width = plot.bounding_box()["width"]
        unit = (width - 62) / 10  # from 52 to the width less 10
        shown.drag(plot, -2 * unit)
        assert shown.get("z") == pytest.approx(-5 + (width / 2 - 52) / unit - 2, abs=0.06)
        shown.drag(plot, 4000, 300)
        assert shown.get("z") == 5
        plot.click(position={"x": 52, "y": 60})
        assert shown.get("z") == -5
    assert shown.sentence() == ActivationShapes(z=-5).describe()


def test_z_follows_a_finger_that_moves_sideways_and_the_page_one_that_moves_up(open_figure):
    shown = open_figure("ActivationShapes", has_touch=True, viewport={"width": 390, "height": 844})
    plot = shown.root.locator(".pair .plot").first
    shown.swipe(plot, 60, 5)
    unit = (plot.bounding_box()["width"] - 62) / 10
    assert shown.get("z") == pytest.approx(1.5 + 60 / unit, abs=0.06)
    before = shown.tab.evaluate("scrollY")
    shown.swipe(plot, 1, -80)
    assert shown.tab.evaluate("scrollY") > before + 30
    assert shown.get("z") == pytest.approx(1.5 + 60 / unit, abs=0.11)


def test_the_keyboard_reaches_and_moves_everything(open_figure):
    shown = open_figure("ActivationShapes")
    shown.root.get_by_label("sigmoid").focus()
    shown.tab.keyboard.press("ArrowRight")
    assert shown.get("activation") == "tanh"
    shown.root.get_by_label("z", exact=True).focus()
    shown.tab.keyboard.press("ArrowLeft")
    assert shown.get("z") == 1.4
    shown.root.get_by_label("temperature T").focus()
    shown.tab.keyboard.press("ArrowRight")
    assert shown.get("temperature") == 1.12
    for name in CLASSES:
        shown.root.get_by_label(name, exact=True).focus()
        shown.tab.keyboard.press("ArrowRight")
    scores = [2.1, 1.1, 0.2, -0.9, 0.6]
    assert shown.get("scores") == pytest.approx(scores)
    state = {"activation": "tanh", "z": 1.4, "temperature": 1.12, "scores": scores}
    assert shown.sentence() == ActivationShapes(**state).describe()
    shown.root.get_by_role("button", name="Put the scores back").focus()
    shown.tab.keyboard.press("Enter")
    assert shown.get("scores") == ActivationShapes().scores and shown.get("temperature") == 1


def test_the_same_number_added_to_all_scores_changes_no_share(open_figure):
    shown = open_figure("ActivationShapes")
    add = shown.root.get_by_role("button", name="Add 1 to all scores")
    for _ in range(8):
        shares, e = shown.values(".share"), np.array(shown.values(".e"))
        add.click()
        assert shown.values(".share") == pytest.approx(shares, abs=1e-12)
        assert shown.values(".e") == pytest.approx(e * np.e, rel=1e-12)
    assert add.is_disabled() and max(shown.get("scores")) == 10


def test_a_low_temperature_gives_all_to_one_and_a_high_one_nearly_the_same_to_each():
    cold, warm = (ActivationShapes(temperature=T).shares() for T in (0.1, 10))
    assert cold.max() > 0.9999 and 0.15 < warm.min() < warm.max() < 0.25
    assert (cold.argsort() == warm.argsort()).all()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"z": 5.1}, "z must be from -5 to 5, got 5.1"),
        ({"scores": [1, 2, 3]}, r"scores has shape \(3,\); expected \(5,\)"),
        ({"scores": [0, 0, 0, 0, 11]}, "scores must be from -10 to 10"),
        ({"temperature": 0}, "temperature must be from 0.1 to 10"),
        ({"activation": "step"}, "step"),
    ],
)
def test_python_refuses_a_state_that_does_not_fit_and_keeps_the_old_one(
    python_refuses, change, reason
):
    python_refuses(ActivationShapes(), change, reason)


def test_the_page_says_what_is_wrong_with_a_state_and_goes_on(open_figure):
    shown = open_figure("ActivationShapes")
    bad = [
        ("z", None),
        ("z", 6),
        ("scores", [1, 2, 3, 4]),
        ("scores", [0, 0, 0, 0, 1e9]),
        ("temperature", 0),
        ("activation", "softmax"),
    ]
    shown.refuses([(key, value, f"{key} should be") for key, value in bad])
