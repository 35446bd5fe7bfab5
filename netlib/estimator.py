"""The network as a scikit-learn classifier: for pipelines, cross-validation and grid searches.

Nothing is computed here. `fit` builds a `Network` and goes round the loop of `train`.
"""

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from netlib.layers import Dense
from netlib.network import Network
from netlib.optimizers import SGD, Adam
from netlib.training import train

HIDDEN = ("identity", "sigmoid", "tanh", "relu")  # activations that a hidden layer can learn with
SOLVERS = ("adam", "sgd")


class NetworkClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A `Network` with softmax outputs, trained on cross-entropy, as a scikit-learn estimator.

    Parameters have the names that `sklearn.neural_network.MLPClassifier` gives them. As there, the
    network computes in the precision of X: float32 if X is float32, which is faster, and float64
    otherwise.

    Parameters
    ----------
    hidden_layer_sizes : list or tuple of int, or int
        Nodes in each hidden layer; ``()`` for none. The two layers of the paper by default.
    activation : ``relu``, ``tanh``, ``sigmoid`` or ``identity``
        Of the hidden layers. (MLPClassifier calls sigmoid ``logistic``.)
    solver : ``adam`` or ``sgd``
        The optimizer, `Adam` or `SGD`.
    batch_size : int, 1 or more
        Examples in a mini-batch; more than there are means all of them.
    learning_rate_init : float above 0
        The learning rate, which stays as it is throughout.
    momentum : float, from 0 up to but not including 1
        How much of the last step is kept. Used by ``sgd`` only.
    max_iter : int, 1 or more
        Epochs. All of them are run, whether or not the loss still falls.
    random_state : int, numpy.random.RandomState or None
        Decides the starting weights and the order of the examples. The same int gives the same
        network; None another one each time.

    Attributes
    ----------
    classes_ : (classes,)
        The labels, sorted. Output node n stands for ``classes_[n]``.
    network_ : Network
        The trained network.
    loss_curve_ : list of float
        The mean loss of each epoch.
    loss_ : float
        The last of them.
    n_iter_ : int
        How many epochs were run: max_iter.
    n_features_in_ : int
        Columns of X.
    feature_names_in_ : (features,)
        Their names. Only there if X was a table with names for its columns.

    Examples
    --------
    >>> from sklearn.model_selection import cross_val_score
    >>> from netlib import NetworkClassifier, load_digits
    >>> digits = load_digits()
    >>> classifier = NetworkClassifier((32,), learning_rate_init=0.01, max_iter=5, random_state=0)
    >>> classifier.fit(digits.images, digits.labels).predict(digits.images[:3])
    array([0, 1, 2])
    >>> scores = cross_val_score(classifier, digits.images, digits.labels, cv=3)
    >>> bool(scores.mean() > 0.9)
    True
    """

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (64, 64),
        activation: str = "relu",
        *,
        solver: str = "adam",
        batch_size: int = 32,
        learning_rate_init: float = 0.001,
        momentum: float = 0.9,
        max_iter: int = 100,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        # scikit-learn wants parameters stored as they came; `fit` looks whether they are right
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.momentum = momentum
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Train a new network on the rows of X and their labels.

        Parameters
        ----------
        X : (m, features)
        y : (m,) labels
            Strings, whole numbers, or True and False.

        Returns
        -------
        NetworkClassifier
            The estimator itself.

        Raises
        ------
        ValueError, TypeError
            If a parameter, X or y cannot be right; the message says which, and what is.
        FloatingPointError
            If the loss stops being a finite number. The learning rate was too high.
        """
        hidden = self._check_parameters()
        data, labels = self._check_data(X, y)
        check_classification_targets(labels)
        classes, class_numbers = np.unique(labels, return_inverse=True)
        rows = np.eye(len(classes))[class_numbers]  # a 1 where the class is

        # one generator, first for the weights and then for the order of the examples
        rng = np.random.default_rng(check_random_state(self.random_state).randint(2**31))
        nodes = [self.n_features_in_, *hidden, len(classes)]
        activations = [self.activation] * len(hidden) + ["softmax"]
        layers = list(map(Dense, nodes[:-1], nodes[1:], activations))
        network = Network(layers, rng=rng, dtype=data.dtype)

        rate = self.learning_rate_init
        optimizer: Adam | SGD = Adam(rate) if self.solver == "adam" else SGD(rate, self.momentum)
        epochs = train(
            network,
            data,
            rows,
            optimizer=optimizer,
            epochs=self.max_iter,
            batch_size=self.batch_size,
            rng=rng,
        )
        self.loss_curve_ = [epoch.loss for epoch in epochs]  # the training itself
        self.loss_ = self.loss_curve_[-1]
        self.n_iter_ = len(self.loss_curve_)
        self.classes_ = classes
        self.network_ = network
        return self

    def predict_proba(self, X: ArrayLike) -> NDArray[Any]:
        """How probable each class is: the outputs of the network.

        Parameters
        ----------
        X : (m, features)

        Returns
        -------
        (m, classes)
            The columns are in the order of `classes_`, and each row sums to 1.
        """
        check_is_fitted(self, "network_")
        return self.network_.forward(self._check_data(X, reset=False))

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The most probable label of each row.

        Parameters
        ----------
        X : (m, features)

        Returns
        -------
        (m,) labels
        """
        probabilities = self.predict_proba(X)
        labels: NDArray[Any] = self.classes_[probabilities.argmax(axis=1)]
        return labels

    def _check_data(self, *data: ArrayLike, reset: bool = True) -> Any:
        """X, or X and y, as arrays, X as float32 or float64; sklearn says what is wrong."""
        return validate_data(self, *data, dtype=(np.float64, np.float32), reset=reset)

    def _check_parameters(self) -> list[int]:
        """The sizes of the hidden layers as a list, or a ValueError that names what is wrong."""
        sizes: Any = self.hidden_layer_sizes
        sizes = [sizes] if isinstance(sizes, Integral) else sizes
        rate, momentum, state = self.learning_rate_init, self.momentum, self.random_state
        are_sizes = isinstance(sizes, list | tuple | np.ndarray) and all(map(_is_count, sizes))
        is_rate = isinstance(rate, Real) and 0 < rate < np.inf
        is_share = isinstance(momentum, Real) and 0 <= momentum < 1
        is_state = state is None or isinstance(state, Integral | np.random.RandomState)
        for name, fits, expected in (
            ("hidden_layer_sizes", are_sizes, "whole numbers, each at least 1, such as (64, 64)"),
            ("activation", self.activation in HIDDEN, f"one of {HIDDEN}"),
            ("solver", self.solver in SOLVERS, f"one of {SOLVERS}"),
            ("batch_size", _is_count(self.batch_size), "a whole number, at least 1"),
            ("learning_rate_init", is_rate, "a number above 0"),
            ("momentum", is_share, "a number, at least 0 and below 1"),
            ("max_iter", _is_count(self.max_iter), "a whole number, at least 1"),
            ("random_state", is_state, "a whole number, a numpy.random.RandomState or None"),
        ):
            if not fits:
                raise ValueError(f"{name} must be {expected}, got {getattr(self, name)!r}")
        return list(sizes)


def _is_count(value: object) -> bool:
    return isinstance(value, Integral) and int(value) >= 1
