"""The paper's network and protocol: seconds per epoch, and accuracy on the held-out half."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from benchmarks.contenders import Floor, Netlib, ScikitLearn
from benchmarks.protocol import HIDDEN, dense_network
from benchmarks.pytorch import ADAMS, PyTorch, dense_model, torch
from benchmarks.table import not_installed, timed_rows
from benchmarks.timing import Task, fastest, in_words, one_round

SECTION = "Training the paper's network, 784-64-64-10"
FLOOR = "floor: products + Adam"
TRIAL_STEPS = 50  # short, so that some of many trials run undisturbed


class Entry(NamedTuple):
    """A contender in one setting; make(start, X, y, seed) prepares it for its first epoch."""

    contender: str
    setting: str
    threads: int
    make: Callable[..., object]

    def task(self, *args):
        return Task(self.contender, self.setting, self.threads, self.make(*args).epoch)


def case_name(batch_size):
    return f"batches of {batch_size}"


def run(halves, effort):
    rows = []
    for batch_size in (32, 128):
        entries = [
            fastest_entry(settings, halves, batch_size, effort)
            for settings in learners(batch_size, effort.threads)
        ]
        entries += floors(batch_size, threads=entries[0].threads)
        rows += race(entries, halves, effort, case_name(batch_size))
        if torch is None:
            rows.append(not_installed(SECTION, case_name(batch_size)))
    return rows


def learners(batch_size, threads):
    """Who trains, netlib first; for each, the settings worth trying."""

    def netlib(start, X, y, seed):
        return Netlib(start, X, y, batch_size, seed)

    def pytorch(adam):
        return lambda start, X, y, seed: PyTorch(dense_model(start), X, y, batch_size, seed, adam)

    def scikit_learn(start, X, y, seed):
        return ScikitLearn(start, X, y, batch_size, seed)

    settings = [
        [Entry("netlib", in_words(n), n, netlib) for n in threads],
        [Entry("scikit-learn", in_words(n), n, scikit_learn) for n in threads],
    ]
    if torch is not None:
        settings.insert(
            1,
            [
                Entry("PyTorch", f"{in_words(n)}, {adam}", n, pytorch(adam))
                for adam in ADAMS
                for n in threads
            ],
        )
    return settings


def floors(batch_size, threads):
    """The floor and its two parts, on as many threads as netlib."""

    def floor(name, **parts):
        def make(start, X, y, seed):
            return Floor(start, len(X), batch_size, **parts)

        return Entry(name, in_words(threads), threads, make)

    return [
        floor(FLOOR),
        floor("- the products alone", adam=False),
        floor("- Adam alone", products=False),
    ]


def fastest_entry(entries, halves, batch_size, effort):
    """The setting with the shortest time for some steps. This also warms everything up."""
    start = dense_network(HIDDEN, seed=0)
    few = slice(TRIAL_STEPS * batch_size)
    tasks = [entry.task(start, halves.X[few], halves.y[few], 0) for entry in entries]
    return entries[tasks.index(fastest(tasks, effort.trials))]


def race(entries, halves, effort, case):
    """Everyone trains from the same weights, one epoch each in turn; then from other weights."""
    seconds, first, last = [], [], []
    for seed in range(effort.seeds):
        start = dense_network(HIDDEN, seed)
        contenders = [entry.make(start, halves.X, halves.y, seed) for entry in entries]
        learners = [contender for contender in contenders if hasattr(contender, "predict")]
        tasks = [
            Task(entry.contender, entry.setting, entry.threads, contender.epoch)
            for entry, contender in zip(entries, contenders, strict=True)
        ]
        for epoch in range(effort.epochs):
            seconds.append(one_round(tasks))
            if epoch == 0:
                first.append([(learner.losses[0], score(learner, halves)) for learner in learners])
        last.append([score(learner, halves) for learner in learners])
    rows = timed_rows(SECTION, case, tasks, np.array(seconds), "s/epoch")
    describe(rows, np.array(first), np.array(last))
    return rows


def score(learner, halves):
    """Accuracy on the held-out half, in percent."""
    return 100 * float(np.mean(learner.predict(halves.X_held) == halves.y_held))


def describe(rows, first, last):
    """Add the accuracies, and how far the others' agree with netlib's.

    first : (seeds, learners, 2), loss and accuracy after one epoch
    last : (seeds, learners), accuracy at the end
    """
    seeds = len(last)
    for k in range(last.shape[1]):
        rows[k].accuracy = float(last[:, k].mean())
    if seeds > 1:
        rows[0].note = f"{seeds} seeds: {last[:, 0].min():.2f} to {last[:, 0].max():.2f} %"
    for k in range(1, last.shape[1]):
        loss, accuracy = np.abs(first[:, k] - first[:, 0]).max(axis=0)
        end = round((last[:, k] - last[:, 0]).mean(), 2) + 0.0  # never "-0.00"
        rows[k].note = (
            f"off netlib's: loss {loss:.0e}, acc. {accuracy:.2f} after epoch 1; "
            f"acc. {end:+.2f} at the end"
        )
        if seeds > 1 and abs(end) > np.ptp(last[:, 0]):
            rows[k].note += ", beyond seed noise"
