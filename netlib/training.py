"""Training: show the network the examples, a mini-batch at a time, and step downhill."""

import hashlib
import math
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from netlib import checkpoint as checkpoints
from netlib.checks import whole
from netlib.hints import Array, ArrayLike, Seed
from netlib.network import Network
from netlib.optimizers import Optimizer
from netlib.progress import progress_bar
from netlib.targets import to_rows


@dataclass(frozen=True)
class Epoch:
    """What one pass over all the examples came to.

    Parameters
    ----------
    number : int
        1 for the first pass.
    loss : float
        Mean of C over the examples, each measured just before the step that used it.
    seconds : float
        Time taken by this pass, validation left out.
    validation_loss, validation_accuracy : float or None
        On the examples given as `validation`; None if there were none.
    """

    number: int
    loss: float
    seconds: float
    validation_loss: float | None = None
    validation_accuracy: float | None = None


def train(
    net: Network,
    X: ArrayLike,
    y: ArrayLike,
    *,
    optimizer: Optimizer,
    loss: str = "cross_entropy",
    epochs: int = 10,
    batch_size: int = 32,
    rng: Seed = None,
    validation: tuple[ArrayLike, ArrayLike] | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
) -> Iterator[Epoch]:
    """Train `net` in place, and hand over an `Epoch` after each pass over the examples.

    In each epoch the examples are shuffled and cut into mini-batches; each example is used
    exactly once. For each mini-batch: θ ← θ − (the optimizer's step for ∇C), paper, 2.3.

    It is a loop that you write yourself; nothing is trained until you go round it::

        for epoch in train(net, X, y, optimizer=Adam(0.001), rng=rng):
            print(epoch.number, epoch.loss)

    Parameters
    ----------
    net : Network
    X : (m, inputs)
    y : (m,) class numbers, or (m, outputs) rows of targets
    optimizer : SGD or Adam
    loss : ``cross_entropy`` or ``squared_error``
    epochs : int, 0 or more
    batch_size : int, 1 or more
        The last batch is shorter if it does not divide m; a batch_size above m means m.
    rng : numpy.random.Generator or int, optional
        Where the order of the examples comes from.
    validation : (X, y), optional
        Examples to measure on after each epoch; nothing is learned from them.
    checkpoint : path, optional
        A file such as ``"digits.npz"`` that says after each epoch where the training stands. If
        it is stopped, even by a loss of power, start it again in the same way, with the same
        seeds: it goes on from there, and ends with the very same weights.

    Returns
    -------
    iterator of Epoch
        One after each pass over the examples; with a checkpoint, those that are still to be done.

    Raises
    ------
    ValueError, TypeError
        At once, if an argument cannot be right, or the checkpoint is damaged or of another
        training.
    OSError
        If the checkpoint cannot be written.
    FloatingPointError
        If C stops being a finite number. The learning rate was too high.

    Examples
    --------
    >>> from netlib import Adam, Dense, Network, load_digits
    >>> X, y = load_digits().train
    >>> net = Network([Dense(64, 32, "relu"), Dense(32, 10, "softmax")], rng=0)
    >>> for epoch in train(net, X, y, optimizer=Adam(0.003), epochs=2, rng=0):
    ...     print(epoch.number, epoch.loss < 2)
    1 True
    2 True
    """
    X, Y, loss_function = net.check_examples(X, y, loss)
    epochs = whole("epochs", epochs, least=0)
    batch_size = whole("batch_size", batch_size)
    if checkpoint is not None and rng is None:
        raise ValueError("checkpoint needs rng, such as rng=0, to know this training again")
    rng = np.random.default_rng(rng)
    if isinstance(optimizer, type) or not hasattr(optimizer, "step"):
        raise TypeError(f"optimizer must be one such as SGD(0.1) or Adam(0.001), got {optimizer!r}")
    if validation is not None:
        if not isinstance(validation, tuple | list) or len(validation) != 2:
            raise TypeError("validation must be a pair: validation=(X_val, y_val)")
        X_val, y_val = validation
        net.check_examples(X_val, y_val, loss)
    done = 0
    if checkpoint is not None:
        state = (*vars(optimizer).values(), rng.bit_generator.state)
        training = _fingerprint(net, optimizer, loss, batch_size, net.theta, net.mask, X, Y, *state)
        done = checkpoints.load(checkpoint, training, net, optimizer, rng)
        if done == 0:  # if the file cannot be written, better now than in an hour
            checkpoints.save(checkpoint, training, done, net, optimizer, rng)

    def training_step(X_batch: Array, Y_batch: Array) -> float:
        """∇C of one mini-batch into net.gradient, with some nodes left out by Dropout; returns C."""
        net.draw(rng, len(X_batch))
        C = net.step_back(X_batch, Y_batch, loss_function)
        net.keep_all()
        return C

    def run_epoch(number: int, bar: Any) -> float:
        """One pass over the examples; returns the mean loss."""
        order = rng.permutation(len(X))
        total = 0.0
        with np.errstate(over="ignore", invalid="ignore"):  # the check below says it better
            for start in range(0, len(X), batch_size):
                batch = order[start : start + batch_size]
                C = training_step(X.take(batch, axis=0), Y.take(batch, axis=0))
                optimizer.step(net.theta, net.gradient)
                net.apply_mask()
                total += C * len(batch)
                bar.update(len(batch))
                if not math.isfinite(C):
                    break
        if not (np.isfinite(C) and np.isfinite(net.theta).all()):
            raise FloatingPointError(
                f"the loss or a weight became infinite in epoch {number} (the loss is {C}): the "
                f"steps were too large. Use a learning rate below {optimizer.learning_rate:g}, "
                f"and new weights. Inputs should be about 1; yours go up to {np.abs(X).max():g}"
            )
        return total / len(X)

    def run(bar: Any) -> Iterator[Epoch]:
        bar.update(done * len(X))
        for number in range(done + 1, epochs + 1):
            start = time.perf_counter()
            epoch = Epoch(number, run_epoch(number, bar), time.perf_counter() - start)
            if validation is not None:
                epoch = replace(
                    epoch,
                    validation_loss=net.loss(X_val, y_val, loss),
                    validation_accuracy=accuracy(net, X_val, y_val),
                )
            bar.clear()  # leave the line to what the reader prints
            yield epoch
            if checkpoint is not None:  # what the reader's loop did belongs to the epoch
                checkpoints.save(checkpoint, training, number, net, optimizer, rng)

    def run_and_tidy_up() -> Iterator[Epoch]:
        try:
            with progress_bar(epochs * len(X), "training", "example") as bar:
                yield from run(bar)
        finally:  # after Ctrl-C too, the network is whole
            net.keep_all()
            net.apply_mask()

    return run_and_tidy_up()


def _fingerprint(*start: Any) -> str:
    """A text that differs if anything differs from which a training starts."""
    sha256 = hashlib.sha256()
    for part in start:
        is_array = isinstance(part, np.ndarray)
        sha256.update(part.tobytes() if is_array else repr(part).encode())
    return sha256.hexdigest()


def accuracy(net: Network, X: ArrayLike, y: ArrayLike) -> float:
    """The share of examples, from 0 to 1, that the network puts into the right class.

    Parameters
    ----------
    net : Network
    X : (m, inputs)
    y : (m,) class numbers, or (m, outputs) rows of targets, largest where the class is

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If X or y has a wrong shape or value, or X has no examples.

    Examples
    --------
    >>> from netlib import Dense, Network
    >>> net = Network([Dense(1, 2, "softmax")], rng=0)
    >>> net.theta = [-1, 1, 0, 0]         # class 1 where x is above 0
    >>> accuracy(net, [[-3], [-1], [1], [2]], [0, 1, 1, 1])
    0.75
    """
    answers = net.predict(X)
    if len(answers) == 0:
        raise ValueError("X has no examples: an accuracy is a share of at least one")
    Y = to_rows(y, len(answers), net.outputs, net.dtype)
    classes = Y[:, 0] > 0.5 if Y.shape[1] == 1 else Y.argmax(axis=1)
    return float(np.mean(answers == classes))
