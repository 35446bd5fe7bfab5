"""If the network had trained with held-out images: what would they have shown? (paper, 3.3)"""

from collections.abc import Callable
from typing import Any

import numpy as np

from netlib.studies.digits import both, fit, half, paper_network, percent
from netlib.studies.study import Study

SHARES = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)
TIMES = 10


def mixed_in(share: float, seed: int) -> dict[str, Any]:
    """A share of the held-out half is trained with as well."""
    data = half(seed)
    leaked = int(share * len(data.X_held))
    X = np.concatenate([data.X, data.X_held[:leaked]])
    y = np.concatenate([data.y, data.y_held[:leaked]])
    return both(fit(paper_network(seed), X, y, seed), data)


def split_again(seed: int) -> dict[str, Any]:
    """After each training the halves are drawn anew, and the same network is trained on."""
    net = paper_network(seed)
    held_out = []
    for number in range(TIMES):
        data = half(seed + 1000 * number)
        fit(net, data.X, data.y, seed + 1000 * number)
        held_out.append(percent(net, data.X_held, data.y_held))
    return {"held_out": held_out}


LEAKS: dict[str, Callable[..., dict[str, Any]]] = {
    "mixed in": mixed_in,
    "split again": split_again,
}


def run(leak: str, **settings: Any) -> dict[str, Any]:
    """One network that has seen some of the images with which it is then tested."""
    return LEAKS[leak](**settings)


study = Study(
    name="leakage",
    question="What would the paper's network show if images leaked from one half to the other?",
    run=run,
    cases=[
        {"leak": "mixed in", "share": share, "seed": seed} for share in SHARES for seed in range(5)
    ]
    + [{"leak": "split again", "seed": seed} for seed in range(5)],
)
