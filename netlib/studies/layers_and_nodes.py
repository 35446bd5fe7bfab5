"""How many layers and nodes? "Two layers with 64 nodes each was a good match" (paper, 3.2)."""

from typing import Any

from netlib import Adam, train
from netlib.studies.digits import dense_network, half, percent
from netlib.studies.study import Study

EPOCHS = (5, 10, 20)


def run(hidden_layers: int, nodes: int, seed: int) -> dict[str, Any]:
    """A network of this size: accuracies and held-out loss after 5, 10 and 20 epochs."""
    data = half(seed)
    net = dense_network(nodes, hidden_layers, seed)
    curves: dict[str, list[float]] = {"training": [], "held_out": [], "held_loss": []}
    optimizer = Adam(0.001)
    for epoch in train(
        net, data.X, data.y, optimizer=optimizer, epochs=20, batch_size=32, rng=seed
    ):
        if epoch.number in EPOCHS:
            curves["training"].append(percent(net, data.X, data.y))
            curves["held_out"].append(percent(net, data.X_held, data.y_held))
            curves["held_loss"].append(round(net.loss(data.X_held, data.y_held), 5))
    return {"parameters": int(net.theta.size), **curves}


study = Study(
    name="layers_and_nodes",
    question="Are two layers of 64 nodes a good match? Do more of them overfit?",
    run=run,
    cases=[
        {"hidden_layers": layers, "nodes": nodes, "seed": seed}
        for seed in range(3)
        for layers, nodes in [(0, 0)]
        + [(layers, nodes) for layers in (1, 2, 3, 4) for nodes in (4, 16, 64, 256)]
        + [(2, 8), (2, 32), (2, 128), (2, 512)]
    ],
)
