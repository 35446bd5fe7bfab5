"""Checkpoints: how far a long training has come, so that it goes on from there if it is stopped.

A training is a chain of steps, each from the state that the last one left: θ and mask of the
network, what the optimizer remembers, and where the random numbers stand. Whoever has all of this
back goes on as if nothing had happened, to the same weights, bit for bit.
"""

import json
import os
import pathlib
from typing import Any

import numpy as np

from netlib.files import whole_file
from netlib.network import DAMAGE, Network
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
    memory = vars(optimizer)
    arrays: Any = {name: value for name, value in memory.items() if isinstance(value, np.ndarray)}
    numbers = {name: value for name, value in memory.items() if name not in arrays}
    state = {
        "training": training,
        "done": done,
        "optimizer": numbers,
        "rng": rng.bit_generator.state,
    }
    mask = np.ones(0, bool) if net.mask is None else net.mask
    with whole_file(pathlib.Path(path)) as file:
        text = json.dumps(state, default=lambda array: array.tolist())
        np.savez(file, text=text, theta=net.theta, mask=mask, **arrays)


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
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
        state = json.loads(str(arrays.pop("text")))
        same, done = state["training"] == training, int(state["done"])
        theta, mask = arrays.pop("theta"), arrays.pop("mask")
        if same:
            net.theta = theta
            net.mask = mask if mask.size else None
            rng.bit_generator.state = state["rng"]
            vars(optimizer).update(state["optimizer"], **arrays)
    except DAMAGE as error:
        raise ValueError(
            f"{path} is not a whole checkpoint ({error}); remove it to train from the beginning"
        ) from error
    if not same:
        raise ValueError(
            f"{path} is of a training that began with other weights, examples, random numbers or "
            "settings. To go on, begin as you did then, with a new network and the same seeds; to "
            "train anew, remove the file or give another name"
        )
    return done
