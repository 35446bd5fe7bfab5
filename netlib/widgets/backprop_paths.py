"""From a weight to the loss lead many paths: their slopes add up (paper, end of section 2.2)."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import traitlets

from netlib.layers import Dense
from netlib.network import Network
from netlib.plots import ACTIVATION, GRADIENT, INK, WEIGHT, draw_network
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

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])  # the chapter's examples
Y = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
NAMES = [["x₀", "x₁"], ["h₀", "h₁", "h₂"], ["o₀", "o₁"]]
SHAPES = {"W1": (2, 3), "b1": (3,), "W2": (3, 2), "b2": (2,)}
WEIGHTS = [f"W{l}[{i}, {n}]" for l in (1, 2) for i, n in np.ndindex(*SHAPES[f"W{l}"])]
MOST = 1e6  # no weight is larger
SMALL: Any = {"ha": "center", "va": "center", "fontsize": 8}

rng = np.random.default_rng(1)
START = {key: rng.normal(size=shape) for key, shape in SHAPES.items()}  # the chapter's weights


class BackpropPaths(LiveFigure):
    """Two inputs, three hidden nodes and two outputs with the sigmoid, C = Σ_n (a_n − y_n)².

    ∂C/∂w = Σ over the paths from w to C of the product of the slopes along the path

    State: `W1` (2, 3), `b1` (3,), `W2` (3, 2) and `b2` (2,); the `example`, 0 to 3, of `X` and
    `Y`; the name of the chosen `weight`, such as ``"W1[0, 2]"``; the `view`, what the drawing
    shows; the `learning_rate`; and `history`, the loss before each step of gradient descent.
    """

    _esm = front_end("backprop_paths.js")
    _css = style("backprop_paths.css")

    W1 = Numbers((2, 3), START["W1"], -MOST, MOST)
    b1 = Numbers((3,), START["b1"], -MOST, MOST)
    W2 = Numbers((3, 2), START["W2"], -MOST, MOST)
    b2 = Numbers((2,), START["b2"], -MOST, MOST)
    example = Whole(3, min=0, max=3).tag(sync=True)
    weight = traitlets.Enum(WEIGHTS, WEIGHTS[0]).tag(sync=True)
    view = traitlets.Enum(["forward", "backward", "both"], "both").tag(sync=True)
    learning_rate = Numbers((), 1.0, 0, 10)
    history = Numbers((None,), [], 0, 2)

    @property
    def network(self) -> Network:
        """The network that the figure shows."""
        net = Network([Dense(2, 3, "sigmoid"), Dense(3, 2, "sigmoid")], rng=0, dtype=np.float64)
        net.theta = np.concatenate([np.ravel(getattr(self, key)) for key in SHAPES])
        return net

    def numbers(self) -> dict[str, Any]:
        """C, and what the layers compute for the example; `da_dz` is the slope of the sigmoid."""
        x, y = X[[self.example]], Y[[self.example]]
        net = self.network
        first, last = net.layers
        C, _ = net.loss_and_gradient(x, y, loss="squared_error")
        da1 = last.input_gradient(last.db[None])
        da0 = net.input_gradient(x, y, loss="squared_error")
        return {
            "C": C,
            "z": [first.z[0], last.z[0]],
            "a": [x[0], first.a[0], last.a[0]],
            "da": [da0[0], da1[0], 2 * (last.a - y)[0]],
            "da_dz": [layer.activation.backward(np.ones(1), layer.a)[0] for layer in net.layers],
            "dz": [first.db, last.db],  # with one example ∂C/∂b is ∂C/∂z
            "dW": [first.dW, last.dW],
        }

    def place(self) -> tuple[int, int, int]:
        """Layer, row and column of the chosen weight."""
        l, i, n = (int(digit) for digit in self.weight if digit.isdigit())
        return l, i, n

    def paths(self) -> dict[str, list[float]]:
        """The factors along each path of the chosen weight, by the output where the path ends."""
        l, i, n = self.place()
        known = self.numbers()
        (slopes1, slopes2), dC_da = known["da_dz"], known["da"][2]
        a = known["a"][l - 1][i]
        if l == 2:
            return {NAMES[2][n]: [a, slopes2[n], dC_da[n]]}
        return {NAMES[2][o]: [a, slopes1[n], self.W2[n][o], slopes2[o], dC_da[o]] for o in (0, 1)}

    def describe(self) -> str:
        l, i, n = self.place()
        known = self.numbers()
        C, outputs = known["C"], known["a"][2]
        trend = f"C = {number(C, 4)}"
        if self.history:
            steps = count(len(self.history), "step")
            trend = f"after {steps} C went from {number(self.history[0], 4)} to {number(C, 4)}"
        along = [
            f"{number(float(np.prod(factors)), 4)} through {o}"
            for o, factors in self.paths().items()
        ]
        x, y = (" and ".join(number(v, 0) for v in row[self.example]) for row in (X, Y))
        return (
            f"Inputs {x}, targets {y}. The outputs are {number(outputs[0])} and "
            f"{number(outputs[1])}; {trend}. {self.weight} acts on C along "
            f"{count(len(along), 'path')}: {' and '.join(along)}. Together ∂C/∂w = "
            f"{number(known['dW'][l - 1][i, n], 4)}."
        )

    def still(self) -> Figure:
        l, i, n = self.place()
        known = self.numbers()
        figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3.2), width_ratios=[1.5, 1])
        draw_network(NAMES, ax=left)
        heights = [[(len(names) - 1) / 2 - k for k in range(len(names))] for names in NAMES]
        for k, layer in enumerate(known["a"]):
            for a, height in zip(layer, heights[k], strict=True):
                left.text(k, height - 0.34, f"a = {number(a)}", color=ACTIVATION, **SMALL)
        on_path = [(l, i, n), *((2, n, o) for o in (0, 1) if l == 1)]
        for layer, start, end in on_path:
            ends = [heights[layer - 1][start], heights[layer][end]]
            left.plot([layer - 1, layer], ends, "-", color=GRADIENT, lw=9, alpha=0.3, zorder=0)
            w = number((self.W1, self.W2)[layer - 1][start][end])
            left.text(layer - 0.5, sum(ends) / 2, w, color=WEIGHT, backgroundcolor="white", **SMALL)
        lines = [f"{self.weight}, slopes along its paths", ""]
        for o, factors in self.paths().items():
            product = number(float(np.prod(factors)), 4)
            lines += [" × ".join(map(number, factors)), f"= {product}, to {o}", ""]
        lines.append(f"sum = ∂C/∂w = {number(known['dW'][l - 1][i, n], 4)}")
        right.text(0, 0.5, "\n".join(lines), va="center", fontsize=9, color=INK)
        right.axis("off")
        return figure
