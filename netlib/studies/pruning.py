"""How many weights can go, and how best to remove them (paper, 2.3)."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from netlib import Network, prune
from netlib.studies.digits import Split, dense_network, fit, half, paper_network, percent
from netlib.studies.study import Study

WEIGHTS = 784 * 64 + 64 * 64 + 64 * 10
LEFT = (0.7, 0.5, 0.35, 0.25, 0.17, 0.1, 0.07, 0.05, 0.035, 0.02, 0.01)  # shares of them


def at_once(data: Split, seed: int) -> Iterator[Network]:
    """Train, then cut the smallest weights."""
    trained = fit(paper_network(seed), data.X, data.y, seed)
    for left in LEFT:
        net = trained.copy()
        prune(net, 1 - left)
        yield net


def retrained(data: Split, seed: int) -> Iterator[Network]:
    """Train, cut the smallest weights, then train what is left for ten more epochs."""
    for net in at_once(data, seed):
        yield fit(net, data.X, data.y, seed)


def step_by_step(data: Split, seed: int) -> Iterator[Network]:
    """Train, cut a few, train for ten epochs, cut a few more, and so on."""
    net = fit(paper_network(seed), data.X, data.y, seed)
    for step, left in enumerate(LEFT):
        prune(net, 1 - left)
        yield fit(net, data.X, data.y, seed + 100 * step)


def not_cut(data: Split, seed: int) -> Iterator[Network]:
    """As long a training as step by step, but nothing is cut."""
    net = fit(paper_network(seed), data.X, data.y, seed)
    for step in range(len(LEFT)):
        yield fit(net, data.X, data.y, seed + 100 * step)


def rewound(data: Split, seed: int, epochs: int) -> Iterator[Network]:
    """As step by step; but after each cut, what is left goes back to its value after `epochs`."""
    net = fit(paper_network(seed), data.X, data.y, seed, epochs=epochs)
    early = net.theta.copy()
    fit(net, data.X, data.y, seed, epochs=10 - epochs)
    for left in LEFT:
        prune(net, 1 - left)
        net.theta = early
        net.apply_mask()
        yield fit(net, data.X, data.y, seed, epochs=10 - epochs)


def new_values(data: Split, seed: int) -> Iterator[Network]:
    """The masks of `rewound` to the start; but what is left begins with new random values."""
    for net in rewound(data, seed, epochs=0):
        new = paper_network(seed + 100)
        new.mask = net.mask
        yield fit(new, data.X, data.y, seed)


def random_mask(data: Split, seed: int) -> Iterator[Network]:
    """Cut weights at random before any training, then train."""
    for left in LEFT:
        net = paper_network(seed)
        prune(net, 1 - left, score=np.random.default_rng(seed).random(net.theta.size))
        yield fit(net, data.X, data.y, seed)


def small_network(data: Split, seed: int) -> Iterator[Network]:
    """No cutting: a network with fewer hidden nodes, and at most as many weights.

    There is none for the last level: a single node in each layer has 795 weights already.
    """
    for left in LEFT[:-1]:
        nodes = max(h for h in range(1, 65) if 784 * h + h * h + 10 * h <= WEIGHTS * left)
        yield fit(dense_network(nodes, 2, seed), data.X, data.y, seed)


METHODS = {
    "at once": at_once,
    "retrained": retrained,
    "step by step": step_by_step,
    "not cut": not_cut,
    "rewound to the start": lambda data, seed: rewound(data, seed, epochs=0),
    "rewound to epoch 1": lambda data, seed: rewound(data, seed, epochs=1),
    "rewound, new values": new_values,
    "random mask": random_mask,
    "small network": small_network,
}


def run(method: str, seed: int) -> dict[str, Any]:
    """Held-out accuracy and number of weights left, whole and at each level of cutting."""
    data = half(seed)
    whole = fit(paper_network(seed), data.X, data.y, seed)
    weights, held_out = [], []
    for net in METHODS[method](data, seed):
        weights.append(int(np.count_nonzero(net.theta[net.is_weight])))
        held_out.append(percent(net, data.X_held, data.y_held))
    whole_held_out = percent(whole, data.X_held, data.y_held)
    return {"whole": whole_held_out, "weights": weights, "held_out": held_out}


study = Study(
    name="pruning",
    question="How many weights of the paper's network can go, and how best to remove them?",
    run=run,
    cases=[{"method": method, "seed": seed} for method in METHODS for seed in range(5)],
)
