"""Optimizers: how to step from θ towards a lower C, given the gradient ∇C.

They know one vector of parameters and one of partial derivatives, and nothing of networks.
`step` changes theta in place, so that the layers' views see the new values.
"""

import numbers

import numpy as np


class SGD:
    """Gradient descent:   v ← momentum · v − learning_rate · ∇C,   θ ← θ + v

    With momentum 0, the default, this is θ ← θ − learning_rate · ∇C (paper, 2.1 and 2.2).

    Parameters
    ----------
    learning_rate : float above 0
    momentum : float, from 0 up to but not including 1
        How much of the last step is kept.
    """

    def __init__(self, learning_rate=0.1, momentum=0.0):
        self.learning_rate = _positive("learning_rate", learning_rate)
        self.momentum = _share("momentum", momentum)
        self.velocity = None

    def step(self, theta, gradient):
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

    def __repr__(self):
        return f"SGD({self.learning_rate:g}, momentum={self.momentum:g})"


class Adam:
    """Adam (Kingma and Ba, 2015): each parameter has a step size of its own.

    - m ← β₁ m + (1 − β₁) ∇C:    a running mean of the gradient
    - v ← β₂ v + (1 − β₂) ∇C²:   a running mean of its square
    - θ ← θ − learning_rate · m̂ / (√v̂ + ε)

    with m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) at step t: without them the means, which
    start at 0, would be too small at first.
    """

    def __init__(self, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
        self.learning_rate = _positive("learning_rate", learning_rate)
        self.beta1 = _share("beta1", beta1)
        self.beta2 = _share("beta2", beta2)
        self.epsilon = _positive("epsilon", epsilon)
        self.t = 0
        self.m = self.v = None

    def step(self, theta, gradient):
        """Change `theta`, (parameters,), in place by one step."""
        if self.m is None:
            self.m = np.zeros_like(theta)
            self.v = np.zeros_like(theta)
        _check_size(self.m, theta)
        self.t += 1
        self.m *= self.beta1
        self.m += (1 - self.beta1) * gradient
        self.v *= self.beta2
        self.v += (1 - self.beta2) * gradient * gradient
        # m̂ / (√v̂ + ε), with both corrections drawn out of the vectors
        root = np.sqrt(1 - self.beta2**self.t)
        change = np.sqrt(self.v)
        change += self.epsilon * root
        np.divide(self.m, change, out=change)
        change *= self.learning_rate * root / (1 - self.beta1**self.t)
        theta -= change

    def __repr__(self):
        return f"Adam({self.learning_rate:g})"


def _positive(name, value):
    if not isinstance(value, numbers.Real) or not 0 < value < np.inf:
        raise ValueError(f"{name} must be a number above 0, got {value!r}")
    return float(value)


def _share(name, value):
    if not isinstance(value, numbers.Real) or not 0 <= value < 1:
        raise ValueError(f"{name} must be a number, at least 0 and below 1, got {value!r}")
    return float(value)


def _check_size(memory, theta):
    if memory.shape != theta.shape:
        raise ValueError(
            f"this optimizer remembers the steps of a network with {memory.size} parameters, "
            f"and this one has {theta.size}; make a new optimizer for a new network"
        )
