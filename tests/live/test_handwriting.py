"""A drawing is made into an image as MNIST's are: in Python and in the page, the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlib import load_trained_network
from netlib.widgets.front_end import front_end
from netlib.widgets.handwriting import BOX, PEN, SIDE, as_mnist

from .hands import HANDS

ODD = [
    [],
    [[[0.5, 0.5]]],
    [[[0.2, 0.9], [0.2, 0.9]]],
    [[[0.4, 0.4]], [[0.41, 0.43]]],
    [[[0, 0], [1, 0]]],
    [[[1, 0.2], [1, 1]], [[0, 1]]],
    [[[-3, 0.5], [7, 0.6]]],
    [[[1e300, -1e300], [0.5, 1e-300], [0.5, 2e-300]]],
    [[[0.1, 0.1], [0.1, 0.1], [0.9, 0.9]]],
]
ODD += [
    [rng.uniform(-0.2, 1.2, (rng.integers(1, 30), 2)).tolist() for _ in range(rng.integers(1, 5))]
    for rng in map(np.random.default_rng, range(40))
]
point = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(list)
drawings = st.lists(st.lists(point, min_size=1, max_size=8), min_size=1, max_size=4)


def size(strokes):
    """The longer side of the box around the points."""
    points = np.concatenate(strokes)
    return (points.max(axis=0) - points.min(axis=0)).max()


def picture(strokes):
    return as_mnist(strokes).reshape(SIDE, SIDE)


def moved(strokes, factor, shift):
    return [(factor * np.array(stroke) + shift).tolist() for stroke in strokes]


def test_the_page_computes_the_same_pixels(browser):
    drawings = [strokes for _, strokes in HANDS] + ODD
    code = front_end("handwriting.js")
    tab = browser.new_page()
    found = tab.evaluate(
        """async ([code, drawings]) => {
          const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
          const { asMnist } = await import(url);
          return drawings.map((strokes) => Array.from(asMnist(strokes)));
        }""",
        [code, drawings],
    )
    tab.close()
    expected = [as_mnist(strokes) for strokes in drawings]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("strokes", [strokes for _, strokes in HANDS[::5]])
def test_the_ink_fits_a_box_of_20_pixels_and_its_centre_of_mass_is_in_the_middle(strokes):
    pixels = picture(strokes)
    rows, columns = np.flatnonzero(pixels.any(axis=1)), np.flatnonzero(pixels.any(axis=0))
    longer = max(np.ptp(rows), np.ptp(columns)) + 1
    assert BOX <= longer <= BOX + 2  # the edges may lie within a pixel
    numbers = np.arange(SIDE)
    centre = [(pixels * numbers).sum(), (pixels * numbers[:, None]).sum()] / pixels.sum()
    np.testing.assert_allclose(centre, SIDE / 2, atol=0.2)


@given(drawings, st.floats(0.5, 1), st.floats(0, 1))
def test_neither_the_size_nor_the_place_of_a_drawing_matters(strokes, factor, place):
    if size(strokes) < 0.25:
        return
    changed = moved(strokes, factor, place * (1 - factor))
    np.testing.assert_allclose(as_mnist(changed), as_mnist(strokes), atol=1e-6)


@given(drawings)
def test_pixels_are_from_0_to_1_and_never_all_empty(strokes):
    pixels = as_mnist(strokes)
    assert pixels.shape == (784,)
    assert pixels.min() >= 0
    assert 0.5 < pixels.max() <= 1


def test_a_drawing_keeps_its_shape():
    flat = picture([[[0.1, 0.4], [0.9, 0.4], [0.9, 0.6], [0.1, 0.6], [0.1, 0.4]]])
    rows, columns = np.flatnonzero(flat.any(axis=1)), np.flatnonzero(flat.any(axis=0))
    between = (np.ptp(columns) - PEN) / (np.ptp(rows) - PEN)
    assert between == pytest.approx(0.8 / 0.2, rel=0.3)


def test_a_pixel_is_as_grey_as_it_is_far_from_the_stroke():
    upright = picture([[[0.5, 0], [0.5, 1]]])
    edge = PEN / 2 + 0.5 - 1
    np.testing.assert_allclose(upright[SIDE // 2, 12:17], [0, edge, 1, edge, 0], atol=1e-9)


def test_no_stroke_no_ink_and_a_dot_stays_a_dot():
    assert not as_mnist([]).any()
    dot = picture([[[0.1, 0.9]]])
    np.testing.assert_allclose(dot, dot.T)
    assert 0 < dot.sum() < 9
    assert dot[SIDE // 2, SIDE // 2] == 1


def test_outside_of_the_pad_the_pen_runs_along_the_edge():
    outside = as_mnist([[[0.2, 0.2], [0.5, -9.0], [3.0, 0.5]]])
    np.testing.assert_array_equal(outside, as_mnist([[[0.2, 0.2], [0.5, 0.0], [1.0, 0.5]]]))


def test_drawings_have_as_much_ink_as_mnist_and_as_many_grey_pixels(mnist):
    def statistics(images):
        return images.sum(axis=1).mean(), ((images > 0.02) & (images < 0.98)).mean()

    mnist_like = np.array([as_mnist(strokes) for _, strokes in HANDS])
    per_digit = np.array(
        [statistics(mnist.images[mnist.labels == digit][:500]) for digit, _ in HANDS]
    ).mean(axis=0)
    np.testing.assert_allclose(statistics(mnist_like), per_digit, rtol=0.15)


def test_every_digit_of_every_hand_is_recognized():
    net = load_trained_network()
    digits = [digit for digit, _ in HANDS]
    answers = net.predict(np.array([as_mnist(strokes) for _, strokes in HANDS]))
    assert answers.tolist() == digits
