"""Fair timing: the contenders take turns, and a ratio compares their best times.

Whatever else this machine does can only add to a time, and adds most to those who need both
cores. So the best of many rounds comes nearest to the work itself, and it is what repeats from
run to run. Taking turns gives everyone the same chance of a quiet moment.
"""

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from threadpoolctl import ThreadpoolController

from benchmarks.pytorch import torch


@dataclass(frozen=True)
class Task:
    """Something to be timed: who does it, with which setting, on how many threads."""

    contender: str
    setting: str
    threads: int
    run: Callable[[], object]


def alternate(tasks, rounds, warm_up=True):
    """Time each task once a round; returns the seconds, (rounds, tasks)."""
    if warm_up:
        one_round(tasks)
    return np.array([one_round(tasks) for _ in range(rounds)])


def one_round(tasks):
    """Time each task once, in turn."""
    seconds = []
    for task in tasks:
        wait_for_rest()
        use_threads(task.threads)
        start = time.perf_counter()
        task.run()
        seconds.append(time.perf_counter() - start)
    return seconds


def wait_for_rest():
    """Wait until this process is idle, at most half a second.

    After a matrix product on two threads, OpenBLAS's second thread keeps a core busy for another
    0.1 s, waiting for more. Who came next would have to share that core.
    """
    for _ in range(50):
        before = time.process_time()
        time.sleep(0.01)
        if time.process_time() - before < 0.003:
            return


def fastest(tasks, rounds):
    """The task with the shortest time in any round."""
    seconds = alternate(tasks, rounds)
    return tasks[seconds.min(axis=0).argmin()]


def use_threads(number):
    """Let NumPy's matrix products, and PyTorch, run on so many threads."""
    thread_pools().limit(limits=number)
    if torch is not None:
        torch.set_num_threads(number)


@functools.cache
def thread_pools():
    """The libraries in this process that can use several threads."""
    return ThreadpoolController()


def in_words(threads):
    return "1 thread" if threads == 1 else f"{threads} threads"
