"""Do ReLU's zeros prevent overfitting? (paper, 3.2)"""

from typing import Any

from netlib import Adam, train
from netlib.studies.digits import dense_network, half, percent
from netlib.studies.protocol import zeros
from netlib.studies.study import Study


def run(activation: str, seed: int) -> dict[str, Any]:
    """The paper's network with this activation in its hidden layers; accuracies after each epoch."""
    data = half(seed)
    net = dense_network(64, 2, seed, activation)
    training, held_out = [], []
    for _ in train(net, data.X, data.y, optimizer=Adam(0.001), epochs=30, batch_size=32, rng=seed):
        training.append(percent(net, data.X, data.y))
        held_out.append(percent(net, data.X_held, data.y_held))
    shares, dead = zeros(net, data.X_held)
    return {"training": training, "held_out": held_out, "zeros": shares, "dead": dead}


study = Study(
    name="activations",
    question="Do ReLU's zeros prevent overfitting, compared with sigmoid and tanh?",
    run=run,
    cases=[{"activation": a, "seed": s} for a in ("relu", "sigmoid", "tanh") for s in range(10)],
)
