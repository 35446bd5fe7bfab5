"""The gradient check: is ∇C, as computed backwards, the slope that C really has?"""

from dataclasses import dataclass

import numpy as np

STEP = 1e-5
FLOOR = 1e-3


@dataclass(frozen=True)
class PartReport:
    """How well the gradient of one array agrees: a layer's W or b, or the inputs.

    `checked` counts the values compared, `kinks` those left out because a ReLU switched on or
    off within the step, where the slope does not exist.
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
    def max_relative_error(self):
        return max(part.relative_error for part in self.parts)

    def __str__(self):
        lines = [f"{'part':<12}{'compared':>9}{'at a kink':>11}{'relative error':>16}"]
        for part in self.parts:
            error = f"{part.relative_error:.0e}" if part.relative_error > 1e-7 else "< 1e-7"
            lines.append(f"{part.name:<12}{part.checked:>9}{part.kinks:>11}{error:>16}")
        return "\n".join(lines)


def gradient_check(net, X, y, loss="cross_entropy"):
    """Compare ∂C/∂θ and ∂C/∂X with central differences, one value after the other.

    slope ≈ (C(θ + h) − C(θ − h)) / 2h,   h = 1e-5

    The network is copied in float64; `net` itself is not touched. The error of a part is the
    largest difference, relative to the largest slope in it (or to 1e-3, if all are smaller:
    there the difference itself drowns in rounding). Pruned parameters are left out.

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
    """
    net = net.copy(dtype=np.float64)
    X = np.array(net.check_inputs(X), order="C")  # a copy, row by row
    net.loss_and_gradient(X, y, loss)

    def cost():
        return net.loss(X, y, loss), _relu_pattern(net)

    parts = []
    mask = np.ones(net.theta.size, bool) if net.mask is None else net.mask
    start = 0
    for number, layer in enumerate(net.layers, start=1):
        used = layer.views(mask[start : start + layer.size])
        start += layer.size
        parts.append(_check_part(f"layer {number} W", layer.W, layer.dW.copy(), cost, used[0]))
        parts.append(_check_part(f"layer {number} b", layer.b, layer.db.copy(), cost, used[1]))
    parts.append(_check_part("inputs", X, net.input_gradient(X, y, loss), cost))
    return GradientReport(tuple(parts))


def _check_part(name, values, gradient, cost, used=None):
    """Move each of `values` by ±h in turn, and compare the slope of C with `gradient`."""
    places = np.arange(values.size) if used is None else np.flatnonzero(used)
    flat, gradient = values.reshape(-1), gradient.reshape(-1)
    worst = largest = kinks = 0
    for k in places:
        value = flat[k]
        flat[k] = value + STEP
        above, pattern_above = cost()
        flat[k] = value - STEP
        below, pattern_below = cost()
        flat[k] = value
        if pattern_above != pattern_below:
            kinks += 1
            continue
        slope = (above - below) / (2 * STEP)
        if not np.isfinite(gradient[k]) or not np.isfinite(slope):
            worst = np.inf  # whatever is not a number agrees with nothing
            continue
        worst = max(worst, abs(gradient[k] - slope))
        largest = max(largest, abs(gradient[k]), abs(slope))
    return PartReport(name, float(worst / max(largest, FLOOR)), len(places) - kinks, kinks)


def _relu_pattern(net):
    """Which ReLU nodes are on, for each example, as bytes."""
    return b"".join(
        (layer.a > 0).tobytes() for layer in net.layers if layer.activation.name == "relu"
    )
