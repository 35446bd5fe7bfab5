"""Choose how to train, on a part of the training half only: the held-out half stays unseen."""

from dataclasses import asdict, replace
from typing import Any

from sklearn.model_selection import train_test_split

from netlib.studies.digits import Split, both, half, paper_network
from netlib.studies.reaching import SPLIT, STRENGTHS, Recipe, learn
from netlib.studies.study import Study

SHORT = Recipe(epochs=60)  # a fifth as long as the real training

CHOICES = {
    "as chosen": SHORT,
    "half as strong a distortion": replace(
        SHORT, distortion={name: strength / 2 for name, strength in STRENGTHS.items()}
    ),
    "1.5 times as strong": replace(
        SHORT, distortion={name: strength * 1.5 for name, strength in STRENGTHS.items()}
    ),
    "rate 0.0015": replace(SHORT, learning_rate=0.0015),
    "rate 0.006": replace(SHORT, learning_rate=0.006),
    "batches of 64": replace(SHORT, batch_size=64),
    "batches of 256": replace(SHORT, batch_size=256),
}


def run(choice: str, seed: int, recipe: dict[str, Any]) -> dict[str, float]:
    """Train with four fifths of the training half; judge on the other fifth."""
    whole = half(SPLIT)
    X, X_held, y, y_held = train_test_split(whole.X, whole.y, train_size=0.8, random_state=0)
    net = learn(paper_network(seed), X, y, Recipe(**recipe), seed)
    return both(net, Split(X, y, X_held, y_held))


study = Study(
    name="choosing",
    question="Which distortion, learning rate and batch size are best on images set aside?",
    run=run,
    cases=[
        {"choice": choice, "seed": seed, "recipe": asdict(recipe)}
        for choice, recipe in CHOICES.items()
        for seed in range(5)
    ],
)
