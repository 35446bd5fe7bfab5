"""Growing the network and the batch: from where on is PyTorch faster?"""

from benchmarks.contenders import Netlib
from benchmarks.protocol import HIDDEN, dense_network
from benchmarks.pytorch import PyTorch, dense_model, torch
from benchmarks.table import not_installed, timed_rows
from benchmarks.timing import Task, alternate, in_words

SECTION = "Growth: one training step"
AHEAD = "PyTorch is ahead"


def run(halves, effort):
    rows = []
    for width in effort.widths:
        rows += measure(halves, effort, f"width {width}", hidden=(width, width))
    for depth in effort.depths:
        rows += measure(halves, effort, f"{depth} hidden layers", hidden=(64,) * depth)
    for batch_size in effort.batch_sizes:
        rows += measure(halves, effort, f"batches of {batch_size}", batch_size=batch_size)
    return rows


def measure(halves, effort, case, hidden=HIDDEN, batch_size=32):
    """netlib with each number of threads, beside the fastest of PyTorch's."""
    steps = max(8, 3200 // batch_size)
    examples = slice(steps * batch_size)
    X, y = halves.X[examples], halves.y[examples]
    start = dense_network(hidden, seed=0)

    def netlib(threads):
        contender = Netlib(start, X, y, batch_size, seed=0)
        return Task("netlib", in_words(threads), threads, contender.epoch)

    def pytorch(threads):
        contender = PyTorch(dense_model(start), X, y, batch_size, 0, "Adam fused")
        return Task("PyTorch", f"{in_words(threads)}, Adam fused", threads, contender.epoch)

    tasks = [netlib(n) for n in effort.threads]
    if torch is not None:
        tasks += [pytorch(n) for n in effort.threads]
    seconds = alternate(tasks, effort.rounds)
    rows = timed_rows(SECTION, case, tasks, seconds, "ms/step", scale=1000 / steps)
    ours, theirs = rows[: len(effort.threads)], rows[len(effort.threads) :]
    if torch is None:
        return [*ours, not_installed(SECTION, case)]
    best = min(theirs, key=lambda row: row.best)
    if best.best < min(row.best for row in ours):
        best.note = AHEAD
    return [*ours, best]
