"""Dropout: leave out nodes by chance while training, so that no node can rely on another."""

import numpy as np

from netlib.checks import whole, within
from netlib.hints import Array, Shape
from netlib.layers import Layer


class Dropout(Layer):
    """A layer that leaves out each node with probability `rate`, anew for every example and step.

    a = x · kept,   where kept is 0 for a node left out, and 1 / (1 − rate) for the others

    The factor makes up for the nodes that are missing: on average a is x. Only `train` leaves
    nodes out; at all other times nothing is, and a = x. (Srivastava et al., 2014)

    Parameters
    ----------
    inputs : int, or (height, width, channels)
        Nodes in the layer before.
    rate : float from 0 up to but not including 1
        The share of the nodes to leave out.

    Attributes
    ----------
    kept : (m, inputs) or None
        The factor of each node for each example in this training step; None outside of one.

    Raises
    ------
    ValueError, TypeError
        If `inputs` is no number of nodes, or `rate` not from 0 to below 1.

    Examples
    --------
    >>> layer = Dropout(6, rate=0.5)
    >>> layer.draw(np.random.default_rng(0), examples=1)
    >>> layer.forward(np.ones((1, 6)))
    array([[2., 2., 2., 0., 0., 0.]])
    >>> layer.keep_all()
    >>> layer.forward(np.ones((1, 6)))
    array([[1., 1., 1., 1., 1., 1.]])
    """

    kept: Array | None

    def __init__(self, inputs: Shape, rate: float) -> None:
        if isinstance(inputs, tuple | list):
            shape: Shape = tuple(whole("inputs", count, unit="node") for count in inputs)
        else:
            shape = whole("inputs", inputs, unit="node")
        self.rate = within("rate", rate, least=0, below=1)
        super().__init__((shape, self.rate), shape, shape)
        self.kept = None

    def draw(self, rng: np.random.Generator, examples: int) -> None:
        """Choose which nodes to leave out, for each of `examples` examples."""
        shape = self.inputs if isinstance(self.inputs, tuple) else (self.inputs,)
        chance = rng.random((examples, *shape), dtype=np.float32)
        self.kept = (chance >= self.rate) / np.float32(1 - self.rate)

    def keep_all(self) -> None:
        """Leave out no node any more."""
        self.kept = None

    def forward(self, x: Array) -> Array:
        """a = x · kept:   (m, inputs) -> (m, inputs)"""
        self.x = x
        self.z = self.a = x if self.kept is None else x * self.kept
        return self.a

    def input_gradient(self, dz: Array) -> Array:
        """∂C/∂x = ∂C/∂a · kept"""
        return dz if self.kept is None else dz * self.kept
