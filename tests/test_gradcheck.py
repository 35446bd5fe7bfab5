"""The gradient check: right gradients pass, wrong ones do not, and nothing is left changed."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from netlib import Conv2D, Dense, Dropout, Flatten, MaxPool2D, Network, gradient_check, prune
from netlib.activations import get_activation

HIDDEN = ["identity", "sigmoid", "tanh", "relu", "softmax"]
PAIRINGS = [("squared_error", output) for output in HIDDEN] + [
    ("cross_entropy", "softmax"),
    ("cross_entropy", "sigmoid"),
]


def targets(kind, rng, examples, outputs):
    if kind == "class numbers":
        return rng.integers(0, max(outputs, 2), examples)
    return rng.uniform(0, 1, size=(examples, outputs))  # rows that do not sum to 1


@pytest.mark.parametrize("kind", ["class numbers", "rows"])
@pytest.mark.parametrize("loss, output", PAIRINGS)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_every_pairing_that_is_allowed_passes(hidden, loss, output, kind):
    rng = np.random.default_rng(0)
    net = Network([Dense(4, 5, hidden), Dense(5, 4, hidden), Dense(4, 3, output)], rng=rng)
    X, y = rng.normal(size=(6, 4)), targets(kind, rng, 6, 3)
    report = gradient_check(net, X, y, loss)
    assert report.max_relative_error < 1e-6
    names = [part.name for part in report.parts]
    assert names == [f"layer {l} {part}" for l in (1, 2, 3) for part in "Wb"] + ["inputs"]
    # all is compared: 4·5 + 5 + 5·4 + 4 + 4·3 + 3 parameters and 6·4 inputs
    assert sum(part.checked + part.kinks for part in report.parts) == 64 + 24


@pytest.mark.parametrize("loss, output", PAIRINGS)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_every_pairing_passes_in_a_network_of_images(hidden, loss, output):
    rng = np.random.default_rng(0)
    layers = [
        Conv2D((7, 6, 2), 3, 2, hidden),  # (6, 5, 3)
        MaxPool2D((6, 5, 3), 2),  # (3, 2, 3), and one column left over
        Dropout((3, 2, 3), 0.3),
        Conv2D((3, 2, 3), 2, 2, hidden),  # (2, 1, 2)
        Flatten((2, 1, 2)),
        Dense(4, 3, output),
    ]
    net = Network(layers, rng=rng)
    net.theta += rng.normal(scale=0.1, size=net.theta.size)  # biases that are not 0
    X, y = rng.normal(size=(3, 7, 6, 2)), rng.integers(0, 3, 3)
    report = gradient_check(net, X, y, loss)
    assert report.max_relative_error < 1e-6
    names = [part.name for part in report.parts]
    assert names == [f"layer {l} {part}" for l in (1, 4, 6) for part in "Wb"] + ["inputs"]
    assert sum(part.checked for part in report.parts) > 0.9 * (net.theta.size + X.size)


@st.composite
def networks(draw):
    """A network of any kinds of layers, with examples, targets and a loss that goes with it."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    hidden, share = st.sampled_from(HIDDEN), st.sampled_from([0.0, 0.5])
    layers = []
    if draw(st.booleans()):
        shape = inputs = draw(st.tuples(st.integers(2, 5), st.integers(2, 5), st.integers(1, 2)))
        for kind in draw(st.lists(st.sampled_from("cpd"), max_size=3)):
            side = draw(st.integers(1, min(2, *shape[:2])))
            if kind == "c":
                layers.append(Conv2D(shape, draw(st.integers(1, 3)), side, draw(hidden)))
            elif kind == "p":
                layers.append(MaxPool2D(shape, side))
            else:
                layers.append(Dropout(shape, draw(share)))
            shape = layers[-1].outputs
        layers.append(Flatten(shape))
        nodes = layers[-1].outputs
    else:
        nodes = draw(st.integers(1, 5))
        inputs = (nodes,)
    for width in draw(st.lists(st.integers(1, 5), max_size=3)):
        layers += [Dense(nodes, width, draw(hidden)), Dropout(width, draw(share))]
        nodes = width
    loss, output = draw(st.sampled_from(PAIRINGS))
    outputs = draw(st.integers(1, 4))
    layers.append(Dense(nodes, outputs, output))
    net = Network(layers, rng=rng, dtype=np.float64)
    net.theta += rng.normal(scale=0.3, size=net.theta.size)  # biases that are not 0
    examples = draw(st.integers(1, 6))
    kinds = ["rows"] if output == "softmax" and outputs == 1 else ["class numbers", "rows"]
    y = targets(draw(st.sampled_from(kinds)), rng, examples, outputs)
    return net, rng.normal(size=(examples, *inputs)), y, loss


@settings(max_examples=200, deadline=None, derandomize=True)
@given(networks())
def test_networks_of_any_layers_pass(case):
    net, X, y, loss = case
    assert gradient_check(net, X, y, loss).max_relative_error < 1e-6


@settings(max_examples=200, deadline=None, derandomize=True)
@given(networks())
def test_float32_agrees_with_float64_within_one_part_in_ten_thousand(case):
    """Of the largest slope; unless rounding turned a switch, where the slopes really differ."""
    net, X, y, loss = case
    X = X.astype(np.float32)
    twin = net.copy(dtype=np.float32)
    net.theta = twin.theta  # the same numbers in both
    C, gradient = net.loss_and_gradient(X, y, loss)
    C32, gradient32 = twin.loss_and_gradient(X, y, loss)
    pairs = zip(net.layers, twin.layers, strict=True)
    assume(all((one.switches() == other.switches()).all() for one, other in pairs))
    assert pytest.approx(C, rel=1e-5, abs=1e-6) == C32
    assert np.abs(gradient32 - gradient).max() <= 1e-4 * np.abs(gradient).max() + 1e-9


def two_layers(hidden="tanh", output="softmax"):
    rng = np.random.default_rng(3)
    net = Network([Dense(4, 5, hidden), Dense(5, 3, output)], rng=rng)
    return net, rng.normal(size=(6, 4)), rng.integers(0, 3, 6)


def break_backward(monkeypatch, name, backward):
    monkeypatch.setattr(type(get_activation(name)), "backward", staticmethod(backward))


WRONG = {
    "identity": lambda da, a: 2 * da,
    "sigmoid": lambda da, a: da * a,
    "tanh": lambda da, a: da * (1 - a),
    "relu": lambda da, a: da * (a >= 0),  # a is never negative: the slope would always be 1
    "softmax": lambda da, a: da * a * (1 - a),  # the diagonal of the Jacobian alone
}


@pytest.mark.parametrize("name", sorted(WRONG))
def test_a_wrong_derivative_is_found(monkeypatch, name):
    net, X, y = two_layers(hidden=name)
    assert gradient_check(net, X, y).max_relative_error < 1e-6
    break_backward(monkeypatch, name, WRONG[name])
    assert gradient_check(net, X, y).max_relative_error > 1e-2


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_gradient_that_is_not_a_number_is_found(monkeypatch, bad):
    net, X, y = two_layers()
    break_backward(monkeypatch, "tanh", lambda da, a: da * bad)
    assert not gradient_check(net, X, y).max_relative_error < 1e-6


def test_the_error_is_reported_in_the_part_where_it_is(monkeypatch):
    net, X, y = two_layers()
    break_backward(monkeypatch, "tanh", lambda da, a: 1.5 * da * (1 - a * a))
    errors = {part.name: part.relative_error for part in gradient_check(net, X, y).parts}
    # 1.5 times the slope: off by a third of the larger, the reported gradient
    for part in ("layer 1 W", "layer 1 b", "inputs"):
        assert errors[part] == pytest.approx(1 / 3, rel=1e-4)
    assert max(errors["layer 2 W"], errors["layer 2 b"]) < 1e-6


def test_kinks_are_found_counted_and_left_out():
    """Node 1 has z = 0 for the only example: its W, its b and both inputs are at a kink."""
    net = Network([Dense(2, 2, "relu"), Dense(2, 2, "softmax")], rng=0)
    net.layers[0].W[:] = [[1, 1], [-1, 1]]
    report = gradient_check(net, [[1, 1]], [0])
    kinks = {part.name: part.kinks for part in report.parts}
    assert kinks == {
        "layer 1 W": 2,
        "layer 1 b": 1,
        "layer 2 W": 0,
        "layer 2 b": 0,
        "inputs": 2,
    }
    assert [part.checked for part in report.parts] == [2, 1, 4, 2, 0]
    assert report.max_relative_error < 1e-6


def test_a_pixel_about_to_be_overtaken_as_the_largest_of_its_square_is_at_a_kink():
    net = Network([MaxPool2D((2, 2, 1), 2), Flatten((1, 1, 1)), Dense(1, 2, "softmax")], rng=0)
    report = gradient_check(net, [[1, 1, 0.5, 0]], [0])  # the first two pixels are equal
    assert [part.kinks for part in report.parts] == [0, 0, 2]
    assert report.max_relative_error < 1e-6


def test_a_wrong_derivative_of_dropout_is_found(monkeypatch):
    """So nodes are left out during the check: without any, a = x, and nothing would be wrong."""
    rng = np.random.default_rng(0)
    net = Network([Dense(3, 40, "tanh"), Dropout(40, 0.5), Dense(40, 2, "softmax")], rng=rng)
    monkeypatch.setattr(Dropout, "input_gradient", lambda layer, dz: dz)
    assert gradient_check(net, rng.normal(size=(2, 3)), [0, 1]).max_relative_error > 1e-2


def test_the_nodes_that_dropout_leaves_out_stay_out_during_the_check():
    rng = np.random.default_rng(0)
    net = Network([Dense(3, 40, "tanh"), Dropout(40, 0.5), Dense(40, 2, "softmax")], rng=rng)
    X, y = rng.normal(size=(2, 3)), [0, 1]
    parts = {part.name: part for part in gradient_check(net, X, y).parts}
    assert max(part.relative_error for part in parts.values()) < 1e-6
    assert net.layers[1].kept is None


def test_the_network_and_the_data_are_left_as_they_were():
    net, X, y = two_layers("relu")
    prune(net, 0.3)
    net.loss_and_gradient(X, y)
    X.setflags(write=False)  # not even for a moment
    theta, gradient, mask, X_before = (v.copy() for v in (net.theta, net.gradient, net.mask, X))
    arrays = [dict(vars(layer)) for layer in net.layers]
    gradient_check(net, X, y)
    assert (net.theta == theta).all() and (net.gradient == gradient).all()
    assert (net.mask == mask).all() and np.array_equal(X, X_before)
    for layer, before in zip(net.layers, arrays, strict=True):
        assert all(vars(layer)[name] is before[name] for name in before)


@pytest.mark.parametrize("hidden", ["tanh", "relu"])
def test_pruned_parameters_are_left_out_and_the_others_pass(hidden):
    net, X, y = two_layers(hidden)
    net.theta[:] = np.random.default_rng(4).normal(size=net.theta.size)
    prune(net, 0.5)
    report = gradient_check(net, X, y)
    compared = {part.name: part.checked + part.kinks for part in report.parts}
    for number, layer in enumerate(net.layers, start=1):
        assert compared[f"layer {number} W"] == (layer.W != 0).sum()
        assert compared[f"layer {number} b"] == layer.outputs
    assert report.max_relative_error < 1e-6


def test_a_network_pruned_to_nothing_can_still_be_checked():
    net, X, y = two_layers()
    prune(net, 1)
    report = gradient_check(net, X, y)
    assert [part.checked for part in report.parts] == [0, 5, 0, 3, 24]
    assert report.max_relative_error < 1e-6


@pytest.mark.parametrize("order", ["C", "F"])
def test_the_order_of_the_data_in_memory_does_not_matter(order):
    net, X, y = two_layers()
    assert gradient_check(net, np.asarray(X, order=order), y).max_relative_error < 1e-6


def test_the_report_is_a_table_with_a_line_for_each_part():
    net, X, y = two_layers()
    header, *lines = str(gradient_check(net, X, y)).splitlines()
    assert header.split() == ["part", "compared", "at", "a", "kink", "relative", "error"]
    assert [line[:9].strip() for line in lines] == [
        "layer 1 W",
        "layer 1 b",
        "layer 2 W",
        "layer 2 b",
        "inputs",
    ]


def test_what_cannot_be_differentiated_cannot_be_checked():
    net, X, y = two_layers(hidden="step")
    with pytest.raises(ValueError, match="slope 0"):
        gradient_check(net, X, y)
