"""Would larger mini-batches have made a more accurate model? (paper, 3.3)"""

import math

from netlib import Adam
from netlib.studies.digits import both, fit, half, paper_network
from netlib.studies.study import Study

PLANS = ("equal epochs", "equal epochs, larger steps", "equal steps")  # equal to batches of 32


def run(plan: str, batch_size: int, seed: int) -> dict[str, float]:
    """One network, trained with batches of this size."""
    epochs = 10 * batch_size // 32 if plan == "equal steps" else 10
    larger = math.sqrt(batch_size / 32) if plan == "equal epochs, larger steps" else 1
    data = half(seed)
    net = fit(
        paper_network(seed),
        data.X,
        data.y,
        seed,
        epochs=epochs,
        batch_size=batch_size,
        optimizer=Adam(0.001 * larger),
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
