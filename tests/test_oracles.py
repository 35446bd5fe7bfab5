"""netlib against witnesses that know nothing of it: scikit-learn, hand arithmetic, linear algebra."""

import copy
import math
import pickle

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier, MLPRegressor

from netlib import SGD, Adam, Conv2D, Dense, Dropout, Flatten, Network, prune, train

# --- scikit-learn -------------------------------------------------------------------------


def with_weights_of(net, theirs, X, y, **classes):
    """Give scikit-learn's network the weights of `net`, in the arrays that its optimizer changes."""
    theirs.partial_fit(X, y, **classes)
    for layer, W, b in zip(net.layers, theirs.coefs_, theirs.intercepts_, strict=True):
        W[:], b[:] = layer.W, layer.b
    return theirs


def weights_of(theirs):
    """Their weights and biases as one vector, in the order of `theta`."""
    pairs = zip(theirs.coefs_, theirs.intercepts_, strict=True)
    return np.concatenate([part.ravel() for pair in pairs for part in pair])


def one_step(hidden, m):
    """Settings with which one step of scikit-learn is θ ← θ − ∇C over all m examples."""
    return {
        "hidden_layer_sizes": (7, 6),
        "activation": {"sigmoid": "logistic"}.get(hidden, hidden),
        "solver": "sgd",
        "learning_rate_init": 1,
        "momentum": 0,
        "alpha": 0,
        "batch_size": m,
    }


@pytest.mark.parametrize("hidden", ["identity", "sigmoid", "tanh", "relu"])
def test_probabilities_and_the_gradient_over_a_batch_are_those_of_scikit_learn(hidden):
    X, y = load_digits(return_X_y=True)
    X, y = X[:100] / 16, y[:100]
    layers = [Dense(64, 7, hidden), Dense(7, 6, hidden), Dense(6, 10, "softmax")]
    net = Network(layers, rng=0, dtype=np.float64)
    net.theta[:] = np.random.default_rng(0).normal(scale=0.5, size=net.theta.size)
    theirs = with_weights_of(net, MLPClassifier(**one_step(hidden, 100)), X, y, classes=range(10))
    np.testing.assert_allclose(net.forward(X), theirs.predict_proba(X), rtol=1e-10)

    C, gradient = net.loss_and_gradient(X, y)
    theirs.partial_fit(X, y)  # one step
    np.testing.assert_allclose(net.theta - weights_of(theirs), gradient, atol=1e-12)
    assert pytest.approx(theirs.loss_) == C


def test_the_gradient_of_the_squared_error_is_twice_that_of_scikit_learn():
    """Their loss has a ½, ours, as the paper's, has none."""
    rng = np.random.default_rng(1)
    X, Y = rng.normal(size=(20, 5)), rng.normal(size=(20, 2))
    layers = [Dense(5, 7, "tanh"), Dense(7, 6, "tanh"), Dense(6, 2, "identity")]
    net = Network(layers, rng=0, dtype=np.float64)
    theirs = with_weights_of(net, MLPRegressor(**one_step("tanh", 20)), X, Y)
    _, gradient = net.loss_and_gradient(X, Y, "squared_error")
    theirs.partial_fit(X, Y)
    np.testing.assert_allclose(net.theta - weights_of(theirs), gradient / 2, atol=1e-12)


# --- by hand ------------------------------------------------------------------------------


def test_a_network_of_two_two_and_one_nodes_computed_by_hand():
    """Two examples; in the second one the hidden node 2 is off.

    x = (1, 2):  z₁ = 1·1 + 2·1 + 0 = 3      z₂ = 1·(−1) + 2·½ + 1 = 1     a = (3, 1)
                 output 2·3 − 1·1 + ½ = 5½   y = 5:  error ½,  squared ¼
    x = (2, 0):  z₁ = 2                      z₂ = −2 + 1 = −1              a = (2, 0)
                 output 2·2 − 0 + ½ = 4½     y = 6:  error −1½, squared 2¼
    C = (¼ + 2¼) / 2 = 1¼;   ∂C/∂output = 2 · error / 2 = ½ and −1½

    output layer:  ∂C/∂W = ½ · (3, 1) − 1½ · (2, 0) = (−1½, ½)    ∂C/∂b = ½ − 1½ = −1
    hidden ∂C/∂z:  ½ · (2, −1) = (1, −½)     and  −1½ · (2, off) = (−3, 0)
    hidden layer:  ∂C/∂W = 1·(1, −½) + 2·(−3, 0) = (−5, −½)   from input 1
                           2·(1, −½) + 0         = (2, −1)    from input 2
                   ∂C/∂b = (1 − 3, −½) = (−2, −½)
    inputs:        (1·1 + −1·−½, 1·1 + ½·−½) = (1½, ¾)   and  (−3, −3)
    """
    net = Network([Dense(2, 2, "relu"), Dense(2, 1, "identity")], dtype=np.float64)
    net.theta = [1, -1, 1, 0.5, 0, 1, 2, -1, 0.5]
    X, Y = np.array([[1, 2], [2, 0]]), np.array([[5], [6]])
    assert net.forward(X).tolist() == [[5.5], [4.5]]
    C, gradient = net.loss_and_gradient(X, Y, "squared_error")
    assert C == 1.25
    assert gradient.tolist() == [-5, -0.5, 2, -1, -2, -0.5, -1.5, 0.5, -1]
    assert net.input_gradient(X, Y, "squared_error").tolist() == [[1.5, 0.75], [-3, -3]]


# --- linear algebra -----------------------------------------------------------------------


def test_the_gradient_is_zero_at_the_least_squares_solution_and_descent_finds_it():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(50, 3)), rng.normal(size=(50, 2))
    solution, residuals, *_ = np.linalg.lstsq(np.column_stack([X, np.ones(50)]), Y)
    net = Network([Dense(3, 2, "identity")], rng=0, dtype=np.float64)
    for _ in train(net, X, Y, loss="squared_error", optimizer=SGD(0.1), epochs=500, batch_size=50):
        pass
    np.testing.assert_allclose(net.layers[0].W, solution[:3], atol=1e-10)
    np.testing.assert_allclose(net.layers[0].b, solution[3], atol=1e-10)
    C, gradient = net.loss_and_gradient(X, Y, "squared_error")
    assert pytest.approx(residuals.sum() / 50) == C
    np.testing.assert_allclose(gradient, 0, atol=1e-10)


# --- what the numbers can do at their limits ----------------------------------------------


@pytest.mark.parametrize(
    "output, loss",
    [
        ("softmax", "cross_entropy"),
        ("softmax", "squared_error"),
        ("sigmoid", "cross_entropy"),
        ("sigmoid", "squared_error"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_sums_of_ten_thousand_give_finite_outputs_losses_and_gradients(output, loss):
    net = Network([Dense(2, 3, output)])
    net.layers[0].W[:] = [[1e4, -1e4, 0], [-1e4, 1e4, 0]]
    X = [[1, 0], [0, 1], [0, 0], [1, 1]]
    a = net.forward(X)
    assert np.isfinite(a).all() and (a >= 0).all() and (a <= 1).all()
    for y in ([0, 1, 2, 0], [1, 0, 2, 1], [2, 2, 2, 2]):  # sure and right, sure and wrong, lost
        C, gradient = net.loss_and_gradient(X, y, loss)
        assert math.isfinite(C) and C >= 0 and np.isfinite(gradient).all()
    sure_and_wrong = net.loss([[1, 0]], [1], loss)
    expected = {
        ("softmax", "cross_entropy"): 2e4,  # −ln e^(−20000)
        ("sigmoid", "cross_entropy"): 2e4 + math.log(2),  # and ln 2 for the third node, at ½
        ("softmax", "squared_error"): 2,
        ("sigmoid", "squared_error"): 2.25,
    }
    assert sure_and_wrong == pytest.approx(expected[output, loss])


@pytest.mark.filterwarnings("error")
def test_images_that_are_all_zero_can_be_learned_from():
    net = Network([Dense(784, 8, "relu"), Dense(8, 3, "softmax")], rng=0)
    y = np.array([2] * 30 + [0] * 10)
    *_, last = train(net, np.zeros((40, 784)), y, optimizer=Adam(0.05), epochs=100, rng=0)
    # only the biases can learn, and they learn the shares: ¾ and ¼
    np.testing.assert_allclose(net.forward(np.zeros((1, 784)))[0], [0.25, 0, 0.75], atol=0.05)
    assert np.isfinite(last.loss)


def test_one_example_is_learned_by_heart():
    net = Network([Dense(4, 8, "tanh"), Dense(8, 3, "softmax")], rng=0)
    X = np.ones((1, 4))
    *_, last = train(net, X, [2], optimizer=Adam(0.05), epochs=200, batch_size=32, rng=0)
    assert last.loss < 1e-3 and net.predict(X) == [2]


def test_a_network_for_one_class_has_nothing_to_learn():
    net = Network([Dense(4, 1, "softmax")], rng=0)
    C, gradient = net.loss_and_gradient(np.ones((3, 4)), np.ones((3, 1)))
    assert C == 0 and (gradient == 0).all() and (net.forward(np.ones((3, 4))) == 1).all()


# --- a network that is sent elsewhere -----------------------------------------------------


@pytest.mark.parametrize("send", [lambda net: pickle.loads(pickle.dumps(net)), copy.deepcopy])
def test_a_pickled_or_deeply_copied_network_is_whole_and_its_layers_still_look_at_theta(send):
    layers = [Conv2D((4, 4, 1), 2, 3, "relu"), Flatten((2, 2, 2)), Dropout(8, 0.5)]
    net = Network([*layers, Dense(8, 3, "softmax")], rng=0, dtype=np.float64)
    prune(net, 0.3)
    X = np.random.default_rng(0).normal(size=(5, 16))
    expected = net.forward(X)
    twin = send(net)
    assert repr(twin) == repr(net) and twin.dtype == net.dtype
    assert (twin.forward(X) == expected).all() and (twin.mask == net.mask).all()
    for layer in twin.layers:
        if layer.size:
            assert np.shares_memory(layer.W, twin.theta)
            assert np.shares_memory(layer.dW, twin.gradient)
    twin.theta[:] = 0
    assert (net.forward(X) == expected).all()


def test_a_pickled_network_does_not_carry_the_last_batch_with_it():
    net = Network([Dense(100, 2, "softmax")], rng=0)
    small = len(pickle.dumps(net))
    net.forward(np.zeros((10000, 100)))
    assert len(pickle.dumps(net)) == small
