"""Would larger mini-batches have made a more accurate model? (paper, 3.3)"""

import math

from netlib import Adam
from netlib.studies.digits import both, fit, half, paper_network
from netlib.studies.study import Study

PLANS = {  # what is kept equal, from batches of 32 on: epochs and learning rate
    "equal epochs": lambda batch: (10, 0.001),
    "equal epochs, larger steps": lambda batch: (10, 0.001 * math.sqrt(batch / 32)),
    "equal steps": lambda batch: (10 * batch // 32, 0.001),
}


def run(plan: str, batch_size: int, seed: int) -> dict[str, float]:
    """One network, trained with batches of this size."""
    epochs, learning_rate = PLANS[plan](batch_size)
    data = half(seed)
    optimizer = Adam(learning_rate)
    net = fit(
        paper_network(seed),
        data.X,
        data.y,
        seed,
        epochs=epochs,
        batch_size=batch_size,
        optimizer=optimizer,
    )
    return both(net, data)


study = Study(
    name="batch_size",
    question="Would larger mini-batches have made a more accurate model?",
    run=run,
    cases=[
        {"plan": plan, "batch_size": batch, "seed": seed}
        for plan in PLANS
        for batch in (32, 128, 512, 2048)
        for seed in range(5)
        if not (plan == "equal steps" and batch > 512)
    ],
)
