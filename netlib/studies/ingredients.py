"""What each ingredient brings: the training of `reaching`, with one of them changed or left out."""

from typing import Any

from netlib.studies.digits import both, half, paper_network
from netlib.studies.reaching import SPLIT, Recipe, learn
from netlib.studies.study import Study

CHANGES: dict[str, dict[str, Any]] = {
    "no distortion": {"distortion": None},
    "no bending": {"distortion": {"elastic": 0.0}},
    "the same rate throughout": {"falling": False, "learning_rate": 0.001},
    "a tenth as long": {"rounds": 10},
}


def run(change: str, seed: int) -> dict[str, float]:
    """Train without this ingredient."""
    data = half(SPLIT)
    net = learn(paper_network(seed), data.X, data.y, Recipe(**CHANGES[change]), seed)
    return both(net, data)


study = Study(
    name="ingredients",
    question="What does each ingredient of the training bring?",
    run=run,
    cases=[{"change": change, "seed": seed} for change in CHANGES for seed in range(3)],
)
