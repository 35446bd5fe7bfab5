"""A pad to draw a digit on, and what a trained network makes of it (paper, section 3.3)."""

import itertools
import math
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import traitlets
from matplotlib.axes import Axes

from netlib.activations import ACTIVATIONS
from netlib.hints import Array, ArrayLike
from netlib.layers import Dense
from netlib.network import Network
from netlib.plots import ACTIVATION, BIAS, INK
from netlib.trained import load_trained_network
from netlib.widgets.handwriting import SIDE, as_mnist
from netlib.widgets.live_figure import Figure, LiveFigure, Whole, count, front_end, number, style

PIXELS = SIDE * SIDE
DIGITS = 10
CLEAR = 0.2  # an answer leads the runner-up by so much, or it is none
_T = np.linspace(-2.4, 1.5, 20)  # radians: from the left over the top to the bottom
_UPPER = np.stack([0.47 + 0.19 * np.cos(_T), 0.3 + 0.17 * np.sin(_T)], axis=1)
_LOWER = np.stack([0.46 + 0.23 * np.cos(-_T[::-1]), 0.655 - 0.19 * np.sin(_T[::-1])], axis=1)
A_3 = np.concatenate([_UPPER, _LOWER]).round(3).tolist()


class Strokes(traitlets.TraitType[Any, Any]):
    """Where a pen went: for each stroke a list of at least one point [x, y] of finite numbers."""

    def validate(self, obj: Any, value: Any) -> Any:
        try:
            strokes = [np.asarray(stroke, dtype=float) for stroke in value]
        except (TypeError, ValueError, OverflowError):
            raise traitlets.TraitError(
                f"{self.name} must be lists of points [x, y], got {value!r:.80}"
            ) from None
        for stroke in strokes:
            if stroke.ndim != 2 or stroke.shape[1] != 2 or not len(stroke):
                raise traitlets.TraitError(
                    f"{self.name} has a stroke of shape {stroke.shape}; expected (points, 2)"
                )
            if not np.isfinite(stroke).all():
                raise traitlets.TraitError(f"{self.name} must be finite numbers")
        return [stroke.tolist() for stroke in strokes]


class DrawADigit(LiveFigure):
    """A network's answer to a drawing: x = as_mnist(strokes), a_l = σ(a_{l−1} W_l + b_l).

    A pixel speaks for the answer k rather than the runner-up j by x_i ∂(z_k − z_j)/∂x_i, where
    z are the sums of the output layer: z_k − z_j = ln(a_k / a_j).

    State: the `strokes`, lists of points [x, y] in the unit square, y downwards; or the number
    of the held-out digit that is `loaded` in their place, −1 for none. `digits` are these
    images, 784 bytes each, with their `labels`. `theta` are the network's parameters, float32;
    `sizes` the nodes of its layers, the 784 inputs first; `activations` its functions.

    Parameters
    ----------
    network : Network, optional
        Of dense layers, from 784 inputs to ten softmax outputs. By default
        `netlib.trained.load_trained_network()`.
    digits : (images, 784) from 0 to 1, optional
        Images to choose from, as in `mnist.images`.
    labels : (images,) digits, optional
        What they show.
    """

    _esm = front_end("draw_a_digit.js")
    _css = style("draw_a_digit.css")

    strokes = Strokes([A_3]).tag(sync=True)
    loaded = Whole(-1).tag(sync=True)
    digits = traitlets.Bytes(b"").tag(sync=True)
    labels = traitlets.List(Whole(min=0, max=DIGITS - 1)).tag(sync=True)
    theta = traitlets.Bytes().tag(sync=True)
    sizes = traitlets.List(Whole(min=1), [PIXELS, 64, 64, DIGITS]).tag(sync=True)
    activations = traitlets.List(
        traitlets.Enum(list(ACTIVATIONS)), ["relu", "relu", "softmax"], minlen=1
    ).tag(sync=True)

    def __init__(
        self,
        network: Network | None = None,
        digits: ArrayLike = (),
        labels: ArrayLike = (),
        **state: Any,
    ) -> None:
        if network is not None:
            state |= _parts(network)
        images = np.asarray(digits, float)
        if images.size and not (images.ndim == 2 and images.min() >= 0 and images.max() <= 1):
            raise traitlets.TraitError("digits must be rows of pixels from 0 to 1")
        state["digits"] = np.round(255 * images).astype(np.uint8).tobytes()
        state["labels"] = np.asarray(labels).tolist()
        super().__init__(**state)

    @traitlets.default("theta")
    def _trained(self) -> bytes:
        return load_trained_network().theta.astype("<f4").tobytes()

    @traitlets.validate("theta", "sizes", "activations")
    def _check_network(self, proposal: Any) -> Any:
        new = {proposal.trait.name: proposal.value}
        theta, sizes, activations = (
            new.get(name, getattr(self, name)) for name in ("theta", "sizes", "activations")
        )
        if len(sizes) != len(activations) + 1 or (sizes[0], sizes[-1]) != (PIXELS, DIGITS):
            raise traitlets.TraitError(
                f"a network with the sizes {sizes} and activations {activations}; expected "
                f"{PIXELS} inputs, {DIGITS} outputs, and a function for each layer"
            )
        if activations[-1] != "softmax" or "softmax" in activations[:-1]:
            raise traitlets.TraitError(f"softmax must be the last of activations {activations}")
        parameters = sum((k + 1) * n for k, n in itertools.pairwise(sizes))
        if len(theta) != 4 * parameters:
            raise traitlets.TraitError(
                f"theta has {len(theta)} bytes; sizes {sizes} need {4 * parameters}"
            )
        if not np.isfinite(np.frombuffer(theta, "<f4")).all():
            raise traitlets.TraitError("theta must be finite numbers")
        return proposal.value

    @traitlets.validate("digits", "labels", "loaded")
    def _check_digits(self, proposal: Any) -> Any:
        new = {proposal.trait.name: proposal.value}
        digits, labels, loaded = (
            new.get(name, getattr(self, name)) for name in ("digits", "labels", "loaded")
        )
        if len(digits) != PIXELS * len(labels):
            raise traitlets.TraitError(
                f"digits has {len(digits)} bytes; {len(labels)} labels need {PIXELS * len(labels)}"
            )
        if not -1 <= loaded < len(labels):
            raise traitlets.TraitError(f"loaded is {loaded}; there are {len(labels)} digits")
        return proposal.value

    @property
    def network(self) -> Network:
        """The network that the figure shows, in float64. To show another one, assign it."""
        pairs = zip(itertools.pairwise(self.sizes), self.activations, strict=True)
        net = Network([Dense(k, n, name) for (k, n), name in pairs], rng=0, dtype=np.float64)
        net.theta = np.frombuffer(self.theta, "<f4")
        return net

    @network.setter
    def network(self, network: Network) -> None:
        with self.hold_sync(), self.hold_trait_notifications():
            for name, value in _parts(network).items():
                setattr(self, name, value)

    @property
    def x(self) -> Array:
        """The 784 pixels that the network sees."""
        if self.loaded < 0:
            return as_mnist(self.strokes)
        x: Array = np.frombuffer(self.digits, np.uint8).reshape(-1, PIXELS)[self.loaded] / 255
        return x

    def forward(self) -> list[Array]:
        """The activations of each layer."""
        net = self.network
        net.forward(self.x[None])
        return [layer.a[0] for layer in net.layers]

    def contributions(self) -> Array:
        """How much each pixel speaks for the answer k rather than the runner-up j:
        x_i ∂(z_k − z_j)/∂x_i"""
        net = self.network
        p = net.forward(self.x[None])[0]
        k, j = _first_two(p)
        dz = np.zeros((1, DIGITS))
        dz[0, k], dz[0, j] = 1, -1
        for layer, before in zip(net.layers[:0:-1], net.layers[-2::-1], strict=True):
            dz = before.activation.backward(layer.input_gradient(dz), before.a)
        gradient: Array = net.layers[0].input_gradient(dz)[0]
        return self.x * gradient

    def describe(self) -> str:
        *hidden, p = self.forward()
        (k, j), c = _first_two(p), self.contributions()
        first, second = (f"{_digit(n)} with {_percent(p[n])} %" for n in (k, j))
        if self.loaded < 0 and not self.strokes:
            return (
                f"There is nothing to see yet: draw a digit. Softmax answers all the same: {first}."
            )
        parts = [f"I see {_digit(k)}, {_percent(p[k])} % sure; the next guess is {second}."]
        if p[k] - p[j] < CLEAR:
            parts = [f"I cannot tell: {first}, or {second}."]
        if self.loaded >= 0:
            label = self.labels[self.loaded]
            parts.insert(0, f"A held-out digit with the label {label}.")
            parts.append(f"The first guess is {'right' if k == label else 'wrong'}.")
        parts.append(
            f"For {_digit(k)} rather than {_digit(j)} speak {count(int((c > 0).sum()), 'pixel')}, by "
            f"{number(c[c > 0].sum())} in all; against it {count(int((c < 0).sum()), 'pixel')}, by "
            f"{number(-c[c < 0].sum())}."
        )
        for layer, a in enumerate(hidden, start=1):
            parts.append(f"Hidden layer {layer}: {_summary(a)}.")
        return " ".join(parts)

    def still(self) -> Figure:
        *hidden, p = self.forward()
        k, j = _first_two(p)
        squares = ["x", "c", *map(str, range(len(hidden)))]
        n = len(squares)
        rows: list[Any] = [["pad"] * n + ["bars"] * n, [name for name in squares for _ in range(2)]]
        figure = plt.figure(figsize=(7, 5.2))
        axes = figure.subplot_mosaic(rows, height_ratios=[1.6, 1])
        if self.loaded >= 0:
            _image(axes["pad"], self.x, "a held-out digit")
        else:
            _strokes(axes["pad"], self.strokes)
        _bars(axes["bars"], p)
        _image(axes["x"], self.x, "the network sees")
        _image(axes["c"], self.x / 4, f"for {_digit(k)} rather than {_digit(j)}")
        _signs(axes["c"], self.contributions())
        for l, a in enumerate(hidden):
            _squares(axes[str(l)], a)
            axes[str(l)].set_title(f"hidden layer {l + 1}")
        for name in ("pad", *squares):
            axes[name].set(xticks=[], yticks=[], aspect="equal")
            axes[name].grid(False)
            axes[name].spines[:].set_visible(True)
            axes[name].title.set_fontsize(9)
        return figure


def _parts(network: Network) -> dict[str, Any]:
    """The traits that hold a network."""
    for layer in network.layers:
        if not isinstance(layer, Dense):
            raise traitlets.TraitError(f"the network must have Dense layers only, got {layer!r}")
    return {
        "theta": network.theta.astype("<f4").tobytes(),
        "sizes": [network.layers[0].inputs, *(layer.outputs for layer in network.layers)],
        "activations": [layer.activation.name for layer in network.layers],
    }


def _first_two(p: Array) -> tuple[int, int]:
    """The answer and the runner-up: the numbers of the two largest outputs."""
    k, j = np.argsort(-p, kind="stable")[:2]
    return int(k), int(j)


def _digit(k: int) -> str:
    return f"an {k}" if k == 8 else f"a {k}"


def _percent(p: float) -> str:
    """A probability in percent. Softmax gives neither 0 nor 1, and neither do we."""
    if p < 0.0005:
        return "less than 0.1"
    return "more than 99.9" if p > 0.9995 else number(100 * p, 1)


def _summary(a: Array) -> str:
    """A layer in words."""
    strongest = np.abs(a).argmax()
    on = f"{(a > 0).sum()} of {count(len(a), 'node')} are on"
    return f"{on}, the strongest is node {strongest} with {number(a[strongest])}"


def _bars(ax: Axes, p: Array) -> None:
    """The ten probabilities."""
    ax.barh(range(DIGITS), p, color=[INK if p_n == p.max() else ACTIVATION for p_n in p])
    for n, p_n in enumerate(p):
        text = _percent(p_n).replace("more than", ">").replace("less than", "<")
        ax.text(p_n + 0.02, n, f"{text} %", va="center", fontsize=9)
    ax.set(yticks=range(DIGITS), xticks=[], xlim=(0, 1.3), ylim=(DIGITS - 0.5, -0.5))
    ax.grid(False)
    ax.set_title("probability", fontsize=9)


def _strokes(ax: Axes, strokes: Any) -> None:
    for stroke in strokes:
        x, y = np.clip([*stroke, stroke[-1]], 0, 1).T  # twice the end: so a dot is drawn, too
        ax.plot(x, y, "-", color=INK, linewidth=17, solid_capstyle="round")
    ax.set(xlim=(0, 1), ylim=(1, 0), title="a drawing")


def _image(ax: Axes, x: Array, title: str) -> None:
    ax.imshow(x.reshape(SIDE, SIDE), cmap="gray_r", vmin=0, vmax=1, interpolation="none")
    ax.set_title(title)


def _signs(ax: Axes, c: Array) -> None:
    """A + on each pixel that speaks for the answer, a − on each that speaks against it."""
    strength = np.abs(c) / (np.abs(c).max() or 1)
    for chosen, marker, color in ((c > 0, "+", ACTIVATION), (c < 0, "_", BIAS)):
        seen = np.flatnonzero(chosen & (strength > 0.02))
        size = 14 * strength[seen]
        ax.scatter(seen % SIDE, seen // SIDE, s=size, c=color, marker=marker, linewidths=0.8)


def _squares(ax: Axes, a: Array) -> None:
    """One square for each node, as large as its activation; hollow below 0."""
    columns = math.ceil(math.sqrt(len(a)))
    n = np.flatnonzero(a)
    size = 6000 / columns**2 * np.abs(a[n]) / (np.abs(a).max() or 1)
    inside = np.where(a[n] > 0, ACTIVATION, "white")
    ax.scatter(n % columns, n // columns, s=size, c=inside, marker="s", edgecolors=ACTIVATION)
    ax.set(xlim=(-0.7, columns - 0.3), ylim=(columns - 0.3, -0.7))
