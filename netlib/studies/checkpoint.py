"""Checkpoints: how far a long training has come, so that it goes on from there if it is stopped."""

import json
import os
import pathlib
from typing import Any, BinaryIO

import numpy as np
import pooch

from netlib import npz
from netlib.hints import Array
from netlib.network import Network
from netlib.optimizers import Adam

FOLDER = pathlib.Path(pooch.os_cache("netlib")) / "checkpoints"


def save(path: pathlib.Path, settings: Any, net: Network, optimizer: Adam, done: int) -> None:
    """Write down the network, the optimizer's memory and how many epochs are done.

    The file appears whole or not at all, so that it can be stopped at any moment.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    memory: dict[str, Any] = {"m": optimizer.m, "v": optimizer.v, "t": optimizer.t}
    try:
        with open(new, "wb") as file:
            np.savez(file, settings=json.dumps(settings), theta=net.theta, done=done, **memory)
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def load(path: pathlib.Path, settings: Any, net: Network, optimizer: Adam) -> int:
    """Put back what `save` wrote, and return how many epochs are done.

    That is 0 if there is no such file, or one of a training with other settings.

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    if not path.exists():
        return 0
    try:
        with open(path, "rb") as file:
            if npz.text(file, "settings") != json.dumps(settings):
                return 0
            theta, m, v = (_vector(file, name, net.theta) for name in ("theta", "m", "v"))
            t, done = (_count(file, name) for name in ("t", "done"))
        if (v < 0).any():
            raise ValueError("v must be means of squares, and has numbers below 0")
    except (OSError, ValueError) as error:
        raise ValueError(
            f"{path} is not a whole checkpoint ({error}); remove it to train from the beginning"
        ) from error
    net.theta = theta  # only now: a damaged file changes nothing
    optimizer.m, optimizer.v, optimizer.t = m, v, t
    return done


def _vector(file: BinaryIO, name: str, like: Array) -> Array:
    """A copy of the numbers under this name, if they are as many and as precise as `like`."""
    vector = npz.numbers(file, name)
    if (vector.shape, vector.dtype) != (like.shape, like.dtype) or not np.isfinite(vector).all():
        raise ValueError(
            f"{name} must be finite numbers, {like.dtype} of shape {like.shape}; "
            f"got {vector.dtype} of shape {vector.shape}"
        )
    return vector.copy()


def _count(file: BinaryIO, name: str) -> int:
    """The whole number under this name."""
    number = npz.numbers(file, name)
    if number.shape != () or number.dtype.kind not in "iu" or number < 1:
        raise ValueError(f"{name} must be a whole number from 1, got {number}")
    return int(number)
