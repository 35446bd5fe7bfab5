"""How often to repeat: "about 10 times" (paper, 2.2)."""

from typing import Any

from netlib import Adam, train
from netlib.studies.digits import half, paper_network, percent
from netlib.studies.study import Study


def run(seed: int) -> dict[str, Any]:
    """Loss and accuracies after each of 50 epochs."""
    data = half(seed)
    net = paper_network(seed)
    curves: dict[str, list[float]] = {"loss": [], "training": [], "held_out": [], "held_loss": []}
    for _ in train(net, data.X, data.y, optimizer=Adam(0.001), epochs=50, batch_size=32, rng=seed):
        curves["loss"].append(round(net.loss(data.X, data.y), 5))
        curves["held_loss"].append(round(net.loss(data.X_held, data.y_held), 5))
        curves["training"].append(percent(net, data.X, data.y))
        curves["held_out"].append(percent(net, data.X_held, data.y_held))
    return curves


study = Study(
    name="repetitions",
    question="Are about ten repetitions enough, and do more of them overfit?",
    run=run,
    cases=[{"seed": seed} for seed in range(10)],
)
