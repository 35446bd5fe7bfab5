"""Peak memory: the most RAM that a process of its own ever held, all that it imports included."""

import pathlib
import subprocess
import sys
import tempfile

import numpy as np

from benchmarks.table import Row

SECTION = "Peak memory of a process that trains the paper's network"


def run(halves, effort):
    with tempfile.TemporaryDirectory() as folder:
        X, y = pathlib.Path(folder, "X.npy"), pathlib.Path(folder, "y.npy")
        np.save(X, halves.X)
        np.save(y, halves.y)
        data = halves.X.nbytes / 1e6
        return [
            row(
                "before training",
                peak(X, y, epochs=0),
                f"netlib imported, {data:.0f} MB of images loaded",
            ),
            row("training", peak(X, y, effort.epochs), f"limit: {limit(halves):.0f} MB"),
        ]


def limit(halves):
    """Twice the data and 100 MB, in MB."""
    return 2 * halves.X.nbytes / 1e6 + 100


def row(case, megabytes, note):
    return Row(SECTION, case, "netlib", best=megabytes, median=megabytes, unit="MB", note=note)


def peak(X, y, epochs):
    """What `memory_of_one.py` says, in MB, or None where it cannot tell."""
    command = [sys.executable, "-m", "benchmarks.memory_of_one", X, y, str(epochs)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return int(answer) / 1e6 if answer.strip() else None
