"""MiniBatchPaths in the page: each of its steps is a step of netlib's `train`."""

import re

import numpy as np
import pytest

from netlib.widgets import MiniBatchPaths
from netlib.widgets.mini_batch_paths import LEVELS, examples, loss, lowest, node

STATES = [
    {
        "w": float(rng.uniform(-3, 8)),
        "b": float(rng.uniform(-4, 4)),
        "learning_rate": float(10 ** rng.uniform(-1, 1)),
        "batch_size": int(rng.integers(1, 201)),
        "seed": seed % 4,
        "seen": int(rng.integers(0, 2001)),
    }
    for seed, rng in ((seed, np.random.default_rng(seed)) for seed in range(12))
]


def table(shown):
    """Steps, loss, w and b of the three descents: (4, 3)."""
    return np.array([shown.values(f"td.{kind}") for kind in ("steps", "loss", "w", "b")])


def test_each_step_is_a_step_of_train(open_figure):
    shown = open_figure("MiniBatchPaths")
    for batch_size, learning_rate, seed in [(20, 1, 0), (30, 0.3, 3), (1, 10, 1), (200, 2, 2)]:
        state = {"batch_size": batch_size, "learning_rate": learning_rate, "seed": seed}
        shown.set(**state)
        found = shown.live.evaluate(
            """live => Array.from({ length: 201 }, (_, k) => {
              live.model.set("seen", 10 * k);
              return ["steps", "w", "b"].map(kind =>
                [...live.querySelectorAll(`td.${kind}`)].map(cell => Number(cell.dataset.value)));
            })"""
        )
        figure = MiniBatchPaths(seen=2000, **state)
        paths = [figure.path(B) for B in (200, batch_size, 1)]
        steps_per_epoch = [1, -(-200 // batch_size), 200]
        for seen, (steps, w, b) in zip(range(0, 2001, 10), found, strict=True):
            for k, path in enumerate(paths):
                if seen % 200 == 0:
                    assert steps[k] == seen // 200 * steps_per_epoch[k]
                assert [w[k], b[k]] == pytest.approx(path[int(steps[k])], abs=1e-9)


def test_every_number_is_netlibs(open_figure):
    shown = open_figure("MiniBatchPaths")
    for state in STATES:
        shown.set(**state)
        figure = MiniBatchPaths(**state)
        paths = [figure.path(B) for B in (200, state["batch_size"], 1)]
        expected = [[len(path) - 1, loss(path[-1]), *path[-1]] for path in paths]
        assert table(shown) == pytest.approx(np.transpose(expected), abs=1e-9)
        full = np.linalg.norm(figure.gradients()[0])
        assert shown.values(".full") == pytest.approx([full], abs=1e-9)
        assert shown.values(".spread") == pytest.approx([figure.spread()], abs=1e-9)
        assert shown.sentence() == figure.describe()


def test_the_spread_is_that_of_forty_different_batches():
    full, batches = MiniBatchPaths(batch_size=5).gradients()
    assert len(np.unique(batches, axis=0)) == 40
    assert MiniBatchPaths(batch_size=200).spread() == pytest.approx(0, abs=1e-12)
    assert batches.mean(axis=0) == pytest.approx(full, abs=0.1)


def to_data(shown, pixels):
    """Points of the landscape's drawing as values of w and b."""
    width = float(shown.root.locator(".landscape svg.plot").get_attribute("width"))
    unit = (width - 62) / 11
    return np.array([-3 - 52 / unit, 4 + 10 / unit]) + np.array(pixels) / unit * [1, -1]


def points(path):
    """The points of a path of the drawing."""
    return np.array(re.findall(r"(-?[\d.]+) (-?[\d.]+)", path.get_attribute("d")), float)


def test_contour_lines_are_where_the_loss_is_what_their_numbers_say(open_figure):
    shown = open_figure("MiniBatchPaths")
    lines = shown.root.locator(".landscape .contour").all()
    assert len(lines) == len(LEVELS)
    for level, line in zip(LEVELS, lines, strict=True):
        losses = [loss(theta) for theta in to_data(shown, points(line))[::5]]
        assert len(losses) > 5
        assert losses == pytest.approx([level] * len(losses), rel=0.02)
    for label in shown.root.locator(".landscape text.level").all():
        place = [float(label.get_attribute("x")), float(label.get_attribute("y")) - 4]
        level = float(label.text_content())
        assert loss(to_data(shown, place)) == pytest.approx(level, rel=0.04)
    cross = shown.root.locator(".landscape text.lowest")
    place = [float(cross.get_attribute("x")), float(cross.get_attribute("y")) - 4]
    assert to_data(shown, place) == pytest.approx(lowest(), abs=0.01)


def test_the_drawn_paths_are_the_paths(open_figure):
    shown = open_figure("MiniBatchPaths")
    figure = MiniBatchPaths()
    for kind, batch_size in (("ink", 200), ("gradient", 20), ("activation", 1)):
        drawn = to_data(shown, points(shown.root.locator(f".landscape path.{kind}.path")))
        assert drawn == pytest.approx(figure.path(batch_size), abs=0.01)


def test_what_leaves_the_plot_is_not_drawn_outside(open_figure):
    shown = open_figure("MiniBatchPaths")
    shown.set(learning_rate=10, batch_size=1, seen=2000)
    assert abs(table(shown)[3]).max() > 4  # some b is out of the plot
    frame = shown.root.locator(".landscape").bounding_box()
    for mark in shown.root.locator(".landscape :is(circle, .mark)").all():
        box = mark.bounding_box()
        assert frame["x"] <= box["x"] and box["x"] + box["width"] <= frame["x"] + frame["width"]
        assert frame["y"] <= box["y"] and box["y"] + box["height"] <= frame["y"] + frame["height"]


def test_the_start_follows_the_mouse_and_stays_in_the_plot(open_figure):
    shown = open_figure("MiniBatchPaths")
    handle = shown.root.locator(".handle")
    unit = (float(shown.root.locator(".landscape svg").first.get_attribute("width")) - 62) / 11
    shown.drag(handle, 4 * unit, 2 * unit)
    assert (shown.get("w"), shown.get("b")) == (2, 1)
    assert shown.sentence() == MiniBatchPaths(w=2, b=1).describe()
    shown.drag(handle, 3000, -3000)
    assert (shown.get("w"), shown.get("b")) == (8, 4)


def test_the_start_follows_a_finger(open_figure):
    shown = open_figure("MiniBatchPaths", has_touch=True, viewport={"width": 390, "height": 844})
    handle = shown.root.locator(".handle")
    unit = (float(shown.root.locator(".landscape svg").first.get_attribute("width")) - 62) / 11
    shown.swipe(handle, 2 * unit, 2 * unit)
    assert (shown.get("w"), shown.get("b")) == pytest.approx((0, 1), abs=0.11)


def test_the_keyboard_reaches_and_moves_everything(open_figure):
    shown = open_figure("MiniBatchPaths")
    for key, name, arrow, value in [
        ("w", "start: w", "ArrowRight", -1.9),
        ("b", "start: b", "ArrowLeft", 2.9),
        ("batch_size", "batch size", "ArrowRight", 50),
        ("learning_rate", "learning rate", "ArrowLeft", 0.79),
        ("seen", "examples used", "ArrowRight", 610),
    ]:
        control = shown.root.get_by_label(name)
        control.focus()
        shown.tab.keyboard.press(arrow)
        assert shown.get(key) == value
        assert control.get_attribute("aria-valuetext")
    shown.root.get_by_role("button", name="Another order").focus()
    shown.tab.keyboard.press("Enter")
    assert shown.get("seed") == 1
    state = {"w": -1.9, "b": 2.9, "batch_size": 50, "learning_rate": 0.79, "seen": 610, "seed": 1}
    assert shown.sentence() == MiniBatchPaths(**state).describe()


def test_a_batch_more_is_one_step_and_ends_with_the_epoch(open_figure):
    shown = open_figure("MiniBatchPaths")
    shown.set(batch_size=60)
    shown.root.get_by_role("button", name="To the start").click()
    seen = []
    for _ in range(5):
        shown.root.get_by_role("button", name="One batch more").click()
        seen.append(shown.get("seen"))
    assert seen == [60, 120, 180, 200, 260]
    assert table(shown)[0].tolist() == [1, 5, 260]
    shown.set(seen=2000)
    shown.root.get_by_role("button", name="One batch more").click()
    assert shown.get("seen") == 2000


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_nothing_plays_by_itself_and_play_can_be_paused_and_ends(open_figure, motion):
    shown = open_figure("MiniBatchPaths", reduced_motion=motion)
    shown.tab.wait_for_timeout(300)
    assert shown.get("seen") == 600
    shown.root.get_by_role("button", name="Play").click()
    shown.tab.wait_for_function("document.querySelector('.live').model.get('seen') > 650")
    shown.root.get_by_role("button", name="Pause").click()
    seen = shown.get("seen")
    shown.tab.wait_for_timeout(300)
    assert shown.get("seen") == seen
    shown.set(seen=1985)
    shown.root.get_by_role("button", name="Play").click()
    shown.root.get_by_role("button", name="Play").wait_for()  # it is no longer called Pause
    assert shown.get("seen") == 2000


def test_the_other_orders_change_all_paths_but_that_of_all_examples(open_figure):
    shown = open_figure("MiniBatchPaths")
    before = table(shown)
    shown.root.get_by_role("button", name="Another order").click()
    moved = np.abs(table(shown) - before)[1:].max(axis=0)
    assert moved[0] < 1e-12 and moved[1] > 0.01 and moved[2] > 0.01


def test_the_text_beside_the_figure_is_true():
    x, y = examples()
    assert len(y) == 200 and (y == 1).sum() == 100
    assert x[y == 1].mean() > 1 + x[y == 0].mean()
    assert 0.8 < (node(lowest()).predict(x[:, None]) == y).mean() < 0.95
    start = [MiniBatchPaths(seen=0, batch_size=B).spread() for B in (5, 20, 200)]
    assert 0.4 < start[1] / start[0] < 0.6 and start[2] < 1e-12
    for seen, ratio in ((0, 3.4), (2000, 0.1)):
        figure = MiniBatchPaths(seen=seen)
        assert np.linalg.norm(figure.gradients()[0]) / figure.spread() == pytest.approx(
            ratio, rel=0.1
        )
    for seed in range(4):
        for learning_rate, best, worst in ((0.1, 2, 0), (10, 0, 2)):
            figure = MiniBatchPaths(seen=2000, learning_rate=learning_rate, seed=seed)
            losses = [loss(figure.path(B)[-1]) for B in (200, 20, 1)]
            assert np.argmin(losses) == best and np.argmax(losses) == worst


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"w": 9}, "w must be from -3 to 8, got 9"),
        ({"b": float("nan")}, "b must be finite numbers"),
        ({"learning_rate": [1, 2]}, r"learning_rate has shape \(2,\); expected \(\)"),
        ({"batch_size": 0}, "batch_size"),
        ({"batch_size": 2.5}, "batch_size"),
        ({"seed": 4}, "seed"),
        ({"seen": 2001}, "seen"),
    ],
)
def test_python_refuses_a_state_that_does_not_fit_and_keeps_the_old_one(
    python_refuses, change, reason
):
    python_refuses(MiniBatchPaths(), change, reason)


def test_the_page_says_what_is_wrong_with_a_state_and_goes_on(open_figure):
    shown = open_figure("MiniBatchPaths")
    bad = [
        ("w", None),
        ("w", -3.1),
        ("b", "3"),
        ("learning_rate", 0),
        ("batch_size", 2.5),
        ("batch_size", 201),
        ("seed", 4),
        ("seen", []),
        ("x", "AAAA"),
    ]
    shown.refuses([(key, value, f"{key} should be") for key, value in bad])


def test_damaged_examples_are_not_drawn(open_figure):
    shown = open_figure("MiniBatchPaths")
    shown.live.evaluate("live => live.model.get('orders').setUint8(7, 200)")
    shown.set(seen=0)
    assert shown.sentence().startswith("This figure cannot be shown: its examples are damaged")
