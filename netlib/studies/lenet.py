"""LeNet-300-100, the network that Han et al. (2015) made 12 times smaller without loss."""

from typing import Any

import numpy as np

from netlib import Adam, Dense, Network, prune, train
from netlib.studies.digits import Split, fit, percent, standard
from netlib.studies.study import Study

SMALLER = (1.5, 2, 3, 4, 6, 8, 12, 16, 20, 25, 33, 50)  # times
EPOCHS = 20


def network(seed: int) -> Network:
    """LeNet-300-100 with random weights."""
    layers = [Dense(784, 300, "relu"), Dense(300, 100, "relu"), Dense(100, 10, "softmax")]
    return Network(layers, rng=seed)


def constant(net: Network, data: Split, seed: int) -> None:
    """Train with the learning rate 0.001."""
    fit(net, data.X, data.y, seed, epochs=EPOCHS, batch_size=64)


def falling(net: Network, data: Split, seed: int) -> None:
    """Train with a learning rate that falls evenly from 0.001 to almost 0."""
    optimizer = Adam(0.001)
    for epoch in train(
        net, data.X, data.y, optimizer=optimizer, epochs=EPOCHS, batch_size=64, rng=seed
    ):
        optimizer.learning_rate = 0.001 * (1 - epoch.number / EPOCHS)


RATES = {"constant": constant, "falling": falling}


def run(rate: str, seed: int) -> dict[str, Any]:
    """Test accuracy whole, and rewound to the start with fewer and fewer weights.

    Twenty epochs of training, then cut the smallest weights, put the others back to the random
    values with which they started, and train again in the same way; and so on.
    """
    data = standard()
    net = network(seed)
    start = net.theta.copy()
    RATES[rate](net, data, seed)
    whole, weights, test = percent(net, data.X_held, data.y_held), [], []
    for smaller in SMALLER:
        prune(net, 1 - 1 / smaller)
        net.theta = start
        net.apply_mask()
        RATES[rate](net, data, seed)
        weights.append(int(np.count_nonzero(net.theta[net.is_weight])))
        test.append(percent(net, data.X_held, data.y_held))
    return {"whole": whole, "weights": weights, "test": test}


study = Study(
    name="lenet",
    question="How much smaller can LeNet-300-100 become without loss?",
    run=run,
    cases=[{"rate": rate, "seed": seed} for seed in range(5) for rate in RATES],
)
