"""The course's network, from which the paper took its base code (3.1), under both splits."""

from netlib import Conv2D, Dense, Dropout, Flatten, MaxPool2D, Network
from netlib.layers import Layer
from netlib.studies.digits import both, data_split, fit
from netlib.studies.study import Study


def convolutional_network(nodes: str, seed: int) -> Network:
    """32 filters of 3×3, pooling by 2; then the course's dense layers, or the paper's.

    CS50's Introduction to AI, its file handwriting.py: 128 ReLU nodes, half of them left out.
    """
    layers: list[Layer] = [
        Conv2D((28, 28, 1), 32, 3, "relu"),
        MaxPool2D((26, 26, 32), 2),
        Flatten((13, 13, 32)),
    ]
    if nodes == "128":
        layers += [Dense(5408, 128, "relu"), Dropout(128, 0.5), Dense(128, 10, "softmax")]
    else:
        layers += [Dense(5408, 64, "relu"), Dense(64, 64, "relu"), Dense(64, 10, "softmax")]
    return Network(layers, rng=seed)


def run(nodes: str, split: str, seed: int) -> dict[str, float]:
    """One network, trained as the others are: ten epochs, Adam, batches of 32."""
    data = data_split(split, seed)
    return both(fit(convolutional_network(nodes, seed), data.X, data.y, seed), data)


study = Study(
    name="convolution",
    question="Could the paper's number be that of the course's convolutional network?",
    run=run,
    cases=[
        {"nodes": nodes, "split": split, "seed": seed}
        for seed in range(3)
        for nodes in ("128", "64 and 64")
        for split in ("half", "standard")
    ],
)
