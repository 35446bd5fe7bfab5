"""The forward pass over 35,000 images, beside its three matrix products alone."""

from benchmarks.protocol import HIDDEN, dense_network
from benchmarks.pytorch import dense_model, forward, torch
from benchmarks.table import not_installed, timed_rows
from benchmarks.timing import Task, alternate, in_words

SECTION = "Forward pass of 35,000 images, 784-64-64-10"
PRODUCTS = "its products alone"


def run(halves, effort):
    net, X = dense_network(HIDDEN, seed=0), halves.X
    net.forward(X)
    factors = [(layer.x, layer.W) for layer in net.layers]

    def products():
        for x, W in factors:
            x @ W

    contenders = {"netlib": lambda: net.forward(X), PRODUCTS: products}
    if torch is not None:
        model, tensor = dense_model(net), torch.from_numpy(X)
        contenders["PyTorch"] = lambda: forward(model, tensor)
    rows = []
    for threads in effort.threads:
        case = in_words(threads)
        tasks = [Task(name, case, threads, function) for name, function in contenders.items()]
        rows += timed_rows(SECTION, case, tasks, alternate(tasks, 3 * effort.rounds), "s")
        if torch is None:
            rows.append(not_installed(SECTION, case))
    return rows
