"""Training the course's convolutional network: some steps of it, scaled to an epoch."""

from benchmarks.contenders import Netlib
from benchmarks.pytorch import PyTorch, conv_model, torch
from benchmarks.table import not_installed, timed_rows
from benchmarks.timing import Task, alternate, fastest, in_words
from netlib import Conv2D, Dense, Dropout, Flatten, MaxPool2D, Network

SECTION = "Training the course's convolutional network"
CASE = "batches of 32"
BATCH_SIZE = 32


def conv_network():
    """32 filters of 3×3, pooling, 128 nodes, dropout ½, 10 outputs."""
    layers = [
        Conv2D((28, 28, 1), 32, 3, "relu"),
        MaxPool2D((26, 26, 32), 2),
        Flatten((13, 13, 32)),
        Dense(5408, 128, "relu"),
        Dropout(128, 0.5),
        Dense(128, 10, "softmax"),
    ]
    return Network(layers, rng=0)


def run(halves, effort):
    few = slice(effort.conv_steps * BATCH_SIZE)
    X, y = halves.X[few], halves.y[few]

    def netlib(threads):
        contender = Netlib(conv_network(), X, y, BATCH_SIZE, seed=0)
        return Task("netlib", in_words(threads), threads, contender.epoch)

    def pytorch(threads, channels_last):
        model = conv_model(channels_last)
        contender = PyTorch(model, X, y, BATCH_SIZE, 0, "Adam fused", shape=(1, 28, 28))
        layout = ", channels last" if channels_last else ""
        setting = f"{in_words(threads)}, Adam fused{layout}"
        return Task("PyTorch", setting, threads, contender.epoch)

    tasks = [fastest([netlib(n) for n in effort.threads], effort.trials)]
    if torch is not None:
        settings = [pytorch(n, last) for last in (False, True) for n in effort.threads]
        tasks.append(fastest(settings, effort.trials))
    seconds = alternate(tasks, effort.rounds)
    rows = timed_rows(SECTION, CASE, tasks, seconds, "s/epoch", scale=len(halves.X) / len(X))
    return rows if torch is not None else [*rows, not_installed(SECTION, CASE)]
