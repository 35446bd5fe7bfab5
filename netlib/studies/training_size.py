"""Would more training data help? (paper, 3.3)"""

import numpy as np

from netlib.studies.digits import Split, both, fit, mnist, paper_network
from netlib.studies.study import Study

SIZES = (500, 1000, 2000, 5000, 10_000, 20_000, 35_000, 60_000)


def run(plan: str, images: int, seed: int) -> dict[str, float]:
    """Train with so many images, drawn at random; 10,000 others are held out.

    "equal epochs": ten, so more images also mean more steps. "equal steps": as many as 35,000
    images take in ten epochs.
    """
    order = np.random.default_rng(seed).permutation(70_000)
    held, used = order[:10_000], order[10_000 : 10_000 + images]
    X, y = mnist().images, mnist().labels
    data = Split(X[used], y[used], X[held], y[held])
    epochs = {"equal epochs": 10, "equal steps": round(350_000 / images)}[plan]
    return both(fit(paper_network(seed), data.X, data.y, seed, epochs=epochs), data)


study = Study(
    name="training_size",
    question="Would more training data have made a more accurate model?",
    run=run,
    cases=[
        {"plan": plan, "images": images, "seed": seed}
        for plan in ("equal epochs", "equal steps")
        for images in SIZES
        for seed in range(5)
    ],
)
