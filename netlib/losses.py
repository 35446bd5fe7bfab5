"""Losses: one number C that says how far the outputs a are from the targets Y.

Each loss has two methods, one above the other. Both look at the last layer after a forward
pass (its sums ``z``, its outputs ``a`` and its ``activation``) and at the targets Y, (m, nodes):

- ``cost(output, Y)`` gives C, averaged over the m examples;
- ``dz(output, Y)`` gives ∂C/∂z of that layer, where the backward pass begins.
"""

from typing import Protocol

import numpy as np

from netlib.hints import Array
from netlib.layers import Layer


class Loss(Protocol):
    """What every loss has."""

    name: str
    pairs_with: tuple[str, ...]  # the output activations that it can be differentiated through

    def cost(self, output: Layer, Y: Array) -> float:
        """C, averaged over the m examples"""

    def dz(self, output: Layer, Y: Array) -> Array:
        """∂C/∂z of the output layer"""


class SquaredError:
    """C = 1/m Σ_i Σ_n (a_in − y_in)²,   ∂C/∂a = 2 (a − y) / m   (paper, 2.2, step 3a; no ½)"""

    name = "squared_error"
    pairs_with: tuple[str, ...] = ("identity", "sigmoid", "tanh", "relu", "softmax")

    def cost(self, output: Layer, Y: Array) -> float:
        return float(np.sum((output.a - Y) ** 2)) / len(Y)

    def dz(self, output: Layer, Y: Array) -> Array:
        da = 2 * (output.a - Y) / len(Y)
        return output.activation.backward(da, output.a)


class CrossEntropy:
    """How surprised the outputs, read as probabilities, are by the targets.

    A softmax row is one distribution over the classes, a sigmoid node is one over yes and no:

    - softmax:  C = −1/m Σ_i Σ_n y_in ln a_in
    - sigmoid:  C = −1/m Σ_i Σ_n [y_in ln a_in + (1 − y_in) ln(1 − a_in)]

    In both, the logarithm undoes the exponential, and (where a softmax row's targets sum to 1)
    ∂C/∂z = (a − y) / m. We compute ln a from z, which stays exact where a rounds to 0.
    """

    name = "cross_entropy"
    pairs_with: tuple[str, ...] = ("softmax", "sigmoid")

    def cost(self, output: Layer, Y: Array) -> float:
        z, m = output.z, len(Y)
        if output.activation.name == "sigmoid":
            return float(np.sum(np.logaddexp(0, z) - Y * z)) / m
        z = z - z.max(axis=1, keepdims=True)
        log_a = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        return -float(np.vdot(Y, log_a)) / m

    def dz(self, output: Layer, Y: Array) -> Array:
        a, m = output.a, len(Y)
        if output.activation.name == "sigmoid":
            return (a - Y) / m
        dz: Array = (a * Y.sum(axis=1, keepdims=True) - Y) / m
        return dz


LOSSES: dict[str, Loss] = {loss.name: loss for loss in (SquaredError(), CrossEntropy())}


def get_loss(name: str) -> Loss:
    """The loss called `name`, or a ValueError that lists the names there are."""
    if not isinstance(name, str) or name not in LOSSES:
        raise ValueError(f"no loss is called {name!r}; there are: {', '.join(LOSSES)}")
    return LOSSES[name]
