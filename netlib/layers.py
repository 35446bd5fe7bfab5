"""Layers: nodes that take every activation of the layer before and pass on their own."""

import operator

import numpy as np

from netlib.activations import get_activation


class Dense:
    """A layer in which every node is joined to every node of the layer before.

    z = x W + b,   a = σ(z)     (paper, section 1.2)

    `W`, `b`, `dW` and `db` are views into the network's `theta` and `gradient`: the layer has
    them from the moment a `Network` takes it in.

    Parameters
    ----------
    inputs, outputs : int
        Nodes in the layer before, and in this one.
    activation : str
        ``identity``, ``step``, ``sigmoid``, ``tanh``, ``relu`` or ``softmax``.

    Attributes
    ----------
    W : (inputs, outputs)
        ``W[i, n]`` is the weight of the edge from node i of the layer before to node n.
    b : (outputs,)
        The biases.
    dW, db
        ∂C/∂W and ∂C/∂b, of the same shapes, after a backward pass.
    x, z, a
        What came in, the sums and the activations, after a forward pass; rows are examples.

    Raises
    ------
    ValueError
        If a number of nodes is below 1, or no activation has that name.
    TypeError
        If a number of nodes is not a whole number.
    """

    def __init__(self, inputs, outputs, activation):
        self.inputs = _node_count("inputs", inputs)
        self.outputs = _node_count("outputs", outputs)
        self.activation = get_activation(activation)
        self.size = self.inputs * self.outputs + self.outputs
        self.W = self.b = self.dW = self.db = None
        self.x = self.z = self.a = None

    def use(self, theta, gradient):
        """Take a stretch of the network's two vectors, `size` long, as W and b, dW and db."""
        self.W, self.b = self.views(theta)
        self.dW, self.db = self.views(gradient)

    def views(self, vector):
        """A stretch of `vector`, `size` long, seen in the shapes of W and of b; nothing is copied."""
        weights = self.inputs * self.outputs
        return vector[:weights].reshape(self.inputs, self.outputs), vector[weights:]

    def initialize(self, rng):
        """Draw random weights, and set the biases to 0.

        W ~ N(0, 1/inputs), or N(0, 2/inputs) before a ReLU, which lets half of it through
        (He et al., 2015): so z is about as large in every layer.
        """
        variance = (2 if self.activation.name == "relu" else 1) / self.inputs
        self.W[:] = rng.normal(0, np.sqrt(variance), size=self.W.shape)
        self.b[:] = 0

    def forward(self, x):
        """z = x W + b,   a = σ(z):   (m, inputs) -> (m, outputs)"""
        self.x = x
        self.z = x @ self.W + self.b
        self.a = self.activation.forward(self.z)
        return self.a

    def parameter_gradients(self, dz):
        """∂C/∂W = xᵀ ∂C/∂z,   ∂C/∂b = Σ_i ∂C/∂z_i     (paper, 2.2, steps 3 and 5)"""
        np.matmul(self.x.T, dz, out=self.dW)
        np.sum(dz, axis=0, out=self.db)

    def input_gradient(self, dz):
        """∂C/∂x = ∂C/∂z Wᵀ:   (m, outputs) -> (m, inputs)     (paper, 2.2, step 6)"""
        return dz @ self.W.T

    def __repr__(self):
        return f"Dense({self.inputs}, {self.outputs}, {self.activation.name!r})"


def _node_count(name, value):
    try:
        count = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number of nodes, got {value!r}") from None
    if count < 1:
        raise ValueError(f"{name} must be at least 1 node, got {count}")
    return count
