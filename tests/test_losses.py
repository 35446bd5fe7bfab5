"""Losses: against scikit-learn, SciPy and numbers worked out by hand."""

import numpy as np
import pytest
import scipy.special
import sklearn.metrics

from netlib import Dense, Network


def network_that_passes_on(width, activation, dtype=np.float64):
    """One layer whose sums z are its inputs: W = 1 on the diagonal, b = 0."""
    net = Network([Dense(width, width, activation)], dtype=dtype)
    net.layers[0].W[:] = np.eye(width)
    return net


def test_squared_error_by_hand():
    # example 1: (1 − 0)² + (2 − 4)² = 5;  example 2: (3 − 3)² + (0 − 1)² = 1;  mean 3
    net = network_that_passes_on(2, "identity")
    X, Y = [[1, 2], [3, 0]], [[0, 4], [3, 1]]
    C, gradient = net.loss_and_gradient(X, Y, "squared_error")
    assert C == 3
    # ∂C/∂b = mean of 2 (a − y): (2·1 + 2·0) / 2 and (2·(−2) + 2·(−1)) / 2
    assert gradient[-2:].tolist() == [1, -3]


def test_cross_entropy_with_softmax_is_log_loss():
    net = network_that_passes_on(4, "softmax")
    rng = np.random.default_rng(0)
    X, y = rng.normal(0, 3, size=(20, 4)), rng.integers(0, 4, 20)
    expected = sklearn.metrics.log_loss(y, scipy.special.softmax(X, axis=1), labels=range(4))
    assert net.loss(X, y) == pytest.approx(expected)


def test_cross_entropy_with_one_sigmoid_node_is_log_loss():
    net = network_that_passes_on(1, "sigmoid")
    rng = np.random.default_rng(1)
    X, y = rng.normal(0, 3, size=(20, 1)), rng.integers(0, 2, 20)
    assert net.loss(X, y) == pytest.approx(
        sklearn.metrics.log_loss(y, scipy.special.expit(X[:, 0]))
    )


def test_cross_entropy_with_several_sigmoid_nodes_adds_up_their_log_losses():
    net = network_that_passes_on(3, "sigmoid")
    rng = np.random.default_rng(2)
    X, Y = rng.normal(size=(20, 3)), rng.integers(0, 2, (20, 3))
    expected = sum(
        sklearn.metrics.log_loss(Y[:, n], scipy.special.expit(X[:, n])) for n in range(3)
    )
    assert net.loss(X, Y) == pytest.approx(expected)


def test_cross_entropy_takes_probabilities_as_targets():
    """C is then the entropy of the targets plus their Kullback-Leibler divergence."""
    net = network_that_passes_on(3, "softmax")
    rng = np.random.default_rng(3)
    X, Y = rng.normal(size=(5, 3)), rng.dirichlet(np.ones(3), size=5)
    a = scipy.special.softmax(X, axis=1)
    expected = np.mean(np.sum(scipy.special.entr(Y) + scipy.special.rel_entr(Y, a), axis=1))
    assert net.loss(X, Y) == pytest.approx(expected)


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_the_gradient_of_cross_entropy_is_output_minus_target(activation):
    net = network_that_passes_on(3, activation)
    X, Y = np.array([[0.5, -1, 2]]), np.array([[0, 1, 0]])
    net.loss_and_gradient(X, Y)
    np.testing.assert_allclose(net.layers[0].db, net.forward(X)[0] - Y[0])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "activation, loss, per_example",
    [
        # z = (10⁴, −10⁴) for a target (0, 1): −ln a₂ is z₁ − z₂
        ("softmax", "cross_entropy", 2e4),
        # both nodes are wrong by 10⁴: −ln(1 − a₁) − ln a₂
        ("sigmoid", "cross_entropy", 2e4),
        # a = (1, 0) for (0, 1)
        ("softmax", "squared_error", 2),
        ("sigmoid", "squared_error", 2),
    ],
)
def test_sure_and_wrong_gives_a_finite_loss_in_float32(activation, loss, per_example):
    net = network_that_passes_on(2, activation, np.float32)
    C, gradient = net.loss_and_gradient([[1e4, -1e4], [1e4, -1e4]], [1, 1], loss)
    assert pytest.approx(per_example) == C
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize(
    "activation, loss",
    [("softmax", "cross_entropy"), ("sigmoid", "cross_entropy"), ("tanh", "squared_error")],
)
def test_loss_and_gradient_are_averages_over_examples(activation, loss):
    rng = np.random.default_rng(4)
    net = Network([Dense(4, 5, "tanh"), Dense(5, 3, activation)], rng=rng, dtype=np.float64)
    X, y = rng.normal(size=(6, 4)), rng.integers(0, 3, 6)
    together, gradient = net.loss_and_gradient(X, y, loss)
    gradient = gradient.copy()
    one_by_one = [net.loss_and_gradient(X[[i]], y[[i]], loss) for i in range(6)]
    assert together == pytest.approx(np.mean([C for C, _ in one_by_one]))
    alone = [net.loss_and_gradient(X[[i]], y[[i]], loss)[1].copy() for i in range(6)]
    np.testing.assert_allclose(gradient, np.mean(alone, axis=0), atol=1e-14)


@pytest.mark.parametrize("loss", ["cross_entropy", "squared_error"])
def test_class_numbers_and_their_rows_give_the_same_loss_and_gradient(loss):
    rng = np.random.default_rng(5)
    net = Network([Dense(4, 3, "softmax")], rng=rng)
    X, y = rng.normal(size=(6, 4)), rng.integers(0, 3, 6)
    C, gradient = net.loss_and_gradient(X, y, loss)
    gradient = gradient.copy()
    assert net.loss_and_gradient(X, np.eye(3)[y], loss)[0] == C
    assert (net.gradient == gradient).all()
