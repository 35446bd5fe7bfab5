"""Layers: nodes that take what the layer before passes on, and pass on their own activations."""

import math
from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from netlib.activations import get_activation
from netlib.checks import whole
from netlib.hints import Array, Shape


class Layer(ABC):
    """What all kinds of layers have in common; a `Network` knows them only by this.

    A kind of layer says how it goes forward and back:

    - ``forward(x)`` gives its activations, a = σ(z);
    - ``parameter_gradients(dz)`` fills `dW` and `db` from ∂C/∂z;
    - ``input_gradient(dz)`` gives ∂C/∂x from ∂C/∂z.

    `W`, `b`, `dW` and `db` are views into the network's `theta` and `gradient`: the layer has
    them from the moment a `Network` takes it in. A layer with nothing to learn has them empty.

    Parameters
    ----------
    arguments : tuple
        What the layer was made from: ``type(layer)(*layer.arguments)`` makes another.
    inputs, outputs : int or tuple of int
        Nodes in the layer before, and in this one: a number, or (height, width, channels).
    activation : str
    weight_shape : tuple of int
        The shape of W. Its last axis counts the biases.
    """

    W: Array  # a layer has these from the moment a network takes it in,
    b: Array
    dW: Array
    db: Array
    x: Array  # and these from its first forward pass
    z: Array
    a: Array

    def __init__(
        self,
        arguments: tuple[Any, ...],
        inputs: Shape,
        outputs: Shape,
        activation: str = "identity",
        weight_shape: tuple[int, ...] = (0, 0),
    ) -> None:
        self.arguments = arguments
        self.inputs = inputs
        self.outputs = outputs
        self.activation = get_activation(activation)
        self.weight_shape = weight_shape
        self.size = math.prod(weight_shape) + weight_shape[-1]

    def use(self, theta: Array, gradient: Array) -> None:
        """Take a stretch of the network's two vectors, `size` long, as W and b, dW and db."""
        self.W, self.b = self.views(theta)
        self.dW, self.db = self.views(gradient)

    def views(self, vector: Array) -> tuple[Array, Array]:
        """A stretch of `vector`, `size` long, in the shapes of W and of b; nothing is copied."""
        weights = self.size - self.weight_shape[-1]
        return vector[:weights].reshape(self.weight_shape), vector[weights:]

    def initialize(self, rng: np.random.Generator) -> None:
        """Draw random weights, and set the biases to 0.

        W ~ N(0, 1/k), or N(0, 2/k) before a ReLU, which lets half of it through
        (He et al., 2015), where k inputs reach a node: so z is about as large in every layer.
        """
        k = max(math.prod(self.weight_shape[:-1]), 1)
        variance = (2 if self.activation.name == "relu" else 1) / k
        self.W[:] = rng.normal(0, np.sqrt(variance), size=self.weight_shape)
        self.b[:] = 0

    def draw(self, rng: np.random.Generator, examples: int) -> None:
        """Choose by chance what is to be chosen for one training step: in most layers, nothing."""

    def keep_all(self) -> None:
        """End what `draw` began."""

    @abstractmethod
    def forward(self, x: Array) -> Array:
        """What comes in -> the activations a; rows are examples."""

    def parameter_gradients(self, dz: Array) -> None:
        """Fill dW and db: in a layer with nothing to learn, nothing."""

    @abstractmethod
    def input_gradient(self, dz: Array) -> Array:
        """∂C/∂x from ∂C/∂z."""

    def switches(self) -> Array:
        """Which way each switch of the layer stands: for ReLU, which nodes are on.

        Where one of them turns, C has a kink, and no slope.
        """
        return self.a > 0 if self.activation.name == "relu" else np.zeros(0, bool)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.arguments))})"


class Dense(Layer):
    """A layer in which every node is joined to every node of the layer before.

    z = x W + b,   a = σ(z)     (paper, section 1.2)

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

    Examples
    --------
    >>> from netlib import Network
    >>> layer = Network([Dense(2, 3, "relu")], rng=0).layers[0]
    >>> layer.W.shape, layer.b.shape
    ((2, 3), (3,))
    """

    def __init__(self, inputs: int, outputs: int, activation: str) -> None:
        inputs = whole("inputs", inputs, unit="node")
        outputs = whole("outputs", outputs, unit="node")
        arguments = (inputs, outputs, activation)
        super().__init__(arguments, inputs, outputs, activation, weight_shape=(inputs, outputs))

    def forward(self, x: Array) -> Array:
        """z = x W + b,   a = σ(z):   (m, inputs) -> (m, outputs)"""
        self.x = x
        self.z = x @ self.W
        self.z += self.b
        self.a = self.activation.forward(self.z)
        return self.a

    def parameter_gradients(self, dz: Array) -> None:
        """∂C/∂W = xᵀ ∂C/∂z,   ∂C/∂b = Σ_i ∂C/∂z_i     (paper, 2.2, steps 3 and 5)"""
        np.matmul(self.x.T, dz, out=self.dW)
        dz.sum(axis=0, out=self.db)

    def input_gradient(self, dz: Array) -> Array:
        """∂C/∂x = ∂C/∂z Wᵀ:   (m, outputs) -> (m, inputs)     (paper, 2.2, step 6)"""
        return dz @ self.W.T
