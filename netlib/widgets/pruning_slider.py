"""A trained network that loses its smallest weights, a few at a time (paper, section 2.3)."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import traitlets
from matplotlib.colors import LinearSegmentedColormap

from netlib.hints import Array
from netlib.network import Network
from netlib.plots import ACTIVATION, INK
from netlib.pruning import prune
from netlib.studies import results
from netlib.trained import load_trained_network
from netlib.widgets.live_figure import Figure, LiveFigure, Numbers, Whole, front_end, number, style

STEPS = 200  # from nothing to all, half a percent each
PIXELS = 784
SIGNED = LinearSegmentedColormap.from_list("signed", ["#df8420", "#ffffff", "#287ad0"])


class PruningSlider(LiveFigure):
    """The network that comes with netlib, cut:   w ← w m,   m = 0 for the smallest abs(w), else 1

    State: the `fraction` of all weights that is removed, kept as the nearest step of half a
    percent; the hidden `node` of the first layer that is shown larger (0 to 63); `theta`, all
    parameters as bytes of float32; `accuracies` (201,), how many percent of the held-out half are
    read rightly at each step, from the study ``cutting``; `digits`, images of 784 bytes each, one
    after the other, and their `labels`.
    """

    _esm = front_end("pruning_slider.js")
    _css = style("pruning_slider.css")

    fraction = Numbers((), 0.4, 0, 1)
    node = Whole(31, min=0, max=63).tag(sync=True)
    theta = traitlets.Bytes().tag(sync=True)
    accuracies = Numbers((STEPS + 1,), np.zeros(STEPS + 1))
    digits = traitlets.Bytes(b"").tag(sync=True)
    labels = traitlets.List(Whole(min=0, max=9)).tag(sync=True)

    @traitlets.default("theta")
    def _trained(self) -> bytes:
        return load_trained_network().theta.tobytes()

    @traitlets.default("accuracies")
    def _measured(self) -> Any:
        return results("cutting").values("held_out").tolist()

    @traitlets.validate("fraction")
    def _nearest_step(self, proposal: Any) -> float:
        fraction: float = proposal["value"]
        return round(fraction * STEPS) / STEPS

    @traitlets.validate("theta")
    def _whole_theta(self, proposal: Any) -> bytes:
        theta: bytes = proposal["value"]
        expected = load_trained_network().theta.nbytes
        if len(theta) != expected:
            raise traitlets.TraitError(f"theta has {len(theta)} bytes; expected {expected}")
        if not np.isfinite(np.frombuffer(theta, np.float32)).all():
            raise traitlets.TraitError("theta must be finite numbers")
        return theta

    @traitlets.validate("digits", "labels")
    def _one_label_each(self, proposal: Any) -> Any:
        if len(self.digits) != PIXELS * len(self.labels):
            raise traitlets.TraitError(
                f"digits has {len(self.digits)} bytes, and there are {len(self.labels)} labels; "
                f"expected {PIXELS} bytes for each, so give both together"
            )
        return proposal["value"]

    @property
    def network(self) -> Network:
        """The network without the weights that are removed."""
        net = load_trained_network()
        net.theta = np.frombuffer(self.theta, np.float32)
        prune(net, self.fraction)
        return net

    def accuracy(self) -> float:
        """How many percent of the held-out half the network reads rightly."""
        percent: float = self.accuracies[round(self.fraction * STEPS)]
        return percent

    def outputs(self) -> Array:
        """The probabilities of the ten answers for each of the `digits`: (digits, 10)."""
        images = np.frombuffer(self.digits, np.uint8).reshape(-1, PIXELS)
        return self.network.forward(images / 255)

    def left(self) -> list[Array]:
        """For each layer, True where an edge is left."""
        net = self.network
        masks = np.split(np.asarray(net.mask), np.cumsum([layer.size for layer in net.layers])[:-1])
        return [layer.views(mask)[0] for layer, mask in zip(net.layers, masks, strict=True)]

    def cut_off(self) -> list[Array]:
        """For each layer, True for a node with no edge left to it, or none from it."""
        left = self.left()
        leaving = [*(W.sum(axis=1) for W in left[1:]), np.ones(10)]
        return [(W.sum(axis=0) * on) == 0 for W, on in zip(left, leaving, strict=True)]

    def describe(self) -> str:
        left, cut_off = self.left(), self.cut_off()
        edges = [f"{W.sum():,} of {W.size:,}" for W in left]
        nodes = [f"{gone.sum()} of {gone.size}" for gone in cut_off]
        right = int((self.outputs().argmax(axis=1) == self.labels).sum()) if self.labels else 0
        shown = f" Of the {len(self.labels)} digits shown, {right} are read rightly."
        return (
            f"{number(100 * self.fraction, 1)} % of the weights are removed, the smallest: "
            f"{sum(W.sum() for W in left):,} of {sum(W.size for W in left):,} are left. Layer by "
            f"layer these are {edges[0]}, {edges[1]} and {edges[2]}; cut off are {nodes[0]}, "
            f"{nodes[1]} and {nodes[2]} nodes. The network reads {number(self.accuracy())} % of "
            f"the held-out half rightly; whole, it reads {number(self.accuracies[0])} %."
            f"{shown if self.labels else ''} Hidden node {self.node} of the first layer has "
            f"{left[0][:, self.node].sum()} of its {PIXELS} edges."
        )

    def still(self) -> Figure:
        figure, (above, below) = plt.subplots(2, 1, figsize=(6.5, 4.3), height_ratios=[1.2, 1])
        above.plot(np.linspace(0, 100, STEPS + 1), self.accuracies, color=INK)
        mark = (100 * self.fraction, self.accuracy())
        above.plot(*mark, "o", color=ACTIVATION, markersize=9)
        above.annotate(f"{number(mark[1])} %", mark, (8, 4), textcoords="offset points")
        above.set(xlabel="removed (%)", ylabel="held out, right (%)", ylim=(0, 104))
        W = self.network.layers[0].W
        shades = np.sign(W) * np.ceil(2 * np.abs(W)).clip(max=3)  # few, so that the file is small
        images = np.where(self.left()[0], shades, np.nan).T.reshape(4, 16, 28, 28)
        framed = np.pad(images, [(0, 0), (0, 0), (1, 1), (1, 1)], constant_values=np.nan)
        tiles = framed.transpose(0, 2, 1, 3).reshape(4 * 30, 16 * 30)
        below.imshow(tiles, cmap=SIGNED, vmin=-3, vmax=3, interpolation="none")
        below.axis("off")
        return figure
