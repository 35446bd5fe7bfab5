"""Fuzzing `checkpoint.load`: a file that was damaged, or put in place of the checkpoint."""

import functools
import io
import json
import pathlib
import tempfile

import numpy as np
from archives import archives, bomb, claims_2_gb, most_memory, parts
from fuzzing import Outcome, attempt, damaged, fuzz
from hypothesis import strategies as st

from netlib import Adam, Dense, Network
from netlib.studies import checkpoint

SETTINGS = {"seed": 1}
TEXT = json.dumps(SETTINGS)
THREE = np.ones(3, np.float32)
VECTORS = parts(-THREE, THREE * np.inf, np.ones(3), np.ones(4, np.float32), THREE[:1])
COUNTS = parts(1, 0, -1, 1.5, True, np.inf, np.nan, [2], 2**64 - 1, "2")


def network() -> Network:
    """A network of three parameters, all 0."""
    net = Network([Dense(2, 1, "sigmoid")], rng=0)
    net.theta[:] = 0
    return net


@functools.cache
def whole_file() -> bytes:
    """A file as `save` writes it."""
    net, optimizer = network(), Adam()
    optimizer.step(net.theta, np.ones(3, np.float32))
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "checkpoint.npz")
        checkpoint.save(path, SETTINGS, net, optimizer, 3)
        return path.read_bytes()


ARCHIVES = archives(
    {"settings": TEXT, "theta": THREE, "m": THREE, "v": THREE, "t": 2, "done": 2},
    {
        "settings": parts("", "[]"),
        "theta": VECTORS,
        "m": VECTORS,
        "v": VECTORS,
        "t": COUNTS,
        "done": COUNTS,
    },
)
INPUTS = st.one_of(
    ARCHIVES,
    ARCHIVES,
    st.deferred(lambda: damaged(whole_file())),
    st.deferred(lambda: st.sampled_from([bomb(settings=TEXT), claims_2_gb(whole_file())])),
)


def check(content: bytes) -> Outcome:
    """All of the checkpoint is put back, so that training can go on, or nothing is changed."""
    net, optimizer = network(), Adam()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "checkpoint.npz")
        path.write_bytes(content)
        outcome = attempt(
            lambda: checkpoint.load(path, SETTINGS, net, optimizer),
            ValueError,
            most_memory(content),
        )
    if outcome.result:
        assert isinstance(outcome.result, int) and isinstance(optimizer.t, int)
        assert (optimizer.v >= 0).all()
        optimizer.step(net.theta, np.ones(3, np.float32))
        assert np.isfinite(net.theta).all()
    else:
        assert not net.theta.any()
        assert (optimizer.m, optimizer.v, optimizer.t) == (None, None, 0)
    return outcome


def test_a_hostile_checkpoint_changes_nothing_or_is_whole():
    fuzz(INPUTS, check, 250, derandomize=True)


def test_the_file_to_be_damaged_is_whole():
    assert check(whole_file()).result == 3


def test_squares_below_0_are_refused():
    file = io.BytesIO()
    np.savez(file, settings=TEXT, theta=THREE, m=THREE, v=-THREE, t=2, done=2)
    assert "v must be means of squares" in check(file.getvalue()).message
