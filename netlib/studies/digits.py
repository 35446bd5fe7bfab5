"""What the studies have in common: MNIST, its halves, the paper's network and how it is trained."""

import functools
import itertools
from typing import Any, NamedTuple

import numpy as np
from sklearn.model_selection import train_test_split

from netlib import Adam, Dense, Network, accuracy, load_mnist, train
from netlib.data import Digits
from netlib.hints import Array, Seed


class Split(NamedTuple):
    """Images and labels to train with, and others that are held out."""

    X: Array
    y: Array
    X_held: Array
    y_held: Array


@functools.cache
def mnist() -> Digits:
    """MNIST, read once."""
    return load_mnist()


def half(seed: int) -> Split:
    """The paper's protocol: a random half of all 70,000 images to train with (paper, 3.3)."""
    images, labels = mnist().images, mnist().labels
    X, X_held, y, y_held = train_test_split(images, labels, train_size=0.5, random_state=seed)
    return Split(X, y, X_held, y_held)


def standard() -> Split:
    """MNIST's own split: 60,000 to train with, and 10,000 by other people."""
    return Split(*mnist().train, *mnist().test)


def data_split(name: str, seed: int) -> Split:
    """A split by its name: a random "half", or the "standard" one, which has no seed."""
    return {"half": lambda: half(seed), "standard": standard}[name]()


def dense_network(nodes: int, hidden_layers: int, seed: int, activation: str = "relu") -> Network:
    """784 inputs, hidden layers of as many nodes each, ten softmax nodes."""
    sizes = [784] + [nodes] * hidden_layers
    hidden = [Dense(p, n, activation) for p, n in itertools.pairwise(sizes)]
    return Network([*hidden, Dense(sizes[-1], 10, "softmax")], rng=seed)


def paper_network(seed: int) -> Network:
    """784-64-64-10, ReLU and softmax (paper, 3.2)."""
    return dense_network(64, 2, seed)


def fit(net: Network, X: Array, y: Array, rng: Seed, epochs: int = 10, **settings: Any) -> Network:
    """Train as the chapters do: Adam with learning rate 0.001, batches of 32."""
    settings = {"optimizer": Adam(0.001), "batch_size": 32, **settings}
    for _ in train(net, X, y, epochs=epochs, rng=rng, **settings):
        pass
    return net


def percent(net: Network, X: Array, y: Array) -> float:
    """Accuracy in percent."""
    return round(100 * accuracy(net, X, y), 4)


def both(net: Network, data: Split) -> dict[str, float]:
    """Accuracy in percent, on the images that it was trained with and on those held out."""
    return {
        "training": percent(net, data.X, data.y),
        "held_out": percent(net, data.X_held, data.y_held),
    }


def outputs(net: Network, X: Array) -> Array:
    """The activations of the output nodes, a block at a time to save memory."""
    return np.concatenate([net.forward(X[i : i + 500]) for i in range(0, len(X), 500)])
