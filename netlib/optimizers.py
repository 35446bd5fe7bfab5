"""Optimizers: how to step from θ towards a lower C, given the gradient ∇C.

They know one vector of parameters and one of partial derivatives, and nothing of networks.
`step` changes theta in place, so that the layers' views see the new values.
"""

import math
from typing import Protocol

import numpy as np

from netlib.checks import positive, within
from netlib.hints import Array


class Optimizer(Protocol):
    """What every optimizer has."""

    learning_rate: float

    def step(self, theta: Array, gradient: Array) -> None:
        """Change `theta`, (parameters,), in place by one step."""


class SGD:
    """Gradient descent:   v ← momentum · v − learning_rate · ∇C,   θ ← θ + v

    With momentum 0, the default, this is θ ← θ − learning_rate · ∇C (paper, 2.1 and 2.2).

    Parameters
    ----------
    learning_rate : float above 0
    momentum : float, from 0 up to but not including 1
        How much of the last step is kept.

    Raises
    ------
    ValueError
        If a number is out of its range.

    Examples
    --------
    >>> theta = np.array([1.0, 2.0])
    >>> SGD(learning_rate=0.5).step(theta, gradient=np.array([2.0, -2.0]))
    >>> theta
    array([0., 3.])
    """

    def __init__(self, learning_rate: float = 0.1, momentum: float = 0.0) -> None:
        self.learning_rate = positive("learning_rate", learning_rate)
        self.momentum = within("momentum", momentum, least=0, below=1)
        self.velocity: Array | None = None

    def step(self, theta: Array, gradient: Array) -> None:
        """Change `theta`, (parameters,), in place by one step."""
        if self.momentum == 0:
            theta -= self.learning_rate * gradient
            return
        if self.velocity is None:
            self.velocity = np.zeros_like(theta)
        _check_size(self.velocity, theta)
        self.velocity *= self.momentum
        self.velocity -= self.learning_rate * gradient
        theta += self.velocity

    def __repr__(self) -> str:
        return f"SGD({self.learning_rate:g}, momentum={self.momentum:g})"


class Adam:
    """Adam (Kingma and Ba, 2015): each parameter has a step size of its own.

    θ ← θ − learning_rate · m̂ / (√v̂ + ε)

    m̂ is a mean of all gradients ∇C so far, and v̂ a mean of their squares. The latest gradient
    has the weight 1, the one before β, then β², and so on; β is β₁ in m̂ and β₂ in v̂:

    - m ← β₁ m + ∇C,    m̂ = m / (1 + β₁ + β₁² + …)
    - v ← β₂ v + ∇C²,   v̂ = v / (1 + β₂ + β₂² + …)

    After t steps each sum of weights has t terms, and is (1 − βᵗ) / (1 − β).

    Parameters
    ----------
    learning_rate : float above 0
    beta1, beta2 : float, from 0 up to but not including 1
    epsilon : float above 0
        Keeps a parameter still whose gradient has always been 0.

    Raises
    ------
    ValueError
        If a number is out of its range.

    Examples
    --------
    The first step is the learning rate, whether the gradient is large or small:

    >>> theta = np.array([1.0, 2.0])
    >>> Adam(learning_rate=0.5).step(theta, gradient=np.array([200.0, -0.02]))
    >>> theta.round(3)
    array([0.5, 2.5])
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        self.learning_rate = positive("learning_rate", learning_rate)
        self.beta1 = within("beta1", beta1, least=0, below=1)
        self.beta2 = within("beta2", beta2, least=0, below=1)
        self.epsilon = positive("epsilon", epsilon)
        self.t = 0
        self.m: Array | None = None
        self.v: Array | None = None

    def step(self, theta: Array, gradient: Array) -> None:
        """Change `theta`, (parameters,), in place by one step."""
        if self.m is None or self.v is None:
            self.m = np.zeros_like(theta)
            self.v = np.zeros_like(theta)
        _check_size(self.m, theta)
        self.t += 1
        self.m *= self.beta1
        self.m += gradient
        self.v *= self.beta2
        self.v += gradient * gradient
        weights_m = (1 - self.beta1**self.t) / (1 - self.beta1)
        weights_v = (1 - self.beta2**self.t) / (1 - self.beta2)
        # m̂ / (√v̂ + ε) = √weights_v / weights_m · m / (√v + ε √weights_v)
        root = math.sqrt(weights_v)
        change = np.sqrt(self.v)
        change += self.epsilon * root
        np.divide(self.m, change, out=change)
        change *= self.learning_rate * root / weights_m
        theta -= change

    def __repr__(self) -> str:
        return f"Adam({self.learning_rate:g})"


def _check_size(memory: Array, theta: Array) -> None:
    if memory.shape != theta.shape:
        raise ValueError(
            f"this optimizer remembers the steps of a network with {memory.size} parameters, "
            f"and this one has {theta.size}; make a new optimizer for a new network"
        )
