"""Activation functions with their slopes, and softmax with a temperature (paper, section 3.2)."""

import matplotlib.pyplot as plt
import numpy as np
import traitlets

from netlib.activations import Softmax, get_activation
from netlib.hints import Array
from netlib.plots import ACTIVATION, GRADIENT, INK
from netlib.widgets.live_figure import Figure, LiveFigure, Numbers, front_end, number, style

ACTIVATIONS = {"relu": "ReLU", "sigmoid": "sigmoid", "tanh": "tanh"}
HEIGHTS = {"relu": (-1, 5), "sigmoid": (-1.5, 1.5), "tanh": (-1.5, 1.5)}  # what the plot shows
CLASSES = ["zero", "one", "two", "three", "four"]  # whose scores they are


class ActivationShapes(LiveFigure):
    """a = σ(z) with its slope ∂a/∂z, and a_n = e^{z_n / T} / Σ_k e^{z_k / T}.

    State: the name of the `activation`, and its `z`; the five `scores` z_n of the softmax, and
    its `temperature` T.
    """

    _esm = front_end("activation_shapes.js")
    _css = style("activation_shapes.css")

    activation = traitlets.Enum(list(ACTIVATIONS), "sigmoid").tag(sync=True)
    z = Numbers((), 1.5, -5, 5)
    scores = Numbers((5,), [2, 1, 0.1, -1, 0.5], -10, 10)
    temperature = Numbers((), 1, 0.1, 10)

    def a_and_slope(self, z: Array) -> tuple[Array, Array]:
        """σ(z) and its slope: ∂C/∂z for ∂C/∂a = 1."""
        activation = get_activation(self.activation)
        a = activation.forward(z)
        return a, activation.backward(np.ones_like(a), a)

    def shares(self) -> Array:
        """The softmax of the scores, each divided by the temperature."""
        return Softmax().forward(np.array(self.scores) / self.temperature)

    def describe(self) -> str:
        a, slope = self.a_and_slope(np.array(self.z))
        shares = self.shares()
        each = ", ".join(
            f"{name} {number(share, 3)}" for name, share in zip(CLASSES, shares, strict=True)
        )
        largest = [CLASSES[n] for n in np.flatnonzero(shares == shares.max())]
        return (
            f"At z = {number(self.z, 1)}, {ACTIVATIONS[self.activation]} gives "
            f"a = {number(float(a))}, with the slope {number(float(slope))}. Softmax of the scores "
            f"{', '.join(number(z, 1) for z in self.scores)} at the temperature "
            f"{number(self.temperature)}: {each}. Their sum is {number(shares.sum(), 3)}. "
            f"Largest: {', '.join(largest)}."
        )

    def still(self) -> Figure:
        figure, (left, middle, right) = plt.subplots(1, 3, figsize=(8, 2.8))
        z = np.linspace(-5, 5, 201)
        a, slope = self.a_and_slope(z)
        a_here, slope_here = self.a_and_slope(np.array(self.z))
        left.plot(z, a, "-", color=ACTIVATION)
        left.plot(z, a_here + slope_here * (z - self.z), "--", color=INK, linewidth=1)
        left.plot(self.z, a_here, "o", color=ACTIVATION)
        left.set(xlabel="z", ylabel="a", ylim=HEIGHTS[self.activation])
        left.set(title=ACTIVATIONS[self.activation])
        middle.plot(z, slope, "--", color=GRADIENT)
        middle.plot(self.z, slope_here, "o", color=GRADIENT)
        middle.set(xlabel="z", ylabel="slope", ylim=(-0.1, 1.2), title="its slope")
        shares = self.shares()
        right.barh(CLASSES, shares, color=ACTIVATION)
        for n, share in enumerate(shares):
            right.text(share + 0.02, n, number(share, 3), va="center", fontsize=9, color=INK)
        right.set(xlim=(0, 1.15), xlabel="share", title="softmax")
        right.invert_yaxis()
        return figure
