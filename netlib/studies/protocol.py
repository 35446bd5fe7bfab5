"""The paper's experiment, many times: a random half to train, the other half to test (3.3)."""

from typing import Any

import numpy as np

from netlib.hints import Array
from netlib.network import Network
from netlib.studies.digits import both, data_split, fit, outputs, paper_network
from netlib.studies.study import Study

BINS = 10  # of confidence, for the reliability diagram


def run(split: str, seed: int) -> dict[str, Any]:
    """One network, trained ten times over its images; how good it is, and how it errs."""
    data = data_split(split, seed)
    net = fit(paper_network(seed), data.X, data.y, seed)
    P = outputs(net, data.X_held)
    answers, sure = P.argmax(axis=1), P.max(axis=1)
    wrong = np.flatnonzero(answers != data.y_held)
    result: dict[str, Any] = both(net, data)
    result["reliability"] = reliability(sure, answers == data.y_held)
    result["zeros"], result["dead"] = zeros(net, data.X_held)
    result["right_when_99_sure"] = round(
        100 * float((answers == data.y_held)[sure > 0.99].mean()), 2
    )
    if split == "standard":  # the same images in each run: which of them are always wrong?
        result["wrong"] = wrong.tolist()
        result["wrong_answers"] = answers[wrong].tolist()
        result["wrong_sure"] = [round(float(s), 4) for s in sure[wrong]]
    return result


def reliability(sure: Array, right: Array) -> list[list[float]]:
    """For each bin of confidence: how many images, their mean confidence, the share right."""
    which = np.minimum((sure * BINS).astype(int), BINS - 1)
    rows = []
    for b in range(BINS):
        inside = which == b
        count = int(inside.sum())
        means = (sure[inside].mean(), right[inside].mean()) if count else (0, 0)
        rows.append([count, *(round(float(mean), 5) for mean in means)])
    return rows


def zeros(net: Network, X: Array) -> tuple[list[float], list[int]]:
    """By hidden layer: percent of activations that are 0, and nodes that are 0 for every image."""
    a = X
    shares, dead = [], []
    for layer in net.layers[:-1]:
        a = layer.forward(a)
        shares.append(round(100 * float((a == 0).mean()), 3))
        dead.append(int((a == 0).all(axis=0).sum()))
    return shares, dead


study = Study(
    name="protocol",
    question="What does the paper's network reach when it is trained as the paper says?",
    run=run,
    cases=[{"split": split, "seed": seed} for split in ("half", "standard") for seed in range(20)],
)
