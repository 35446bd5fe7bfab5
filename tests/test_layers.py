"""Dense: the equations written out node by node."""

import math

import numpy as np
import pytest

from netlib import Dense, Network


def layer_in_a_network(inputs, outputs, activation, dtype=np.float64):
    return Network([Dense(inputs, outputs, activation)], rng=0, dtype=dtype).layers[0]


def test_weight_i_n_joins_node_i_of_the_layer_before_to_node_n():
    layer = layer_in_a_network(2, 3, "identity")
    layer.W[:] = [[1, 2, 3], [10, 20, 30]]
    layer.b[:] = [0.1, 0.2, 0.3]
    # node 1: 1·1 + 2·10 + 0.1, and so on
    np.testing.assert_allclose(layer.forward(np.array([[1.0, 2.0]])), [[21.1, 42.2, 63.3]])


def test_forward_is_a_sum_over_the_nodes_before():
    layer = layer_in_a_network(4, 3, "sigmoid")
    x = np.random.default_rng(0).normal(size=(5, 4))
    a = layer.forward(x)
    for m in range(5):
        for n in range(3):
            z = layer.b[n]
            for i in range(4):
                z += x[m, i] * layer.W[i, n]
            assert layer.z[m, n] == pytest.approx(z)
            assert a[m, n] == pytest.approx(1 / (1 + math.exp(-z)))


def test_backward_sums_over_examples_and_over_nodes():
    layer = layer_in_a_network(4, 3, "identity")
    rng = np.random.default_rng(1)
    x, dz = rng.normal(size=(5, 4)), rng.normal(size=(5, 3))
    layer.forward(x)
    layer.parameter_gradients(dz)
    dx = layer.input_gradient(dz)
    for n in range(3):
        assert layer.db[n] == pytest.approx(sum(dz[m, n] for m in range(5)))
        for i in range(4):
            assert layer.dW[i, n] == pytest.approx(sum(x[m, i] * dz[m, n] for m in range(5)))
    for m in range(5):
        for i in range(4):
            assert dx[m, i] == pytest.approx(sum(dz[m, n] * layer.W[i, n] for n in range(3)))


def test_a_layer_keeps_what_came_in_the_sums_and_the_activations():
    layer = layer_in_a_network(2, 2, "relu")
    x = np.array([[1.0, -1.0]])
    a = layer.forward(x)
    assert layer.x is x
    assert layer.a is a
    assert (layer.a == np.maximum(layer.z, 0)).all()


@pytest.mark.parametrize(
    "activation, gain",
    [("relu", 2), ("identity", 1), ("sigmoid", 1), ("tanh", 1), ("softmax", 1), ("step", 1)],
)
def test_weights_start_with_variance_gain_over_inputs_and_biases_at_zero(activation, gain):
    layer = layer_in_a_network(400, 300, activation)
    # 120,000 draws: the variance of a sample is within 0.4 % of the true one, two times in three
    assert layer.W.var() == pytest.approx(gain / 400, rel=0.03)
    assert abs(layer.W.mean()) < 5 * math.sqrt(gain / 400 / layer.W.size)
    assert (layer.b == 0).all()


def test_sums_are_about_as_large_in_the_tenth_relu_layer_as_in_the_first():
    net = Network([Dense(200, 200, "relu") for _ in range(10)], rng=0)
    net.forward(np.random.default_rng(0).normal(size=(200, 200)))
    assert 0.5 < net.layers[-1].z.std() / net.layers[0].z.std() < 2


def test_a_layer_has_no_weights_before_a_network_takes_it_in():
    assert not hasattr(Dense(2, 3, "relu"), "W")


def test_size_counts_weights_and_biases():
    assert Dense(784, 64, "relu").size == 784 * 64 + 64


def test_node_counts_may_be_numpy_integers():
    assert Dense(np.int64(2), np.uint8(3), "relu").size == 9


def test_repr_is_what_makes_an_equal_layer():
    layer = Dense(2, 3, "tanh")
    assert repr(layer) == "Dense(2, 3, 'tanh')"
    assert repr(eval(repr(layer))) == repr(layer)
