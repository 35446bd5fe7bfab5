"""A network of three nodes, to find weights for XOR by hand (paper, section 1.2)."""

import matplotlib.pyplot as plt
import numpy as np
import traitlets

from netlib.hints import Array
from netlib.layers import Dense
from netlib.network import Network
from netlib.plots import INK, draw_network
from netlib.widgets.live_figure import Figure, LiveFigure, Numbers, front_end, number, style

INPUTS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
TARGETS = {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "NAND": [1, 1, 1, 0], "XOR": [0, 1, 1, 0]}
MOST = 1e6  # no number is larger
ACTIVATIONS = ["step", "sigmoid", "tanh", "relu", "identity"]


class XorNetwork(LiveFigure):
    """Two inputs, two hidden nodes, one output: a₁ = σ(x W₁ + b₁), a₂ = σ(a₁ W₂ + b₂).

    State: `x` (2,), `W1` (2, 2), `b1` (2,), `W2` (2, 1), `b2` (1,), the name of the `activation`
    function of both layers, and the `target`, the table that the network is to compute.
    """

    _esm = front_end("xor_network.js")
    _css = style("xor_network.css")

    x = Numbers((2,), [0, 1], -MOST, MOST)
    W1 = Numbers((2, 2), [[1, 1], [1, 1]], -MOST, MOST)
    b1 = Numbers((2,), [-0.5, -1.5], -MOST, MOST)
    W2 = Numbers((2, 1), [[1], [-1]], -MOST, MOST)
    b2 = Numbers((1,), [-0.5], -MOST, MOST)
    activation = traitlets.Enum(ACTIVATIONS, "step").tag(sync=True)
    target = traitlets.Enum(list(TARGETS), "XOR").tag(sync=True)

    @property
    def network(self) -> Network:
        """The network that the figure shows."""
        layers = [Dense(2, 2, self.activation), Dense(2, 1, self.activation)]
        net = Network(layers, rng=0, dtype=np.float64)
        net.theta = np.concatenate([np.ravel(p) for p in (self.W1, self.b1, self.W2, self.b2)])
        return net

    def sums_and_activations(self) -> tuple[Array, Array, Array, Array]:
        """z₁, a₁, z₂ and a₂ for the inputs `x`."""
        first, last = self.network.layers
        z1 = np.array(self.x) @ first.W + first.b
        a1 = first.activation.forward(z1)
        z2 = a1 @ last.W + last.b
        return z1, a1, z2, last.activation.forward(z2)

    def right(self) -> int:
        """How many of the four answers agree with the target."""
        return int((self.network.predict(INPUTS) == TARGETS[self.target]).sum())

    def describe(self) -> str:
        z1, a1, z2, a2 = self.sums_and_activations()
        x0, x1 = (number(x, 0) for x in self.x)
        return (
            f"Inputs {x0} and {x1}. The hidden sums {number(z1[0])} and {number(z1[1])} give the "
            f"activations {number(a1[0])} and {number(a1[1])}. The output's sum is "
            f"{number(z2[0])} and its activation {number(a2[0])}: the answer is "
            f"{int(a2[0] > 0.5)}. For {self.target}, {self.right()} of 4 answers are right."
        )

    def still(self) -> Figure:
        _, a1, _, a2 = self.sums_and_activations()
        figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3), width_ratios=[1.7, 1])
        nodes = [[round(float(a), 2) for a in layer] for layer in (self.x, a1, a2)]
        draw_network(nodes, [self.W1, self.W2], [self.b1, self.b2], ax=left)
        side = np.linspace(-0.25, 1.25, 121)
        plane = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
        answers = self.network.predict(plane).reshape(121, 121)
        right.contourf(side, side, answers, levels=[0.5, 1.5], colors=["#cfe8df"], hatches=["//"])
        for (x0, x1), answer in zip(INPUTS, TARGETS[self.target], strict=True):
            right.plot(x0, x1, "s" if answer else "o", color="white", markeredgecolor=INK, ms=11)
        right.set(xlabel="$x_0$", ylabel="$x_1$", xticks=[0, 1], yticks=[0, 1], aspect="equal")
        return figure
