"""A network: layers one after the other, over one vector of parameters.

All weights and biases lie in one vector θ (`theta`), all their partial derivatives in one
vector ∇C (`gradient`), in the same order (paper, 2.2, step 8). Each layer sees its part of
both as matrices. So a step downhill is a line of vector arithmetic, and pruning is one mask.
"""

import itertools
import json
import math
import os
import pathlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from netlib import npz
from netlib.convolution import Conv2D, Flatten, MaxPool2D
from netlib.dropout import Dropout
from netlib.files import whole_file
from netlib.hints import Array, ArrayLike, DTypeLike, Seed
from netlib.layers import Dense, Layer
from netlib.losses import Loss, get_loss
from netlib.targets import describe_bad, to_rows

FORMAT = "netlib-network-2"
OLD_FORMAT = "netlib-network-1"  # each layer is a Dense, and its name is left out
KINDS = {kind.__name__: kind for kind in (Dense, Conv2D, MaxPool2D, Flatten, Dropout)}
BLOCK = 500  # examples that go forward at once where only the answers are wanted


class Network:
    """Layers one after the other: the first one takes X, and each other one takes what the one before gave.

    Parameters
    ----------
    layers : list of Dense, Conv2D, MaxPool2D, Flatten or Dropout
        From the first hidden layer to the output layer.
    rng : numpy.random.Generator or int, optional
        Where the random starting weights come from. The same seed gives the same network.
    dtype : float32 or float64
        The precision of all that the network computes.

    Attributes
    ----------
    layers : list
    outputs : int
        Nodes of the last layer.
    theta, gradient : (parameters,)
        All weights and biases, and ∂C/∂θ of the last backward pass.
    mask : (parameters,) of bool, or None
        Which parameters are in use; the others are 0 and stay so. None: all are.
    is_weight : (parameters,) of bool
        True where theta holds a weight, False where it holds a bias.

    Raises
    ------
    ValueError
        If there is no layer, two neighbours do not fit, or a layer is in another network.

    Examples
    --------
    >>> import numpy as np
    >>> net = Network([Dense(2, 3, "tanh"), Dense(3, 1, "sigmoid")], rng=0)
    >>> net.theta.size                    # 2·3 + 3 + 3·1 + 1
    13
    >>> net.forward(np.array([[0, 1], [1, 1]])).shape
    (2, 1)
    """

    def __init__(
        self, layers: Sequence[Layer], rng: Seed = None, dtype: DTypeLike = np.float32
    ) -> None:
        self.layers = _check_layers(layers)
        self.outputs = _row_of_nodes(self.layers[-1])
        self.dtype = _check_dtype(dtype)
        size = sum(layer.size for layer in self.layers)
        self._theta = np.zeros(size, self.dtype)
        self.gradient = np.zeros(size, self.dtype)
        self.is_weight = np.zeros(size, bool)
        self._mask: Array | None = None
        rng = np.random.default_rng(rng)
        start = 0
        for layer in self.layers:
            part = slice(start, start + layer.size)
            layer.use(self.theta[part], self.gradient[part])
            layer.initialize(rng)
            self.is_weight[start : start + layer.W.size] = True
            start += layer.size

    @property
    def theta(self) -> Array:
        return self._theta

    @theta.setter
    def theta(self, values: ArrayLike) -> None:
        if np.shape(values) != self._theta.shape:
            raise ValueError(
                f"theta must be {self._theta.size} numbers, one for each parameter; "
                f"got the shape {np.shape(values)}"
            )
        self._theta[:] = values  # into the same vector, which the layers look at

    @property
    def mask(self) -> Array | None:
        return self._mask

    @mask.setter
    def mask(self, mask: ArrayLike | None) -> None:
        if mask is not None:
            mask = np.array(mask)
            if mask.shape != self.theta.shape or mask.dtype != bool:
                raise ValueError(
                    f"mask must be {self.theta.size} values True or False, one for each "
                    f"parameter; got {mask.dtype} of shape {mask.shape}"
                )
        self._mask = mask
        self.apply_mask()

    def apply_mask(self) -> None:
        """Set every parameter that the mask leaves out to 0."""
        if self._mask is not None:
            self.theta *= self._mask

    def forward(self, X: ArrayLike) -> Array:
        """The outputs for the rows of X:   (m, inputs) -> (m, outputs)     (paper, 1.2)

        Each layer keeps what it computed, as `x`, `z` and `a`.

        Parameters
        ----------
        X : (m, inputs)
            One row for each example. A network that takes images has them as
            (m, height, width, channels), or as rows of pixels.

        Returns
        -------
        (m, outputs)

        Raises
        ------
        ValueError
            If X has another shape, or holds something else than finite numbers.
        """
        return self._forward(self.check_inputs(X))

    def predict(self, X: ArrayLike) -> Array:
        """The class number of each row of X: the output node with the largest activation.

        A network with one output node answers 1 where that is above ½, else 0. The rows go
        forward in blocks, which takes little memory: layers keep the last block's activations.

        Parameters
        ----------
        X : (m, inputs)
            As in `forward`, with the same errors.

        Returns
        -------
        (m,) whole numbers
        """
        X = self.check_inputs(X)
        a = np.concatenate([self._forward(X[block]) for block in _blocks(len(X))])
        if a.shape[1] == 1:
            return (a[:, 0] > 0.5).astype(int)
        classes: Array = a.argmax(axis=1)
        return classes

    def loss(self, X: ArrayLike, y: ArrayLike, loss: str = "cross_entropy") -> float:
        """C alone, averaged over the examples. The rows go forward in blocks, as in `predict`.

        Parameters
        ----------
        X, y, loss
            As in `loss_and_gradient`, with the same errors.

        Returns
        -------
        C : float
        """
        X, Y, loss_function = self.check_examples(X, y, loss)
        total = 0.0
        for block in _blocks(len(X)):
            self._forward(X[block])
            total += loss_function.cost(self.layers[-1], Y[block]) * len(Y[block])
        return total / len(X)

    def loss_and_gradient(
        self, X: ArrayLike, y: ArrayLike, loss: str = "cross_entropy"
    ) -> tuple[float, Array]:
        """C and ∂C/∂θ, both averaged over the examples     (paper, 2.2, steps 1–8)

        Parameters
        ----------
        X : (m, inputs)
        y : (m,) class numbers, or (m, outputs) rows of targets
        loss : ``cross_entropy`` or ``squared_error``

        Returns
        -------
        C : float
        gradient : (parameters,)
            This is `self.gradient`, which the next call overwrites. Pruned parameters have 0.

        Raises
        ------
        ValueError
            If X or y has a wrong shape or value, no loss has that name, or this loss cannot
            be differentiated through these layers; the message says what and why.
        """
        return self.step_back(*self.check_examples(X, y, loss)), self.gradient

    def step_back(self, X: Array, Y: Array, loss: Loss) -> float:
        """One forward and one backward pass over checked examples; fills `gradient`, returns C."""
        self._forward(X)
        C = loss.cost(self.layers[-1], Y)
        self._backward(loss.dz(self.layers[-1], Y))
        return C

    def input_gradient(self, X: ArrayLike, y: ArrayLike, loss: str = "cross_entropy") -> Array:
        """∂C/∂X: how C changes with each input of each example.

        Parameters
        ----------
        X, y, loss
            As in `loss_and_gradient`, with the same errors.

        Returns
        -------
        (m, inputs), or (m, height, width, channels)
        """
        X, Y, loss_function = self.check_examples(X, y, loss)
        self._forward(X)
        dz = self._backward(loss_function.dz(self.layers[-1], Y))
        return self.layers[0].input_gradient(dz)

    def draw(self, rng: np.random.Generator, examples: int) -> None:
        """Let each Dropout layer choose which nodes to leave out in one training step."""
        for layer in self.layers:
            layer.draw(rng, examples)

    def keep_all(self) -> None:
        """After a training step: no node is left out any more."""
        for layer in self.layers:
            layer.keep_all()

    def _forward(self, X: Array) -> Array:
        a = X
        for layer in self.layers:
            a = layer.forward(a)
        return a

    def _backward(self, dz: Array) -> Array:
        """Go back layer by layer from the output's ∂C/∂z; return the first layer's ∂C/∂z."""
        for layer, before in zip(self.layers[:0:-1], self.layers[-2::-1], strict=True):
            layer.parameter_gradients(dz)  # steps 3 and 5
            da = layer.input_gradient(dz)  # step 6
            dz = before.activation.backward(da, before.a)  # step 7: one layer back
        self.layers[0].parameter_gradients(dz)
        if self._mask is not None:
            self.gradient *= self._mask
        return dz

    def check_inputs(self, X: ArrayLike) -> Array:
        """X as an array of the network's precision, or a ValueError that says what is wrong."""
        X = np.asarray(X)
        inputs = self.layers[0].inputs
        shape = inputs if isinstance(inputs, tuple) else (inputs,)
        if X.dtype.kind not in "biuf":
            raise ValueError(f"X must be numbers, got an array of type {X.dtype}")
        if X.shape[1:] not in (shape, (math.prod(shape),)):
            expected = ", ".join(map(str, ("examples", *shape)))
            hint = "; for one example use X[None, :]" if X.shape == shape else ""
            raise ValueError(f"X has shape {X.shape}; expected ({expected}), one row each{hint}")
        with np.errstate(over="ignore"):  # too large for float32 becomes infinite, and is refused
            X = X.astype(self.dtype, copy=False)
        if not np.isfinite(np.vdot(X, X)) and not np.isfinite(X).all():  # vdot alone is quick
            raise ValueError(f"X must be finite numbers; it has {describe_bad(X)}")
        return X.reshape(len(X), *shape)

    def check_examples(self, X: ArrayLike, y: ArrayLike, loss: str) -> tuple[Array, Array, Loss]:
        """X, rows of targets and the loss object for what a caller gave, or a ValueError."""
        loss_function = get_loss(loss)
        X = self.check_inputs(X)
        if len(X) == 0:
            raise ValueError("X has no examples: a loss is an average over at least one")
        Y = to_rows(y, len(X), self.outputs, self.dtype)
        if any(layer.activation.name == "step" for layer in self.layers):
            raise ValueError(
                "step has slope 0 wherever it has one, so its gradient says nothing; "
                "use sigmoid, tanh or relu to train"
            )
        output = self.layers[-1].activation.name
        if output not in loss_function.pairs_with:
            raise ValueError(
                f"cross_entropy needs outputs that are probabilities (softmax or sigmoid), and "
                f"{output} gives others; use squared_error, or another output activation"
            )
        if output == "softmax" and self.outputs == 1 and np.ndim(y) == 1:
            raise ValueError(
                "a single softmax node always answers 1, whatever comes in; use a sigmoid node, "
                "or one softmax node for each class"
            )
        if loss_function.name == "cross_entropy" and not (Y.min() >= 0 and Y.max() <= 1):
            raise ValueError(
                f"cross_entropy needs targets from 0 to 1; y goes from {Y.min():g} to {Y.max():g}"
            )
        return X, Y, loss_function

    def copy(self, dtype: DTypeLike | None = None) -> "Network":
        """A network of its own with the same layers, theta and mask.

        Parameters
        ----------
        dtype : float32 or float64, optional
            The precision of the copy; by default the same.

        Returns
        -------
        Network
        """
        theta = self.theta if dtype is None else self.theta.astype(_check_dtype(dtype))
        return _rebuild([(type(layer), layer.arguments) for layer in self.layers], theta, self.mask)

    def __reduce__(self) -> tuple[Callable[..., "Network"], tuple[Any, ...]]:
        """For pickle and copy.deepcopy: the views of the layers are made anew."""
        layers = [(type(layer), layer.arguments) for layer in self.layers]
        return _rebuild, (layers, self.theta, self.mask)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write layers, theta and mask to `path` as an .npz file (arrays and text, no pickle).

        The file appears whole or not at all.

        Parameters
        ----------
        path : str or path
            The name of the file, as it shall be.

        Raises
        ------
        ValueError
            If a layer is of a kind of your own, which `load` would not know.
        OSError
            If it cannot be written.
        """
        path = pathlib.Path(path)
        layers = [[_name(layer), *layer.arguments] for layer in self.layers]
        mask = np.ones(0, bool) if self.mask is None else self.mask
        with whole_file(path) as file:
            np.savez(file, format=FORMAT, layers=json.dumps(layers), theta=self.theta, mask=mask)

    @staticmethod
    def load(path: str | os.PathLike[str]) -> "Network":
        """The network that `save` wrote to `path`.

        Parameters
        ----------
        path : str or path

        Returns
        -------
        Network

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If the file is damaged, is something else, or was saved by a newer netlib.
        """
        path = pathlib.Path(path)
        try:
            with open(path, "rb") as file:
                found = npz.text(file, "format")
                if found not in (FORMAT, OLD_FORMAT):
                    raise ValueError(
                        f"its format is {found!r}, this netlib reads up to {FORMAT!r}, and a "
                        "newer one may read more"
                    )
                layers = json.loads(npz.text(file, "layers"))
                theta, mask = npz.numbers(file, "theta"), npz.numbers(file, "mask")
            if found == OLD_FORMAT:
                layers = [["Dense", *layer] for layer in layers]
            kinds = [(_kind(name), arguments) for name, *arguments in layers]
            if not np.isfinite(theta).all():
                raise ValueError("theta must be finite numbers")
            return _rebuild(kinds, theta, mask if mask.size else None)
        except FileNotFoundError:
            raise
        except (OSError, ValueError, TypeError, RecursionError) as error:
            raise ValueError(
                f"{path} is not a whole network saved by netlib ({error!s:.300}); save it again"
            ) from error

    def __repr__(self) -> str:
        return f"Network([{', '.join(map(repr, self.layers))}])"


def _rebuild(kinds: list[tuple[type[Layer], Any]], theta: Array, mask: Array | None) -> Network:
    """A network with new layers of these kinds and arguments, and these parameters."""
    layers = _check_layers([kind(*arguments) for kind, arguments in kinds])
    size = sum(layer.size for layer in layers)
    if theta.shape != (size,):  # before anything of that size is made
        raise ValueError(f"theta has the shape {theta.shape}; these layers need {size} numbers")
    net = Network(layers, rng=0, dtype=theta.dtype)
    net.theta = theta
    net.mask = mask
    return net


def _name(layer: Layer) -> str:
    name = type(layer).__name__
    if KINDS.get(name) is not type(layer):
        raise ValueError(f"only layers of netlib can be saved ({', '.join(KINDS)}), got {layer!r}")
    return name


def _kind(name: object) -> type[Layer]:
    if name not in KINDS:
        raise ValueError(f"no kind of layer is called {name!r}; there are: {', '.join(KINDS)}")
    return KINDS[name]


def _blocks(examples: int) -> Iterator[slice]:
    """Stretches of at most BLOCK rows that make up `examples`; one empty stretch of none."""
    for start in range(0, max(examples, 1), BLOCK):
        yield slice(start, start + BLOCK)


def _check_dtype(dtype: DTypeLike | None) -> np.dtype[Any]:
    if dtype is None or np.dtype(dtype) not in (np.float32, np.float64):
        raise ValueError(f"dtype must be float32 or float64, got {dtype and np.dtype(dtype)}")
    return np.dtype(dtype)


def _check_layers(layers: object) -> list[Layer]:
    if not isinstance(layers, list | tuple):
        raise TypeError(f"layers must be a list such as [Dense(2, 1, 'sigmoid')], got {layers!r}")
    if not layers:
        raise ValueError("a network needs at least one layer, got an empty list")
    seen = set()
    for number, layer in enumerate(layers, start=1):
        if not isinstance(layer, Layer):
            raise TypeError(
                f"layer {number} must be a layer such as Dense(2, 2, 'relu'), got {layer!r}"
            )
        if hasattr(layer, "W") or id(layer) in seen:
            raise ValueError(f"layer {number}, {layer!r}, is in a network already; make a new one")
        seen.add(id(layer))
    for number, (before, layer) in enumerate(itertools.pairwise(layers), start=1):
        if before.outputs != layer.inputs:
            raise ValueError(
                f"layer {number} has {before.outputs} outputs, but layer {number + 1} takes "
                f"{layer.inputs} inputs; the two must be equal{_flatten_hint(before, layer)}"
            )
    return list(layers)


def _row_of_nodes(last: Layer) -> int:
    """How many outputs the last layer has, or a ValueError if it gives images."""
    if not isinstance(last.outputs, int):
        raise ValueError(
            f"the last layer, {last!r}, gives images; a network must end in a row of nodes: "
            f"add Flatten({last.outputs}) and a Dense layer"
        )
    return last.outputs


def _flatten_hint(before: Layer, layer: Layer) -> str:
    if isinstance(before.outputs, tuple) and math.prod(before.outputs) == layer.inputs:
        return f": put Flatten({before.outputs}) between them"
    return ""
