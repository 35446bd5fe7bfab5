"""How the network that comes with netlib reads as its weights are cut, a little at a time."""

from typing import Any

from netlib import load_trained_network, prune
from netlib.studies.digits import half, percent
from netlib.studies.reaching import SPLIT
from netlib.studies.study import Study


def run(removed: float) -> dict[str, Any]:
    """Cut so many percent of the weights, the smallest, and train no more."""
    data, net = half(SPLIT), load_trained_network()
    left = prune(net, removed / 100)
    return {"weights": left, "held_out": percent(net, data.X_held, data.y_held)}


study = Study(
    name="cutting",
    question="How well does the trained network read, the more of its weights are cut?",
    run=run,
    cases=[{"removed": half_percents / 2} for half_percents in range(201)],
)
