"""Fuzzing `checkpoint.load`: a file that was damaged, or put in place of the checkpoint."""

import copy
import functools
import io
import json
import pathlib
import tempfile

import numpy as np
from archives import archives, bomb, claims_2_gb, most_memory, npy, parts
from fuzzing import TEXTS, VALUES, Outcome, attempt, damaged, fuzz
from hypothesis import strategies as st

from netlib import Adam, Dense, Network, checkpoint, npz

TRAINING = "abc"
THREE = np.ones(3, np.float32)
VECTORS = parts(-THREE, THREE * np.inf, np.ones(3), np.ones(4, np.float32), THREE[:1])


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
        checkpoint.save(path, TRAINING, 3, net, optimizer, np.random.default_rng(0))
        return path.read_bytes()


@functools.cache
def whole_state() -> dict:
    """The text of that file."""
    return json.loads(npz.text(io.BytesIO(whole_file()), "state"))


@st.composite
def states(draw) -> bytes:
    """A text in which one thing is not as `save` writes it."""
    state = copy.deepcopy(whole_state())
    rng = state["rng"]
    inside = draw(st.sampled_from([state, state["numbers"], rng, rng["state"]]))
    inside[draw(st.sampled_from(sorted(inside)) | TEXTS)] = draw(VALUES)
    return npy(np.array(json.dumps(state)))


ARCHIVES = st.deferred(
    lambda: archives(
        {
            "state": json.dumps(whole_state()),
            "theta": THREE,
            "mask": [True] * 3,
            "m": THREE,
            "v": THREE,
        },
        {
            "state": states() | parts("", "[]", "[" * 9000),
            "theta": VECTORS,
            "mask": parts(THREE, [False] * 3, [True], [[True] * 3], []),
            "m": VECTORS,
            "v": VECTORS,
        },
    )
)
INPUTS = st.one_of(
    ARCHIVES,
    ARCHIVES,
    st.deferred(lambda: damaged(whole_file())),
    st.deferred(
        lambda: st.sampled_from([bomb(state=json.dumps(whole_state())), claims_2_gb(whole_file())])
    ),
)


def check(content: bytes) -> Outcome:
    """All of the checkpoint is put back, so that training can go on, or nothing is changed."""
    net, optimizer, rng = network(), Adam(), np.random.default_rng(7)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "checkpoint.npz")
        path.write_bytes(content)
        outcome = attempt(
            lambda: checkpoint.load(path, TRAINING, net, optimizer, rng),
            ValueError,
            most_memory(content),
        )
    assert vars(optimizer).keys() == vars(Adam()).keys()
    if outcome.word == "accepted":
        assert isinstance(outcome.result, int) and np.isfinite(net.theta).all()
        assert optimizer.m.shape == optimizer.v.shape == net.theta.shape
        assert 0 <= rng.random() < 1
    else:
        assert not net.theta.any() and net.mask is None
        assert vars(optimizer) == vars(Adam())
        assert rng.bit_generator.state == np.random.default_rng(7).bit_generator.state
    return outcome


def test_a_hostile_checkpoint_changes_nothing_or_is_whole():
    fuzz(INPUTS, check, 250, derandomize=True)


def test_the_file_to_be_damaged_is_whole():
    assert check(whole_file()).result == 3


def test_what_the_optimizer_does_not_have_is_refused():
    state = copy.deepcopy(whole_state())
    state["numbers"]["step"] = 5  # would be called in place of the method
    file = io.BytesIO()
    np.savez(file, state=json.dumps(state), theta=THREE, mask=np.ones(0, bool), m=THREE, v=THREE)
    assert "Adam has learning_rate, beta1" in check(file.getvalue()).message
