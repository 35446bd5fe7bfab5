"""Pruning: take away the edges that matter least, and keep them away."""

import itertools
import numbers

import numpy as np

from netlib.hints import Array, ArrayLike
from netlib.layers import Dense
from netlib.network import Network


def prune(net: Network, fraction: float, score: ArrayLike | None = None) -> int:
    """Set a share of all weights to 0, those of lowest score, for good (paper, 2.3).

    Biases stay. The weights of all layers are ranked together, and `net.mask` remembers which
    are left, so that training goes on without the others. Pruning again counts from all weights:
    `prune(net, 0.5)` and then `prune(net, 0.9)` leaves one weight in ten.

    Parameters
    ----------
    net : Network
    fraction : float from 0 to 1
        Share of all weights to be gone afterwards.
    score : (parameters,), optional
        What makes a weight worth keeping. By default its size, ``abs(theta)``.

    Returns
    -------
    int
        How many weights are left.

    Raises
    ------
    ValueError
        If `fraction` is not from 0 to 1, or `score` does not fit.

    Examples
    --------
    >>> from netlib import Dense, Network
    >>> net = Network([Dense(4, 5, "relu"), Dense(5, 1, "sigmoid")], rng=0)
    >>> prune(net, 0.8)                   # of 4·5 + 5·1 = 25 weights
    5
    """
    if not isinstance(fraction, numbers.Real) or not 0 <= fraction <= 1:
        raise ValueError(
            f"fraction must be a number from 0 to 1, got {fraction!r}; 0.9 removes 90 %"
        )
    score = np.abs(net.theta) if score is None else np.asarray(score)
    if score.shape != net.theta.shape:
        raise ValueError(
            f"score has shape {score.shape}; expected one number for each of the "
            f"{net.theta.size} parameters"
        )
    if score.dtype.kind not in "biuf" or np.isnan(score).any():
        raise ValueError("score must be numbers, none of them nan: a nan has no rank")
    mask = np.ones(net.theta.size, bool) if net.mask is None else net.mask.copy()
    weights = np.flatnonzero(net.is_weight)
    # those already gone come first, then the lowest score
    ranked = weights[np.lexsort((score[weights], mask[weights]))]
    mask[ranked[: round(fraction * len(weights))]] = False
    net.mask = mask
    return int(mask[weights].sum())


def remove_dead_nodes(net: Network) -> Network:
    """A smaller network with the same outputs: without the hidden nodes that pruning cut off.

    A node with no edge left to the next layer changes nothing, and can go. A node with no edge
    left from the layer before has the same activation σ(b) for every input. It can go too, once
    the next layer's biases stand in for it:   b' ← b' + σ(b) W'

    Parameters
    ----------
    net : Network
        Of dense layers, such as `prune` has been used on. It stays as it is.

    Returns
    -------
    Network
        Each of its hidden layers keeps at least one node.

    Raises
    ------
    ValueError
        If a layer is not dense, or softmax is used before the last layer: there each activation
        depends on all sums.

    Examples
    --------
    >>> from netlib import Dense, Network
    >>> net = Network([Dense(4, 3, "relu"), Dense(3, 1, "sigmoid")], rng=0)
    >>> net.layers[1].W[:] = [[5], [0], [0]]  # nodes 1 and 2 are joined to nothing
    >>> remove_dead_nodes(net)
    Network([Dense(4, 1, 'relu'), Dense(1, 1, 'sigmoid')])
    """
    for layer in net.layers:
        if not isinstance(layer, Dense):
            raise ValueError(f"only dense layers can lose nodes; this network has {layer!r}")
    for layer in net.layers[:-1]:
        if layer.activation.name == "softmax":
            raise ValueError(f"{layer!r} is not the last layer: no node of it is without effect")
    W, b = _layer_parts(net, net.theta.copy())
    alive = [np.ones(len(W[0]), bool), *(np.ones(len(bias), bool) for bias in b)]  # inputs first
    for _ in net.layers:  # a node may be cut off by the removal of another, a layer away
        for l, layer in enumerate(net.layers[:-1]):
            joined_before = (W[l] != 0).any(axis=0)
            joined_after = (W[l + 1] != 0).any(axis=1)
            constant = layer.activation.forward(b[l])
            b[l + 1] += np.where(joined_before, 0, constant) @ W[l + 1]
            alive[l + 1] = joined_before & joined_after
            W[l][:, ~alive[l + 1]] = 0
            W[l + 1][~alive[l + 1]] = 0
    for nodes in alive:
        nodes[0] |= not nodes.any()  # a layer keeps one node, even one that does nothing

    def keep(W: list[Array], b: list[Array]) -> Array:
        """The vector of what belongs to the nodes that are alive."""
        parts = zip(W, b, alive[:-1], alive[1:], strict=True)
        return np.concatenate([v for w, c, i, n in parts for v in (w[i][:, n].ravel(), c[n])])

    sizes = itertools.pairwise([int(nodes.sum()) for nodes in alive])
    kinds = [layer.activation.name for layer in net.layers]
    layers = [Dense(i, n, kind) for (i, n), kind in zip(sizes, kinds, strict=True)]
    smaller = Network(layers, rng=0, dtype=net.dtype)
    smaller.theta = keep(W, b)
    if net.mask is not None:
        smaller.mask = keep(*_layer_parts(net, net.mask))
    return smaller


def _layer_parts(net: Network, vector: Array) -> tuple[list[Array], list[Array]]:
    """The parts of a vector like theta that belong to W and to b of each layer."""
    ends = np.cumsum([layer.size for layer in net.layers])
    pieces = zip(net.layers, np.split(vector, ends[:-1]), strict=True)
    W, b = zip(*(layer.views(piece) for layer, piece in pieces), strict=True)
    return list(W), list(b)
