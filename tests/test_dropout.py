"""Dropout: nodes are left out by chance in training, and only there."""

import numpy as np
import pytest

from netlib import SGD, Adam, Dense, Dropout, Network, train


def network(rate=0.5):
    return Network([Dense(3, 50, "tanh"), Dropout(50, rate), Dense(50, 2, "softmax")], rng=0)


def examples(m=40):
    rng = np.random.default_rng(1)
    X = rng.normal(size=(m, 3))
    return X, (X[:, 0] > 0).astype(int)


@pytest.mark.parametrize("rate", [0.2, 0.5, 0.9])
def test_the_share_left_out_is_the_rate_and_the_mean_stays(rate):
    layer = Dropout(1000, rate)
    layer.draw(np.random.default_rng(0), examples=100)
    a = layer.forward(np.full((100, 1000), 3.0))
    # 100,000 nodes: the share is within half a percent of the rate
    assert (a == 0).mean() == pytest.approx(rate, abs=0.005)
    np.testing.assert_allclose(a[a != 0], 3 / (1 - rate), rtol=1e-6)
    assert a.mean() == pytest.approx(3, rel=0.05)


def test_every_example_and_every_step_has_nodes_of_its_own_left_out():
    layer, rng = Dropout(64, 0.5), np.random.default_rng(0)
    layer.draw(rng, examples=2)
    first = layer.kept
    layer.draw(rng, examples=2)
    assert (first[0] != first[1]).any() and (first != layer.kept).any()


def test_the_gradient_passes_where_the_activation_passed():
    layer = Dropout(20, 0.5)
    layer.draw(np.random.default_rng(0), examples=3)
    x = np.random.default_rng(1).normal(size=(3, 20))
    a, dx = layer.forward(x), layer.input_gradient(np.ones((3, 20)))
    assert (dx[a == 0] == 0).all() and (dx[a != 0] == 2).all()


def test_outside_of_training_nothing_is_left_out():
    net = network()
    X, y = examples()
    dense = Network([Dense(3, 50, "tanh"), Dense(50, 2, "softmax")])
    dense.theta = net.theta
    assert (net.forward(X) == dense.forward(X)).all()
    C, gradient = net.loss_and_gradient(X, y)
    assert dense.loss_and_gradient(X, y)[0] == C and (dense.gradient == gradient).all()


def test_training_leaves_out_nodes_and_everything_else_does_not():
    net = network()
    X, y = examples()
    shares, step_back = [], net.step_back

    def noting(*arguments):
        C = step_back(*arguments)
        shares.append((net.layers[1].a == 0).mean())
        return C

    net.step_back = noting
    for _ in train(net, X, y, optimizer=SGD(0.1), epochs=2, batch_size=10, validation=(X, y)):
        assert net.layers[1].kept is None
        net.forward(X)
        assert (net.layers[1].a == net.layers[0].a).all()
    assert len(shares) == 8 and np.mean(shares) == pytest.approx(0.5, abs=0.1)


def test_no_node_stays_left_out_when_training_is_interrupted():
    net = network()
    X, y = examples()

    def interrupted(*arguments):
        raise KeyboardInterrupt

    net.step_back = interrupted
    with pytest.raises(KeyboardInterrupt):
        list(train(net, X, y, optimizer=SGD(0.1)))
    assert net.layers[1].kept is None


def test_the_same_seed_leaves_out_the_same_nodes():
    def trained(seed):
        net = network()
        list(train(net, *examples(), optimizer=Adam(0.01), epochs=2, rng=seed))
        return net.theta

    assert (trained(5) == trained(5)).all()
    assert (trained(5) != trained(6)).any()


def test_a_rate_of_zero_changes_nothing():
    X, y = examples()
    with_layer, without = network(rate=0), Network([Dense(3, 50, "tanh"), Dense(50, 2, "softmax")])
    without.theta = with_layer.theta
    for net in (with_layer, without):
        # one batch an epoch: the order of the examples does not matter
        list(train(net, X, y, optimizer=SGD(0.1), epochs=3, batch_size=40, rng=0))
    np.testing.assert_allclose(with_layer.theta, without.theta, rtol=1e-4, atol=1e-6)


def test_dropout_on_images_leaves_out_single_pixels_of_single_channels():
    layer = Dropout((4, 4, 3), 0.5)
    layer.draw(np.random.default_rng(0), examples=2)
    assert layer.kept.shape == (2, 4, 4, 3)
    assert layer.outputs == (4, 4, 3)
