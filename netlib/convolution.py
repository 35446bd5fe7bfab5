"""Layers for images: small filters that look everywhere, and pooling, which keeps the largest.

An image is (height, width, channels): a grey one has 1 channel, and each filter makes another.
A batch of images is (m, height, width, channels).
"""

import math
from collections.abc import Iterator
from typing import SupportsIndex

import numpy as np

from netlib.checks import whole
from netlib.hints import Array
from netlib.layers import Layer


class Conv2D(Layer):
    """A layer of filters: each is a small grid of weights that is laid on every place of an image.

    z[r, c, f] = Σ_ij Σ_k x[r + i, c + j, k] W[i, j, k, f] + b[f],   a = σ(z)

    Row r, column c, filter f; i and j go over the filter's grid, k over the channels. All
    places share the same weights. The filter stays inside the image, so the output is smaller
    by `side` − 1. (The convolution of mathematics turns the filter round first; nobody who
    trains filters does.)

    Parameters
    ----------
    inputs : (height, width, channels)
        The shape of one image: for MNIST (28, 28, 1).
    filters : int
        Channels of the output.
    side : int
        Rows and columns of a filter.
    activation : str

    Attributes
    ----------
    W : (side, side, channels, filters)
    b : (filters,)
    outputs : (height − side + 1, width − side + 1, filters)
    dW, db, x, z, a
        As in `Dense`.

    Raises
    ------
    ValueError, TypeError
        If `inputs` is not three whole numbers, or the filter is larger than the image.

    Examples
    --------
    >>> Conv2D((28, 28, 1), 32, 3, "relu").outputs
    (26, 26, 32)
    """

    outputs: tuple[int, int, int]
    patches: Array  # what each place of the filter saw, after a forward pass

    def __init__(
        self, inputs: tuple[int, int, int], filters: int, side: int, activation: str
    ) -> None:
        inputs = _image_shape(inputs)
        filters = whole("filters", filters, unit="filter")
        side = _side(side, inputs)
        height, width, channels = inputs
        outputs = (height - side + 1, width - side + 1, filters)
        arguments = (inputs, filters, side, activation)
        weight_shape = (side, side, channels, filters)
        super().__init__(arguments, inputs, outputs, activation, weight_shape)

    def forward(self, x: Array) -> Array:
        """Each place's patch of the image as a row, times the filters as columns."""
        self.x = x
        self.patches = self._cut(x)
        self.z = (self.patches @ self._columns(self.W)).reshape(len(x), *self.outputs)
        self.z += self.b
        self.a = self.activation.forward(self.z)
        return self.a

    def parameter_gradients(self, dz: Array) -> None:
        """∂C/∂W = patchesᵀ ∂C/∂z,   ∂C/∂b = Σ ∂C/∂z over all images and places: as in `Dense`"""
        dz = self._columns(dz)
        np.matmul(self.patches.T, dz, out=self._columns(self.dW))
        dz.sum(axis=0, out=self.db)

    def input_gradient(self, dz: Array) -> Array:
        """Each weight hands its share of ∂C/∂z back to the pixels that it was laid on."""
        dx = np.zeros_like(self.x)
        height, width, _ = self.outputs
        for i, j in np.ndindex(self.W.shape[:2]):
            dx[:, i : i + height, j : j + width] += dz @ self.W[i, j].T
        return dx

    def _cut(self, x: Array) -> Array:
        """A row for each place that the filter can lie on: what is under it."""
        side = self.weight_shape[0]
        windows = np.lib.stride_tricks.sliding_window_view(x, (side, side), axis=(1, 2))
        return windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, math.prod(self.weight_shape[:-1]))

    def _columns(self, array: Array) -> Array:
        """A view as a matrix with one column for each filter."""
        return array.reshape(-1, self.outputs[-1])


class MaxPool2D(Layer):
    """A layer that keeps the largest of each square of `side` × `side` pixels.

    a[r, c, k] = max_ij x[side·r + i, side·c + j, k]

    Rows and columns that do not fill a square are left out.

    Parameters
    ----------
    inputs : (height, width, channels)
    side : int
        Rows and columns of a square.

    Raises
    ------
    ValueError, TypeError
        If `inputs` is not three whole numbers, or the square is larger than the image.

    Examples
    --------
    >>> MaxPool2D((26, 26, 32), 2).outputs
    (13, 13, 32)
    """

    outputs: tuple[int, int, int]

    def __init__(self, inputs: tuple[int, int, int], side: int) -> None:
        inputs = _image_shape(inputs)
        side = _side(side, inputs)
        height, width, channels = inputs
        outputs = (height // side, width // side, channels)
        super().__init__((inputs, side), inputs, outputs)
        self.side = side

    def forward(self, x: Array) -> Array:
        """The largest pixel of every square: corner by corner, over all squares at once."""
        first, *others = self._corners(x)
        a = first.copy()
        for corner in others:
            np.maximum(a, corner, out=a)
        self.x, self.z, self.a = x, a, a
        return a

    def input_gradient(self, dz: Array) -> Array:
        """∂C/∂x is ∂C/∂a where the largest pixel was (the first of them, if several), else 0."""
        dx = np.zeros_like(self.x)
        for largest, corner in zip(self._largest(), self._corners(dx), strict=True):
            corner[:] = dz * largest
        return dx

    def switches(self) -> Array:
        """Which pixel of each square is the largest."""
        return np.stack(list(self._largest()))

    def _corners(self, x: Array) -> list[Array]:
        """Views of x: the first pixel of every square, then the second, and so on."""
        height, width, _ = self.outputs
        side = self.side
        x = x[:, : height * side, : width * side]
        return [x[:, i::side, j::side] for i, j in np.ndindex(side, side)]

    def _largest(self) -> Iterator[Array]:
        """For each corner, the squares whose largest pixel is there; no square twice."""
        undecided = np.ones(self.a.shape, bool)
        for corner in self._corners(self.x):
            largest = undecided & (corner == self.a)
            undecided &= ~largest
            yield largest


class Flatten(Layer):
    """A layer that lays out an image as a row of numbers: what stands between pixels and `Dense`.

    a[(r · width + c) · channels + k] = x[r, c, k]

    Parameters
    ----------
    inputs : (height, width, channels)

    Raises
    ------
    ValueError, TypeError
        If `inputs` is not three whole numbers.

    Examples
    --------
    >>> Flatten((13, 13, 32)).outputs
    5408
    """

    outputs: int

    def __init__(self, inputs: tuple[int, int, int]) -> None:
        inputs = _image_shape(inputs)
        super().__init__((inputs,), inputs, math.prod(inputs))

    def forward(self, x: Array) -> Array:
        """(m, height, width, channels) -> (m, height · width · channels)"""
        self.x = x
        self.z = self.a = x.reshape(len(x), self.outputs)
        return self.a

    def input_gradient(self, dz: Array) -> Array:
        """The same numbers, as images again."""
        return dz.reshape(self.x.shape)


def _image_shape(inputs: object) -> tuple[int, int, int]:
    """`inputs` as (height, width, channels), or an error that says what it should be."""
    if not isinstance(inputs, tuple | list) or len(inputs) != 3:
        raise ValueError(
            f"inputs must be (height, width, channels), such as (28, 28, 1); got {inputs!r}"
        )
    height, width, channels = inputs
    return (
        whole("height", height, unit="pixel"),
        whole("width", width, unit="pixel"),
        whole("channels", channels, unit="channel"),
    )


def _side(side: SupportsIndex, image: tuple[int, int, int]) -> int:
    side = whole("side", side, unit="pixel")
    height, width, _ = image
    if side > min(height, width):
        raise ValueError(f"side is {side} pixels, more than the image has: {height} × {width}")
    return side
