"""Do hidden nodes stand for features, such as rounded parts? Are activations below 1? (1.1, 1.2)"""

from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from netlib import Network
from netlib.hints import Array
from netlib.studies.digits import fit, half, paper_network
from netlib.studies.study import Study

ROUNDED = (0, 2, 3, 5, 6, 8, 9)  # the others, 1, 4 and 7, are straight strokes
IMAGES = 10_000


def tells_apart(a: Array, which: Array) -> float:
    """The chance that a node is more excited by an image of `which` than by another one.

    ½ says nothing, 1 tells all apart. A node that is excited by the others counts as much.
    """
    chance = float(roc_auc_score(which, a))
    return max(chance, 1 - chance)


def neighbours_alike(W: Array) -> float:
    """The correlation of the weights of neighbouring pixels, over all nodes; 0 in pure noise."""
    images = W.T.reshape(-1, 28, 28)[:, 4:24, 4:24]  # where there is ink
    beside = np.corrcoef(images[:, :, 1:].ravel(), images[:, :, :-1].ravel())[0, 1]
    below = np.corrcoef(images[:, 1:].ravel(), images[:, :-1].ravel())[0, 1]
    return float((beside + below) / 2)


def describe(net: Network, X: Array, y: Array) -> dict[str, Any]:
    """How well the best hidden node of each layer tells digits apart, and how large nodes get."""
    net.forward(X)
    rounded, best_digit, above_one, largest = [], [], [], []
    for layer in net.layers[:-1]:
        nodes = [a for a in layer.a.T if a.any()]
        rounded.append(max(tells_apart(a, np.isin(y, ROUNDED)) for a in nodes))
        best_digit.append([max(tells_apart(a, y == digit) for a in nodes) for digit in range(10)])
        above_one.append(100 * float((layer.a > 1).mean()))
        largest.append(float(layer.a.max()))
    return {
        "rounded": np.round(rounded, 4).tolist(),
        "one_digit": np.round(np.mean(best_digit, axis=1), 4).tolist(),
        "above_one": np.round(above_one, 2).tolist(),
        "largest": np.round(largest, 2).tolist(),
        "neighbours_alike": round(neighbours_alike(net.layers[0].W), 4),
    }


def run(trained: bool, seed: int) -> dict[str, Any]:
    """One network, trained or with the random weights that it starts from."""
    data = half(seed)
    net = paper_network(seed)
    if trained:
        fit(net, data.X, data.y, seed)
    return describe(net, data.X_held[:IMAGES], data.y_held[:IMAGES])


study = Study(
    name="features",
    question="Do hidden nodes stand for features such as rounded parts?",
    run=run,
    cases=[{"trained": trained, "seed": seed} for trained in (True, False) for seed in range(10)],
)
