"""Hostile inputs for what reads files, messages and states from others, new ones each time.

    PYTHONPATH=. python tests/fuzz --seconds 60 [TARGET ...]

Prints for each target how many inputs were tried and what came of them. An input with which
something else happens than the documented errors ends the run, made as small as possible.
"""

import argparse
import collections
import contextlib
import functools
import time
from collections.abc import Callable, Iterator

import test_checkpoint
import test_feedback
import test_figure_page
import test_figure_state
import test_idx
import test_message
import test_mnist_file
import test_network_file
import test_submission
from fuzzing import MB, fuzz
from playwright.sync_api import sync_playwright

from tools.chromium import QUIET, find_chromium

TARGETS = {
    "Network.load": test_network_file,
    "checkpoint.load": test_checkpoint,
    "read_idx": test_idx,
    "a file of MNIST": test_mnist_file,
    "wire.unpack": test_message,
    "submissions": test_submission,
    "feedback": test_feedback,
    "figures in Python": test_figure_state,
    "figures in a page": test_figure_page,
}
AT_ONCE = 100  # inputs before the clock is looked at


def run(name: str, inputs, check: Callable, seconds: float) -> str:
    """Try inputs until the time is over; the line of the table."""
    words: collections.Counter[str] = collections.Counter()
    peak, start = 0, time.monotonic()

    def noted(value):
        nonlocal peak
        outcome = check(value)
        words[outcome.word] += 1
        peak = max(peak, outcome.peak)

    while time.monotonic() - start < seconds:
        fuzz(inputs, noted, AT_ONCE)
    came = ", ".join(f"{count:,} {word}" for word, count in words.most_common())
    took = time.monotonic() - start
    return f"{name:20} {words.total():>8,} {peak / MB:>8.1f} {took:>8.0f}  {came}"


@contextlib.contextmanager
def check_of(target) -> Iterator[Callable]:
    """What checks an input of this target; figures need a page to be drawn in."""
    if target is not test_figure_page:
        yield target.check
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=QUIET)
        yield functools.partial(target.check, target.open_figures(browser))
        browser.close()


def main() -> None:
    """Read the command line, and fuzz."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=float, default=60, help="for each target")
    chosen = parser.parse_args()
    print(f"{'target':20} {'inputs':>8} {'peak MB':>8} {'seconds':>8}  what came of them")
    for name in chosen.targets or TARGETS:
        target = TARGETS[name]
        with check_of(target) as check:
            print(run(name, target.INPUTS, check, chosen.seconds), flush=True)


if __name__ == "__main__":
    main()
