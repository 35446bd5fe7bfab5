"""Pruning: how many weights go, and which."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlib import SGD, Dense, Dropout, Network, prune, remove_dead_nodes, train


def small_net():
    """3·8 + 8·2 = 40 weights, 8 + 2 = 10 biases; no parameter is 0, and no two are alike."""
    net = Network([Dense(3, 8, "relu"), Dense(8, 2, "softmax")], rng=0)
    net.theta[:] = np.random.default_rng(1).normal(size=net.theta.size)
    return net


@pytest.mark.parametrize(
    "fraction, left", [(0, 40), (0.25, 30), (0.5, 20), (0.9, 4), (0.975, 1), (1, 0)]
)
def test_the_share_asked_for_is_gone_and_the_rest_is_unchanged(fraction, left):
    net = small_net()
    before = net.theta.copy()
    assert prune(net, fraction) == left
    assert (net.theta[net.is_weight] != 0).sum() == left
    assert (net.theta[net.mask] == before[net.mask]).all()
    assert (net.theta[~net.mask] == 0).all()


def test_biases_stay_even_if_they_are_the_smallest():
    net = small_net()
    net.theta[~net.is_weight] = 1e-9
    prune(net, 1)
    assert (net.theta[~net.is_weight] == np.float32(1e-9)).all()
    assert net.mask[~net.is_weight].all()


def test_the_smallest_weights_of_all_layers_together_go():
    net = small_net()
    net.layers[1].W[:] *= 10  # so that far more of layer 1 must go
    sizes = np.abs(net.theta[net.is_weight])
    prune(net, 0.5)
    assert sorted(np.abs(net.theta[net.mask & net.is_weight])) == sorted(sizes)[20:]
    gone = [int((layer.W == 0).sum()) for layer in net.layers]
    assert sum(gone) == 20
    assert gone[0] > 17


def test_pruning_again_counts_from_all_weights_and_keeps_what_is_gone():
    step_by_step, at_once = small_net(), small_net()
    assert [prune(step_by_step, fraction) for fraction in (0.5, 0.75, 0.9)] == [20, 10, 4]
    prune(at_once, 0.9)
    assert (step_by_step.mask == at_once.mask).all()


def test_pruning_less_than_before_brings_nothing_back():
    net = small_net()
    prune(net, 0.9)
    assert prune(net, 0.5) == 4


def test_weights_already_gone_go_first_whatever_their_score():
    net = small_net()
    prune(net, 0.5)
    gone = ~net.mask
    prune(net, 0.6, score=np.where(gone, 100.0, np.abs(net.theta)))
    assert not net.mask[gone].any()
    assert net.mask[net.is_weight].sum() == 16


def test_a_score_of_ones_own_decides_instead_of_size():
    net = small_net()
    score = np.zeros(net.theta.size)
    keep = np.flatnonzero(net.is_weight)[[3, 5, 30, 31]]
    score[keep] = 1
    prune(net, 0.9, score=score)
    assert (np.flatnonzero(net.mask & net.is_weight) == keep).all()


def test_a_pruned_weight_no_longer_counts():
    net = small_net()
    X = np.ones((1, 3))
    prune(net, 1)
    bias = net.layers[1].b
    np.testing.assert_allclose(net.forward(X)[0], np.exp(bias) / np.exp(bias).sum(), rtol=1e-6)


def test_the_gradient_of_a_pruned_weight_is_zero_and_that_of_others_is_as_without_a_mask():
    net = small_net()
    prune(net, 0.5)
    mask, X, y = net.mask, np.random.default_rng(2).normal(size=(20, 3)), [0, 1] * 10
    with_mask = net.loss_and_gradient(X, y)[1].copy()
    net.mask = None
    without = net.loss_and_gradient(X, y)[1]
    assert without[~mask].any()
    assert (with_mask == np.where(mask, without, 0)).all()


@settings(deadline=None)
@given(
    sizes=st.lists(st.integers(1, 6), min_size=2, max_size=5),
    activation=st.sampled_from(["relu", "sigmoid", "tanh", "identity", "step"]),
    fraction=st.floats(0, 1),
    seed=st.integers(0, 10_000),
)
def test_without_its_dead_nodes_a_network_answers_the_same(sizes, activation, fraction, seed):
    rng = np.random.default_rng(seed)
    layers = [Dense(p, n, activation) for p, n in itertools.pairwise(sizes)]
    net = Network([*layers, Dense(sizes[-1], 3, "softmax")], rng=rng, dtype=np.float64)
    net.theta[~net.is_weight] = rng.normal(size=(~net.is_weight).sum())
    prune(net, fraction)
    smaller = remove_dead_nodes(net)
    X = rng.normal(size=(20, sizes[0]))
    np.testing.assert_allclose(smaller.forward(X), net.forward(X), rtol=1e-9, atol=1e-12)
    assert (smaller.theta[smaller.is_weight] != 0).sum() <= (net.theta[net.is_weight] != 0).sum()
    for layer, after in itertools.pairwise(smaller.layers):
        if layer.outputs > 1:  # every node that is left is joined on both sides
            assert (layer.W != 0).any(axis=0).all()
            assert (after.W != 0).any(axis=1).all()


def test_a_node_cut_off_by_the_removal_of_another_goes_too():
    net = Network([Dense(1, 2, "relu"), Dense(2, 2, "relu"), Dense(2, 1, "sigmoid")], rng=0)
    net.layers[0].W[:], net.layers[1].W[:] = [[1, 1]], [[1, 0], [0, 1]]
    net.layers[2].W[:] = [[1], [0]]  # node 1 of layer 2 leads nowhere: so node 1 of layer 1 too
    assert [layer.outputs for layer in remove_dead_nodes(net).layers] == [1, 1, 1]


def test_without_its_dead_nodes_a_pruned_network_still_keeps_its_weights_away():
    net = small_net()
    prune(net, 0.5)
    smaller = remove_dead_nodes(net)
    zeros = smaller.theta == 0
    for _ in train(smaller, np.ones((4, 3)), [0, 1, 0, 1], optimizer=SGD(0.1), epochs=3):
        pass
    assert zeros.any()
    assert (smaller.theta[zeros] == 0).all()


@pytest.mark.parametrize(
    "layers, complaint",
    [
        ([Dense(4, 4, "relu"), Dropout(4, 0.5), Dense(4, 2, "softmax")], "Dropout"),
        ([Dense(4, 4, "softmax"), Dense(4, 2, "softmax")], "not the last layer"),
    ],
)
def test_dead_nodes_are_removed_from_dense_layers_only(layers, complaint):
    with pytest.raises(ValueError, match=complaint):
        remove_dead_nodes(Network(layers, rng=0))
