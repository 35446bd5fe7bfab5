"""The gradient check: is ∇C, as computed backwards, the slope that C really has?"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from netlib.hints import Array, ArrayLike
from netlib.network import Network

STEP = 1e-5
FLOOR = 1e-3


@dataclass(frozen=True)
class PartReport:
    """How well the gradient of one array agrees: a layer's W or b, or the inputs.

    `checked` counts the values compared. `kinks` counts those left out because the step crosses
    a kink, where the slope does not exist: a ReLU switches on or off, or another pixel becomes
    the largest of its square in `MaxPool2D`.
    """

    name: str
    relative_error: float
    checked: int
    kinks: int


@dataclass(frozen=True)
class GradientReport:
    """The outcome of a gradient check, part by part. Below 1e-6 the gradient can be trusted."""

    parts: tuple[PartReport, ...]

    @property
    def max_relative_error(self) -> float:
        return max(part.relative_error for part in self.parts)

    def __str__(self) -> str:
        lines = [f"{'part':<12}{'compared':>9}{'at a kink':>11}{'relative error':>16}"]
        for part in self.parts:
            error = f"{part.relative_error:.0e}" if part.relative_error > 1e-7 else "< 1e-7"
            lines.append(f"{part.name:<12}{part.checked:>9}{part.kinks:>11}{error:>16}")
        return "\n".join(lines)


def gradient_check(
    net: Network, X: ArrayLike, y: ArrayLike, loss: str = "cross_entropy"
) -> GradientReport:
    """Compare ∂C/∂θ and ∂C/∂X with central differences, one value after the other.

    slope ≈ (C(θ + h) − C(θ − h)) / 2h,   h = 1e-5

    The network is copied in float64; `net` itself is not touched. The error of a part is the
    largest difference, relative to the largest slope in it (or to 1e-3, if all are smaller:
    there the difference itself drowns in rounding). Pruned parameters are left out. The nodes
    that Dropout leaves out are drawn once, and stay out during the check.

    Parameters
    ----------
    net : Network
    X : (m, inputs)
        A few examples are enough.
    y : (m,) class numbers, or (m, outputs) rows of targets
    loss : ``cross_entropy`` or ``squared_error``

    Returns
    -------
    GradientReport
        `report.max_relative_error`, and `report.parts`: W and b of each layer, and the inputs.

    Raises
    ------
    ValueError
        As in `Network.loss_and_gradient`.

    Examples
    --------
    >>> from netlib import Dense, Network
    >>> net = Network([Dense(2, 3, "tanh"), Dense(3, 1, "sigmoid")], rng=0)
    >>> report = gradient_check(net, [[0, 1], [1, 1]], [1, 0])
    >>> report.max_relative_error < 1e-6
    True
    """
    net = net.copy(dtype=np.float64)
    X, Y, loss_function = net.check_examples(X, y, loss)
    X = np.array(X, order="C")  # a copy, row by row
    net.draw(np.random.default_rng(0), len(X))
    dX = net.input_gradient(X, Y, loss)  # and ∂C/∂θ with it

    def cost() -> tuple[float, bytes]:
        """C, and how all switches stand."""
        net.forward(X)
        switches = b"".join(layer.switches().tobytes() for layer in net.layers)
        return loss_function.cost(net.layers[-1], Y), switches

    parts = []
    mask = np.ones(net.theta.size, bool) if net.mask is None else net.mask
    start = 0
    for number, layer in enumerate(net.layers, start=1):
        used = layer.views(mask[start : start + layer.size])
        start += layer.size
        if layer.size:
            name = f"layer {number}"
            parts.append(_check_part(f"{name} W", layer.W, layer.dW.copy(), cost, used[0]))
            parts.append(_check_part(f"{name} b", layer.b, layer.db.copy(), cost, used[1]))
    parts.append(_check_part("inputs", X, dX, cost))
    return GradientReport(tuple(parts))


def _check_part(
    name: str,
    values: Array,
    gradient: Array,
    cost: Callable[[], tuple[float, bytes]],
    used: Array | None = None,
) -> PartReport:
    """Move each of `values` by ±h in turn, and compare the slope of C with `gradient`."""
    places = np.arange(values.size) if used is None else np.flatnonzero(used)
    flat, gradient = values.reshape(-1), gradient.reshape(-1)
    worst = largest = 0.0
    kinks = 0
    for k in places:
        value = flat[k]
        flat[k] = value + STEP
        above, switches_above = cost()
        flat[k] = value - STEP
        below, switches_below = cost()
        flat[k] = value
        if switches_above != switches_below:
            kinks += 1
            continue
        slope = (above - below) / (2 * STEP)
        if not np.isfinite(gradient[k]) or not np.isfinite(slope):
            worst = np.inf  # whatever is not a number agrees with nothing
            continue
        worst = max(worst, abs(gradient[k] - slope))
        largest = max(largest, abs(gradient[k]), abs(slope))
    return PartReport(name, float(worst / max(largest, FLOOR)), len(places) - kinks, kinks)
