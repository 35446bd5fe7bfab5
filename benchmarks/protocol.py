"""What is measured: the paper's network and data (section 3.3), and how often."""

import itertools
import os
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from sklearn.model_selection import train_test_split

from netlib import Dense, Network, load_mnist

LEARNING_RATE = 0.001
HIDDEN = (64, 64)


class Halves(NamedTuple):
    """A random half of MNIST to train on, and the other half, held out."""

    X: np.ndarray
    y: np.ndarray
    X_held: np.ndarray
    y_held: np.ndarray


def load_halves():
    """All 70,000 images, cut in two at random: 35,000 and 35,000."""
    mnist = load_mnist()
    X, X_held, y, y_held = train_test_split(
        mnist.images, mnist.labels, train_size=0.5, random_state=0
    )
    return Halves(X, y, X_held, y_held)


def dense_network(hidden, seed):
    """784 inputs, the hidden layers (ReLU), 10 outputs (softmax)."""
    nodes = [784, *hidden]
    layers = [Dense(inputs, outputs, "relu") for inputs, outputs in itertools.pairwise(nodes)]
    return Network([*layers, Dense(nodes[-1], 10, "softmax")], rng=seed)


@dataclass(frozen=True)
class Effort:
    """How much a run does.

    Attributes
    ----------
    seeds : number of trainings of the paper's network, each from other starting weights
    epochs : epochs of each
    trials : rounds in which settings are tried, before the fastest is measured
    rounds : rounds of everything else
    conv_steps : training steps of the convolutional network in a round
    images : how many images are distorted in a round
    threads : how many threads are tried
    widths, depths, batch_sizes : what the network grows through
    """

    seeds: int = 3
    epochs: int = 10
    trials: int = 20
    rounds: int = 10
    conv_steps: int = 25
    images: int = 35000
    threads: tuple[int, ...] = tuple(sorted({1, 2, os.cpu_count() or 1}))
    widths: tuple[int, ...] = (64, 128, 256, 512, 1024)
    depths: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8)
    batch_sizes: tuple[int, ...] = (8, 16, 32, 64, 128, 256, 512, 1024, 2048)


FULL = Effort()
QUICK = Effort(
    seeds=1,
    epochs=2,
    trials=8,
    rounds=3,
    conv_steps=10,
    images=1750,
    threads=(1,),  # where two programs share two cores, a second thread waits and waits
    widths=(64, 512),
    depths=(1, 4),
    batch_sizes=(8, 128, 2048),
)
