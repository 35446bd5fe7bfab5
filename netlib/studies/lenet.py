"""LeNet-300-100, the network that Han et al. (2015) made 12 times smaller without loss."""

from typing import Any

import numpy as np

from netlib import Dense, Network, prune
from netlib.studies.digits import fit_down, percent, standard
from netlib.studies.study import Study

SMALLER = (2, 4, 8, 12, 16, 20, 25, 33, 50, 75, 100)  # times


def run(method: str, seed: int) -> dict[str, Any]:
    """Test accuracy whole, and after each round of cutting and training, twenty epochs a round.

    "trained on": the weights that are left go on from where they are. "rewound": they go back to
    the random values with which they started, so that each network has had the same training.
    """
    data = standard()
    net = Network(
        [Dense(784, 300, "relu"), Dense(300, 100, "relu"), Dense(100, 10, "softmax")], rng=seed
    )
    start = net.theta.copy()
    fit_down(net, data.X, data.y, seed, epochs=20)
    whole = percent(net, data.X_held, data.y_held)
    weights, test = [], []
    for smaller in SMALLER:
        prune(net, 1 - 1 / smaller)
        if method == "rewound":
            net.theta = start
            net.apply_mask()
        fit_down(net, data.X, data.y, seed, epochs=20)
        weights.append(int(np.count_nonzero(net.theta[net.is_weight])))
        test.append(percent(net, data.X_held, data.y_held))
    return {"whole": whole, "weights": weights, "test": test}


study = Study(
    name="lenet",
    question="How much smaller can LeNet-300-100 become without loss?",
    run=run,
    cases=[{"method": "rewound", "seed": seed} for seed in range(2)]
    + [{"method": "trained on", "seed": seed} for seed in range(1)],
)
