"""Choose how to train, on a part of the training half only: the held-out half stays unseen."""

from typing import Any

from sklearn.model_selection import train_test_split

from netlib.studies.digits import Split, both, half, paper_network
from netlib.studies.reaching import SPLIT, Recipe, learn
from netlib.studies.study import Study

GENTLE = {"rotation": 6.0, "scale": 0.06, "shear": 0.06, "elastic": 0.5}
STRONG = {"shift": 1.5, "rotation": 14.0, "scale": 0.14, "shear": 0.14, "elastic": 1.0}

CHOICES: dict[str, dict[str, Any]] = {
    "as chosen": {},
    "gentler distortion": {"distortion": GENTLE},
    "stronger distortion": {"distortion": STRONG},
    "rate 0.0015": {"learning_rate": 0.0015},
    "rate 0.006": {"learning_rate": 0.006},
    "batches of 64": {"batch_size": 64},
    "batches of 256": {"batch_size": 256},
    "one epoch a round": {"rounds": 60, "epochs": 1},
}


def run(choice: str, seed: int) -> dict[str, float]:
    """Train with four fifths of the training half, a fifth as long; judge on the other fifth."""
    whole = half(SPLIT)
    X, X_held, y, y_held = train_test_split(whole.X, whole.y, train_size=0.8, random_state=0)
    data = Split(X, y, X_held, y_held)
    recipe = Recipe(**({"rounds": 20} | CHOICES[choice]))
    return both(learn(paper_network(seed), X, y, recipe, seed), data)


study = Study(
    name="choosing",
    question="Which distortion, learning rate and batch size are best on images set aside?",
    run=run,
    cases=[{"choice": choice, "seed": seed} for choice in CHOICES for seed in range(2)],
)
