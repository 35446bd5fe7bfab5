"""Pruning: take away the edges that matter least, and keep them away."""

import numbers

import numpy as np

from netlib.hints import ArrayLike
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
