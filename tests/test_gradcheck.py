"""The gradient check: right gradients pass, wrong ones do not, and nothing is left changed."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlib import Dense, Network, gradient_check, prune
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


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    sizes=st.lists(st.integers(1, 5), min_size=2, max_size=4),
    hidden=st.lists(st.sampled_from(HIDDEN), min_size=2, max_size=2),
    pairing=st.sampled_from(PAIRINGS),
    kind=st.sampled_from(["class numbers", "rows"]),
    examples=st.integers(1, 6),
    seed=st.integers(0, 1000),
)
def test_networks_of_any_shape_pass(sizes, hidden, pairing, kind, examples, seed):
    rng = np.random.default_rng(seed)
    loss, output = pairing
    names = [*hidden[: len(sizes) - 2], output]
    pairs = itertools.pairwise(sizes)
    net = Network([Dense(*pair, name) for pair, name in zip(pairs, names, strict=True)], rng=rng)
    X, y = rng.normal(size=(examples, sizes[0])), targets(kind, rng, examples, sizes[-1])
    assert gradient_check(net, X, y, loss).max_relative_error < 1e-6


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
