"""What each ingredient brings: the training of `reaching`, with one of them changed or left out."""

from dataclasses import asdict, replace
from typing import Any

from netlib.studies.digits import both, half, paper_network
from netlib.studies.reaching import SPLIT, STRENGTHS, Recipe, learn
from netlib.studies.study import Study

CHANGES = {
    "no distortion": replace(Recipe(), distortion=dict.fromkeys(STRENGTHS, 0.0)),
    "no bending": replace(Recipe(), distortion=STRENGTHS | {"elastic": 0.0}),
    "rate 0.001 throughout": replace(Recipe(), falling=False, learning_rate=0.001),
    "a tenth as long": replace(Recipe(), epochs=30),
}


def run(change: str, seed: int, recipe: dict[str, Any]) -> dict[str, float]:
    """Train by a recipe in which one ingredient is changed."""
    data = half(SPLIT)
    return both(learn(paper_network(seed), data.X, data.y, Recipe(**recipe), seed), data)


study = Study(
    name="ingredients",
    question="What does each ingredient of the training bring?",
    run=run,
    cases=[
        {"change": change, "seed": seed, "recipe": asdict(recipe)}
        for change, recipe in CHANGES.items()
        for seed in range(3)
    ],
)
