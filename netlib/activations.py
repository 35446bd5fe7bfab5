"""Activation functions: what a node makes of the weighted sum z that reaches it.

Each activation has two methods, one above the other:

- ``forward(z)`` gives the activations a = σ(z);
- ``backward(da, a)`` gives ∂C/∂z from ∂C/∂a, by the chain rule.

The derivative is written with a, not z: for all of these functions a says enough.
Rows are examples, columns are nodes (paper, sections 1.2 and 3.2).
"""

from typing import Protocol

import numpy as np

from netlib.hints import Array


class Activation(Protocol):
    """What every activation function has."""

    name: str

    def forward(self, z: Array) -> Array:
        """a = σ(z)"""

    def backward(self, da: Array, a: Array) -> Array:
        """∂C/∂z = ∂C/∂a · ∂a/∂z"""


class Identity:
    """a = z,   ∂a/∂z = 1"""

    name = "identity"

    def forward(self, z: Array) -> Array:
        return z

    def backward(self, da: Array, a: Array) -> Array:
        return da


class Step:
    """a = 1 if z > 0 else 0,   ∂a/∂z = 0 wherever there is a slope: so nothing can be learned"""

    name = "step"

    def forward(self, z: Array) -> Array:
        return (z > 0).astype(z.dtype)

    def backward(self, da: Array, a: Array) -> Array:
        return np.zeros_like(da)


class Sigmoid:
    """a = 1 / (1 + e^−z),   ∂a/∂z = a (1 − a)"""

    name = "sigmoid"

    def forward(self, z: Array) -> Array:
        with np.errstate(over="ignore"):  # where e^−z overflows to ∞, a is 0, as it should be
            a: Array = 1 / (1 + np.exp(-z))
        return a

    def backward(self, da: Array, a: Array) -> Array:
        dz: Array = da * a * (1 - a)
        return dz


class Tanh:
    """a = (e^z − e^−z) / (e^z + e^−z),   ∂a/∂z = 1 − a²"""

    name = "tanh"

    def forward(self, z: Array) -> Array:
        a: Array = np.tanh(z)
        return a

    def backward(self, da: Array, a: Array) -> Array:
        dz: Array = da * (1 - a * a)
        return dz


class ReLU:
    """a = max(z, 0),   ∂a/∂z = 1 where z > 0, else 0

    At the kink z = 0 the slope is taken as 0. Note a > 0, not a ≥ 0: a is never negative.
    """

    name = "relu"

    def forward(self, z: Array) -> Array:
        return np.maximum(z, 0)

    def backward(self, da: Array, a: Array) -> Array:
        return da * (a > 0)


class Softmax:
    """a_n = e^{z_n} / Σ_k e^{z_k},   ∂a_n/∂z_k = a_n (1 if n = k else 0) − a_n a_k

    Each output depends on every z of its row (in an image: of its pixel), so the derivative is a
    whole matrix (the Jacobian). Times ∂C/∂a it becomes a_n (∂C/∂a_n − Σ_k ∂C/∂a_k a_k).
    """

    name = "softmax"

    def forward(self, z: Array) -> Array:
        e = np.exp(z - z.max(axis=-1, keepdims=True))  # the same ratios, and no overflow
        a: Array = e / e.sum(axis=-1, keepdims=True)
        return a

    def backward(self, da: Array, a: Array) -> Array:
        dz: Array = a * (da - (da * a).sum(axis=-1, keepdims=True))
        return dz


ACTIVATIONS: dict[str, Activation] = {
    activation.name: activation
    for activation in (Identity(), Step(), Sigmoid(), Tanh(), ReLU(), Softmax())
}


def get_activation(name: str) -> Activation:
    """The activation called `name`, or a ValueError that lists the names there are."""
    if not isinstance(name, str) or name not in ACTIVATIONS:
        raise ValueError(f"no activation is called {name!r}; there are: {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[name]
