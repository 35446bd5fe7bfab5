"""What the paper leaves open: other ways to read its protocol, one change at a time (3.2, 3.3)."""

from typing import Any

import numpy as np

from netlib import SGD, Adam, Dense, Dropout, Network
from netlib.studies.digits import Split, both, fit, half, mnist, paper_network
from netlib.studies.study import Study


def half_of_the_training_set(seed: int) -> Split:
    """A half of the 60,000 images that MNIST calls its training set; the other half is held out."""
    X, y = mnist().train
    order = np.random.default_rng(seed).permutation(len(X))
    return Split(X[order[:30000]], y[order[:30000]], X[order[30000:]], y[order[30000:]])


def with_dropout(seed: int) -> Network:
    """The paper's network, with half the nodes of its last hidden layer left out in training."""
    layers = [Dense(784, 64, "relu"), Dense(64, 64, "relu"), Dropout(64, 0.5)]
    return Network([*layers, Dense(64, 10, "softmax")], rng=seed)


READINGS: dict[str, dict[str, Any]] = {
    "as in the chapter": {},
    "squared error": {"loss": "squared_error"},
    "gradient descent": {"optimizer": lambda: SGD(0.1)},
    "momentum": {"optimizer": lambda: SGD(0.02, momentum=0.9)},
    "20 epochs": {"epochs": 20},
    "batches of 128": {"batch_size": 128},
    "dropout": {"network": with_dropout},
    "half of 60,000": {"data": half_of_the_training_set},
}


def run(reading: str, seed: int) -> dict[str, float]:
    """One network, trained by this reading of the protocol."""
    usual: dict[str, Any] = {
        "data": half,
        "network": paper_network,
        "optimizer": lambda: Adam(0.001),
    }
    settings = usual | READINGS[reading]
    data = settings.pop("data")(seed)
    net = settings.pop("network")(seed)
    optimizer = settings.pop("optimizer")()
    return both(fit(net, data.X, data.y, seed, optimizer=optimizer, **settings), data)


study = Study(
    name="openings",
    question="Does another reading of the paper's protocol lead to its number?",
    run=run,
    cases=[{"reading": name, "seed": seed} for name in READINGS for seed in range(10)],
)
