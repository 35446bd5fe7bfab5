"""Descent with all examples, with mini-batches and with single examples (paper, section 2.3)."""

import functools

import matplotlib.pyplot as plt
import numpy as np
import traitlets

from netlib.data import load_digits
from netlib.hints import Array
from netlib.layers import Dense
from netlib.network import Network
from netlib.optimizers import SGD
from netlib.plots import ACTIVATION, FAINT, GRADIENT, INK
from netlib.training import train
from netlib.widgets.live_figure import (
    Figure,
    LiveFigure,
    Numbers,
    Whole,
    count,
    front_end,
    number,
    style,
)

EXAMPLES, EPOCHS, SEEDS = 200, 10, 4
W_RANGE, B_RANGE = (-3, 8), (-4, 4)  # what the picture shows
LEVELS = [0.3, 0.5, 0.7, 1, 1.5, 2, 3]  # of the contour lines


@functools.cache
def examples() -> tuple[Array, Array]:
    """The first 200 threes and fives of the bundled digits: x (200,), and y (200,), 1 for a five.

    x is the ink in the left half of an image, less its mean, divided by its standard deviation.
    """
    images, labels = load_digits().train
    chosen = np.flatnonzero((labels == 3) | (labels == 5))[:EXAMPLES]
    ink = images[chosen].reshape(-1, 8, 8)[:, :, :4].sum(axis=(1, 2), dtype=np.float64)
    return ((ink - ink.mean()) / ink.std()).round(6), (labels[chosen] == 5).astype(np.uint8)


def orders() -> Array:
    """The orders in which `train` takes the examples: (seeds, epochs, 200)."""
    rngs = [np.random.default_rng(seed) for seed in range(SEEDS)]
    return np.array([[rng.permutation(EXAMPLES) for _ in range(EPOCHS)] for rng in rngs], np.uint8)


def node(theta: Array) -> Network:
    """One input, one node: a = sigmoid(x w + b), with θ = (w, b)."""
    net = Network([Dense(1, 1, "sigmoid")], rng=0, dtype=np.float64)
    net.theta = theta
    return net


def loss(theta: Array) -> float:
    """C over all examples."""
    x, y = examples()
    return node(theta).loss(x[:, None], y)


class NotedSGD(SGD):
    """Plain gradient descent that notes each θ that it comes to."""

    def __init__(self, learning_rate: float, start: Array) -> None:
        super().__init__(learning_rate)
        self.path = [start]

    def step(self, theta: Array, gradient: Array) -> None:
        super().step(theta, gradient)
        self.path.append(theta.copy())


@functools.cache
def lowest() -> Array:
    """(w, b) where C is lowest."""
    x, y = examples()
    net = node(np.zeros(2))
    for _ in train(net, x[:, None], y, optimizer=SGD(8), epochs=1000, batch_size=EXAMPLES):
        pass
    return net.theta


class MiniBatchPaths(LiveFigure):
    """θ ← θ − learning_rate · ∇C of a batch, for θ = (w, b) of one node, from one start.

    State: where it starts, `w` and `b`; the `learning_rate`; the `batch_size`; the `seed` of the
    order of the examples; and `seen`, how many examples each descent has used so far. The
    examples, `x` (200,) float64 and `y` (200,) uint8, and the `orders` (4, 10, 200) uint8 of all
    seeds are given, as bytes.
    """

    _esm = front_end("mini_batch_paths.js")
    _css = style("mini_batch_paths.css")

    w = Numbers((), -2, *W_RANGE)
    b = Numbers((), 3, *B_RANGE)
    learning_rate = Numbers((), 1, 0.1, 10)
    batch_size = Whole(20, min=1, max=EXAMPLES).tag(sync=True)
    seed = Whole(0, min=0, max=SEEDS - 1).tag(sync=True)
    seen = Whole(600, min=0, max=EPOCHS * EXAMPLES).tag(sync=True)
    x = traitlets.Bytes(read_only=True).tag(sync=True)
    y = traitlets.Bytes(read_only=True).tag(sync=True)
    orders = traitlets.Bytes(read_only=True).tag(sync=True)

    @traitlets.default("x")
    def _x(self) -> bytes:
        return bytes(examples()[0].tobytes())

    @traitlets.default("y")
    def _y(self) -> bytes:
        return bytes(examples()[1].tobytes())

    @traitlets.default("orders")
    def _orders(self) -> bytes:
        return bytes(orders().tobytes())

    def path(self, batch_size: int) -> Array:
        """Each (w, b) from the start on, as `train` makes them of the examples seen."""
        x, y = examples()
        net = node(np.array([self.w, self.b]))
        sgd = NotedSGD(self.learning_rate, net.theta.copy())
        epochs, more = divmod(self.seen, EXAMPLES)
        steps = epochs * -(-EXAMPLES // batch_size) + more // batch_size
        for _ in train(
            net,
            x[:, None],
            y,
            optimizer=sgd,
            epochs=epochs + (more > 0),
            batch_size=batch_size,
            rng=self.seed,
        ):
            pass
        return np.array(sgd.path[: steps + 1])

    def gradients(self) -> tuple[Array, Array]:
        """∇C where the mini-batches are now: of all examples, (2,), and of 40 batches, (40, 2).

        The batches are the first examples of each stored order.
        """
        x, y = examples()
        net = node(self.path(self.batch_size)[-1])

        def gradient(batch: Array) -> Array:
            return net.loss_and_gradient(x[batch, None], y[batch])[1].copy()

        batches = orders().reshape(-1, EXAMPLES)[:, : self.batch_size]
        return gradient(np.arange(EXAMPLES)), np.array([gradient(batch) for batch in batches])

    def spread(self) -> float:
        """How far the gradients of batches are from that of all examples: root mean square."""
        full, batches = self.gradients()
        return float(np.sqrt(((batches - full) ** 2).sum(axis=1).mean()))

    def describe(self) -> str:
        full = float(np.linalg.norm(self.gradients()[0]))
        steps, losses = [], []
        for batch_size in (EXAMPLES, self.batch_size, 1):
            path = self.path(batch_size)
            steps.append(count(len(path) - 1, "step"))
            losses.append(number(loss(path[-1]), 3))
        return (
            f"From w = {number(self.w, 1)} and b = {number(self.b, 1)} with the learning rate "
            f"{number(self.learning_rate)}, each descent has used {self.seen} examples, in the "
            f"order of rng={self.seed}. All 200 at once: {steps[0]}, loss {losses[0]}. Batches of "
            f"{self.batch_size}: {steps[1]}, loss {losses[1]}. One at a time: {steps[2]}, loss "
            f"{losses[2]}. The lowest loss is {number(loss(lowest()), 3)}. Where the batches are "
            f"now, the true gradient has the length {number(full, 3)}, and that of a batch of "
            f"{self.batch_size} is typically {number(self.spread(), 3)} away from it."
        )

    def still(self) -> Figure:
        figure, (left, right) = plt.subplots(1, 2, figsize=(7.5, 3.3), width_ratios=[2, 1])
        w, b = np.linspace(*W_RANGE, 56), np.linspace(*B_RANGE, 41)
        C = [[loss(np.array([w_i, b_i])) for w_i in w] for b_i in b]
        lines = left.contour(w, b, C, levels=LEVELS, colors=FAINT, linewidths=0.8)
        left.clabel(lines, fontsize=8)
        for batch_size, label, colour, look, marker, width in (
            (1, "one at a time", ACTIVATION, "-", "^", 0.7),
            (self.batch_size, f"batches of {self.batch_size}", GRADIENT, "--", "o", 1.6),
            (EXAMPLES, "all 200", INK, "-", "s", 1.8),
        ):
            path = self.path(batch_size)
            left.plot(*path.T, look, color=colour, linewidth=width)
            left.plot(*path[-1], marker, color=colour, label=label, linestyle=look)
        left.plot(*lowest(), "x", color=INK)
        left.plot(self.w, self.b, "o", color="white", markeredgecolor=INK, markersize=9)
        left.set(xlabel="w", ylabel="b", xlim=W_RANGE, ylim=B_RANGE, aspect="equal")
        left.legend(fontsize=8, loc="lower right", frameon=True)
        full, batches = self.gradients()
        out_and_back = np.stack([0 * batches, -batches], axis=1).reshape(-1, 2)
        right.plot(*out_and_back.T, "-", color=GRADIENT, linewidth=0.8)
        right.annotate("", -full, (0, 0), arrowprops={"color": INK, "width": 2, "headwidth": 8})
        far = 1.1 * np.abs(batches).max()
        right.set(xlim=(-far, far), ylim=(-far, far), aspect="equal")
        right.set(xlabel="−∂C/∂w", ylabel="−∂C/∂b", title="the next step")
        return figure
