"""A network: layers one after the other, over one vector of parameters.

All weights and biases lie in one vector θ (`theta`), all their partial derivatives in one
vector ∇C (`gradient`), in the same order (paper, 2.2, step 8). Each layer sees its part of
both as matrices. So a step downhill is a line of vector arithmetic, and pruning is one mask.
"""

import itertools
import json
import pathlib
import zipfile
import zlib

import numpy as np

from netlib.layers import Dense
from netlib.losses import get_loss
from netlib.targets import describe_bad, to_rows

FORMAT = "netlib-network-1"
# what reading a damaged file can raise
DAMAGE = (OSError, ValueError, KeyError, TypeError, EOFError, MemoryError, RuntimeError)
DAMAGE += (zipfile.BadZipFile, zlib.error)


class Network:
    """Layers one after the other: a₀ = X, and each layer makes a_l of a_{l−1}.

    Parameters
    ----------
    layers : list of Dense
        From the first hidden layer to the output layer.
    rng : numpy.random.Generator or int, optional
        Where the random starting weights come from. The same seed gives the same network.
    dtype : float32 or float64
        The precision of all that the network computes.

    Attributes
    ----------
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

    def __init__(self, layers, rng=None, dtype=np.float32):
        self.layers = _check_layers(layers)
        self.dtype = _check_dtype(dtype)
        size = sum(layer.size for layer in self.layers)
        self._theta = np.zeros(size, self.dtype)
        self.gradient = np.zeros(size, self.dtype)
        self.is_weight = np.zeros(size, bool)
        self._mask = None
        rng = np.random.default_rng(rng)
        start = 0
        for layer in self.layers:
            part = slice(start, start + layer.size)
            layer.use(self.theta[part], self.gradient[part])
            layer.initialize(rng)
            self.is_weight[start : start + layer.W.size] = True
            start += layer.size

    @property
    def theta(self):
        return self._theta

    @theta.setter
    def theta(self, values):
        if np.shape(values) != self._theta.shape:
            raise ValueError(
                f"theta must be {self._theta.size} numbers, one for each parameter; "
                f"got the shape {np.shape(values)}"
            )
        self._theta[:] = values  # into the same vector, which the layers look at

    @property
    def mask(self):
        return self._mask

    @mask.setter
    def mask(self, mask):
        if mask is not None:
            mask = np.array(mask)
            if mask.shape != self.theta.shape or mask.dtype != bool:
                raise ValueError(
                    f"mask must be {self.theta.size} values True or False, one for each "
                    f"parameter; got {mask.dtype} of shape {mask.shape}"
                )
        self._mask = mask
        self.apply_mask()

    def apply_mask(self):
        """Set every parameter that the mask leaves out to 0."""
        if self._mask is not None:
            self.theta *= self._mask

    def forward(self, X):
        """The outputs for the rows of X:   (m, inputs) -> (m, outputs)     (paper, 1.2)

        Raises
        ------
        ValueError
            If X is not a table with one column per input, or holds NaN or infinity.
        """
        return self._forward(self.check_inputs(X))

    def predict(self, X):
        """The class number of each row of X: the output node with the largest activation.

        A network with one output node answers 1 where that is above ½, else 0.
        """
        a = self.forward(X)
        if a.shape[1] == 1:
            return (a[:, 0] > 0.5).astype(int)
        return a.argmax(axis=1)

    def loss(self, X, y, loss="cross_entropy"):
        """C alone, averaged over the examples, as a float; errors as in `loss_and_gradient`."""
        X, Y, loss = self.check_examples(X, y, loss)
        self._forward(X)
        return float(loss.cost(self.layers[-1], Y))

    def loss_and_gradient(self, X, y, loss="cross_entropy"):
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
        X, Y, loss = self.check_examples(X, y, loss)
        return self.step_back(X, Y, loss), self.gradient

    def step_back(self, X, Y, loss):
        """One forward and one backward pass over checked examples; fills `gradient`, returns C."""
        self._forward(X)
        C = float(loss.cost(self.layers[-1], Y))
        self._backward(loss.dz(self.layers[-1], Y))
        return C

    def input_gradient(self, X, y, loss="cross_entropy"):
        """∂C/∂X, (m, inputs): how C changes with each input of each example."""
        X, Y, loss = self.check_examples(X, y, loss)
        self._forward(X)
        dz = self._backward(loss.dz(self.layers[-1], Y))
        return self.layers[0].input_gradient(dz)

    def _forward(self, X):
        a = X
        for layer in self.layers:
            a = layer.forward(a)
        return a

    def _backward(self, dz):
        """Go back layer by layer from the output's ∂C/∂z; return the first layer's ∂C/∂z."""
        for layer, before in zip(self.layers[:0:-1], self.layers[-2::-1], strict=True):
            layer.parameter_gradients(dz)  # steps 3 and 5
            da = layer.input_gradient(dz)  # step 6
            dz = before.activation.backward(da, before.a)  # step 7: one layer back
        self.layers[0].parameter_gradients(dz)
        if self._mask is not None:
            self.gradient *= self._mask
        return dz

    def check_inputs(self, X):
        """X as an array of the network's precision, or a ValueError that says what is wrong."""
        X = np.asarray(X)
        inputs = self.layers[0].inputs
        if X.dtype.kind not in "biuf":
            raise ValueError(f"X must be numbers, got an array of type {X.dtype}")
        if X.ndim != 2 or X.shape[1] != inputs:
            hint = "; for one example use X[None, :]" if X.shape == (inputs,) else ""
            raise ValueError(
                f"X has shape {X.shape}; expected (examples, {inputs}), one row each{hint}"
            )
        with np.errstate(over="ignore"):  # too large for float32 becomes infinite, and is refused
            X = X.astype(self.dtype, copy=False)
        if X.size and not (np.isfinite(X.min()) and np.isfinite(X.max())):
            raise ValueError(f"X must be finite numbers; it has {describe_bad(X)}")
        return X

    def check_examples(self, X, y, loss):
        """X, rows of targets and the loss object for what a caller gave, or a ValueError."""
        loss = get_loss(loss)
        X = self.check_inputs(X)
        if len(X) == 0:
            raise ValueError("X has no examples: a loss is an average over at least one")
        Y = to_rows(y, len(X), self.layers[-1].outputs, self.dtype)
        if any(layer.activation.name == "step" for layer in self.layers):
            raise ValueError(
                "step has slope 0 wherever it has one, so its gradient says nothing; "
                "use sigmoid, tanh or relu to train"
            )
        output = self.layers[-1].activation.name
        if output not in loss.pairs_with:
            raise ValueError(
                f"cross_entropy needs outputs that are probabilities (softmax or sigmoid), and "
                f"{output} gives others; use squared_error, or another output activation"
            )
        if loss.name == "cross_entropy" and not (Y.min() >= 0 and Y.max() <= 1):
            raise ValueError(
                f"cross_entropy needs targets from 0 to 1; y goes from {Y.min():g} to {Y.max():g}"
            )
        return X, Y, loss

    def copy(self, dtype=None):
        """A network of its own with the same layers, theta and mask, in `dtype` if given."""
        layers = [
            Dense(layer.inputs, layer.outputs, layer.activation.name) for layer in self.layers
        ]
        twin = Network(layers, rng=0, dtype=self.dtype if dtype is None else dtype)
        twin.theta[:] = self.theta
        twin.mask = self.mask
        return twin

    def save(self, path):
        """Write layers, theta and mask to `path` as an .npz file (arrays and text, no pickle).

        The file appears whole or not at all. Raises OSError if it cannot be written.
        """
        path = pathlib.Path(path)
        layers = [[layer.inputs, layer.outputs, layer.activation.name] for layer in self.layers]
        mask = np.ones(0, bool) if self.mask is None else self.mask
        part = path.with_name(path.name + ".part")
        try:
            with open(part, "wb") as file:
                np.savez(
                    file, format=FORMAT, layers=json.dumps(layers), theta=self.theta, mask=mask
                )
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    @staticmethod
    def load(path):
        """The network that `save` wrote to `path`.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If the file is damaged, or is not a network saved by this version of netlib.
        """
        path = pathlib.Path(path)
        try:
            if not zipfile.is_zipfile(path) and path.exists():
                raise ValueError("it is not an .npz file")
            with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as file:
                found = str(file["format"])
                if found != FORMAT:
                    raise ValueError(f"its format is {found!r}, this netlib reads {FORMAT!r}")
                layers = [Dense(*layer) for layer in json.loads(str(file["layers"]))]
                theta, mask = file["theta"], file["mask"]
            net = Network(layers, rng=0, dtype=theta.dtype)
            if theta.shape != net.theta.shape or not np.isfinite(theta).all():
                raise ValueError(f"theta should be {net.theta.size} finite numbers")
            net.theta[:] = theta
            net.mask = mask if mask.size else None
        except FileNotFoundError:
            raise
        except DAMAGE as error:
            raise ValueError(
                f"{path} is not a whole network saved by netlib ({error}); save it again"
            ) from error
        return net

    def __repr__(self):
        return f"Network([{', '.join(map(repr, self.layers))}])"


def _check_dtype(dtype):
    if dtype is None or np.dtype(dtype) not in (np.float32, np.float64):
        raise ValueError(f"dtype must be float32 or float64, got {dtype and np.dtype(dtype)}")
    return np.dtype(dtype)


def _check_layers(layers):
    if not isinstance(layers, list | tuple):
        raise TypeError(f"layers must be a list such as [Dense(2, 1, 'sigmoid')], got {layers!r}")
    if not layers:
        raise ValueError("a network needs at least one layer, got an empty list")
    for number, layer in enumerate(layers, start=1):
        if not isinstance(layer, Dense):
            raise TypeError(
                f"layer {number} must be a layer such as Dense(2, 2, 'relu'), got {layer!r}"
            )
        if layer.W is not None or any(layer is other for other in layers[: number - 1]):
            raise ValueError(f"layer {number}, {layer!r}, is in a network already; make a new one")
    for number, (before, layer) in enumerate(itertools.pairwise(layers), start=1):
        if before.outputs != layer.inputs:
            raise ValueError(
                f"layer {number} has {before.outputs} outputs, but layer {number + 1} "
                f"takes {layer.inputs} inputs; the two numbers must be equal"
            )
    return list(layers)
