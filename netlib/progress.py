"""A progress bar, where a person is watching."""

import sys
import threading
from collections.abc import Iterable
from typing import Any, TypeVar

from tqdm.auto import tqdm

Item = TypeVar("Item")
tqdm.monitor_interval = 0  # without its helper thread: Python in a browser has no threads
tqdm.set_lock(threading.RLock())  # its own is shared with forks: one killed would stop the others


def is_watched() -> bool:
    """True in a terminal, and in a notebook whose user could answer a question.

    A notebook that is run by a program (nbval, nbconvert, `make refresh`) is not watched: such
    programs tell the kernel that nobody is there to type.
    """
    if "ipykernel.kernelapp" in sys.modules:  # a kernel in a browser has no such module
        from ipykernel.kernelapp import IPKernelApp

        if IPKernelApp.initialized():
            kernel = IPKernelApp.instance().kernel
            return bool(getattr(kernel, "_allow_stdin", False))  # False: nobody is there
    return sys.stderr is not None and sys.stderr.isatty()


def progress(items: Iterable[Item]) -> Iterable[Item]:
    """Go through `items`, with a bar that counts them where a person is watching.

    for seed in progress(range(30)): ...
    """
    bar: Iterable[Item] = tqdm(items, delay=2, leave=False, disable=not is_watched())
    return bar


def progress_bar(total: int, description: str, unit: str) -> Any:
    """A tqdm bar that appears after two seconds and goes when it is done.

    Use it in a ``with`` block and call its ``update()``. It shows nothing when nobody watches.
    """
    return tqdm(
        total=total, desc=description, unit=unit, delay=2, leave=False, disable=not is_watched()
    )
