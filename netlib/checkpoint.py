"""Checkpoints: how far a long training has come, so that it goes on from there if it is stopped.

A training is a chain of steps, each from the state that the last one left: θ and mask of the
network, what the optimizer remembers, and where the random numbers stand. Whoever has all of this
back goes on as if nothing had happened, to the same weights, bit for bit.
"""

import json
import math
import os
import pathlib
from typing import Any, BinaryIO

import numpy as np

from netlib import npz
from netlib.checks import whole
from netlib.files import whole_file
from netlib.hints import Array
from netlib.network import Network
from netlib.optimizers import Optimizer


def save(
    path: str | os.PathLike[str],
    training: str,
    done: int,
    net: Network,
    optimizer: Optimizer,
    rng: np.random.Generator,
) -> None:
    """Write down where a training stands. The file appears whole or not at all.

    Parameters
    ----------
    path : str or path
    training : str
        Which training it is: another one shall not go on from here.
    done : int
        Epochs that are done.
    net : Network
    optimizer : SGD or Adam
    rng : numpy.random.Generator

    Raises
    ------
    OSError
        If it cannot be written. The last checkpoint is still there.
    """
    memory: dict[str, Any] = vars(optimizer)
    arrays = [name for name, value in memory.items() if isinstance(value, np.ndarray)]
    state = {
        "training": training,
        "done": done,
        "rng": rng.bit_generator.state,
        "numbers": {name: value for name, value in memory.items() if name not in arrays},
        "arrays": arrays,
    }
    text = json.dumps(state, default=lambda array: array.tolist())
    mask = np.ones(0, bool) if net.mask is None else net.mask
    with whole_file(pathlib.Path(path)) as file:
        vectors = {name: memory[name] for name in arrays}
        np.savez(file, state=text, theta=net.theta, mask=mask, **vectors)


def load(
    path: str | os.PathLike[str],
    training: str,
    net: Network,
    optimizer: Optimizer,
    rng: np.random.Generator,
) -> int:
    """Put back what `save` wrote into `net`, `optimizer` and `rng`.

    Parameters
    ----------
    path, training, net, optimizer, rng
        As in `save`.

    Returns
    -------
    int
        How many epochs are done; 0 if there is no such file.

    Raises
    ------
    ValueError
        If the file is damaged, or of another training.
    """
    path = pathlib.Path(path)
    if not path.exists():
        return 0
    try:
        with open(path, "rb") as file:
            state = json.loads(npz.text(file, "state"))
            same = state["training"] == training
            if same:
                done = whole("done", state["done"], least=0)
                theta, mask = _like(net.theta, file, "theta"), npz.numbers(file, "mask")
                memory = _numbers(state["numbers"])
                memory |= {name: _like(theta, file, name) for name in state["arrays"]}
                numbers = np.random.Generator(type(rng.bit_generator)())
                numbers.bit_generator.state = state["rng"]
                other = net.copy()
                other.mask = mask if mask.size else None
                if memory.keys() != vars(optimizer).keys():
                    raise ValueError(f"{type(optimizer).__name__} has {', '.join(vars(optimizer))}")
    except Exception as error:  # whatever json and NumPy raise for a damaged file
        raise ValueError(
            f"{path} is not a whole checkpoint ({error!s:.300}); remove it to train from the "
            "beginning"
        ) from error
    if not same:
        raise ValueError(
            f"{path} is of a training that began with other weights, examples, random numbers or "
            "settings. To go on, begin as you did then, with a new network and the same seeds; to "
            "train anew, remove the file or give another name"
        )
    net.theta, net.mask = theta, other.mask  # only now: a damaged file changes nothing
    vars(optimizer).update(memory)
    rng.bit_generator.state = numbers.bit_generator.state
    return done


def _like(theta: Array, file: BinaryIO, name: str) -> Array:
    """A copy of the numbers under this name, if they are as many and as precise as θ."""
    vector = npz.numbers(file, name)
    if (vector.shape, vector.dtype) != (theta.shape, theta.dtype) or not np.isfinite(vector).all():
        raise ValueError(
            f"{name} must be finite numbers, {theta.dtype} of shape {theta.shape}; "
            f"got {vector.dtype} of shape {vector.shape}"
        )
    return vector.copy()


def _numbers(memory: dict[str, Any]) -> dict[str, Any]:
    """The same, if these are finite numbers, or None."""
    for name, value in memory.items():
        if value is not None and not (isinstance(value, int | float) and math.isfinite(value)):
            raise ValueError(f"{name} must be a finite number, got {value!r:.80}")
    return memory
