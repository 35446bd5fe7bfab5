"""Checkpoints: how far a long training has come, so that it goes on from there if it is stopped."""

import json
import os
import pathlib
from typing import Any

import numpy as np
import pooch

from netlib.network import DAMAGE, Network
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
        with np.load(path, allow_pickle=False) as file:
            if str(file["settings"]) != json.dumps(settings):
                return 0
            net.theta = file["theta"]
            optimizer.m, optimizer.v, optimizer.t = file["m"], file["v"], int(file["t"])
            return int(file["done"])
    except DAMAGE as error:
        raise ValueError(
            f"{path} is not a whole checkpoint ({error}); remove it to train from the beginning"
        ) from error
