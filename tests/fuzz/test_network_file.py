"""Fuzzing `Network.load`: a file that anyone may have made."""

import builtins
import functools
import io
import json
import pathlib
import tempfile

import numpy as np
import pytest
from archives import archives, bomb, claims_2_gb, most_memory, parts, text_of
from fuzzing import NUMBERS, TEXTS, VALUES, Outcome, Trap, attempt, damaged, fuzz
from hypothesis import strategies as st

from netlib import Conv2D, Dense, Dropout, Flatten, MaxPool2D, Network
from netlib.layers import Layer
from netlib.pruning import prune

NUMBER = st.integers(1, 4) | NUMBERS
SIZES = st.lists(NUMBER, min_size=3, max_size=3)
FUNCTION = st.sampled_from(["relu", "softmax", "identity"]) | TEXTS
LAYERS = st.lists(
    st.one_of(
        st.tuples(st.just("Dense"), NUMBER, NUMBER, FUNCTION),
        st.tuples(st.just("Conv2D"), SIZES, NUMBER, NUMBER, FUNCTION),
        st.tuples(st.just("MaxPool2D"), SIZES, NUMBER),
        st.tuples(st.just("Flatten"), SIZES),
        st.tuples(st.just("Dropout"), NUMBER | SIZES, NUMBER),
        st.lists(st.sampled_from(["Dense", "Layer", "Flatten", "os.abort"]) | VALUES, max_size=5),
    ),
    max_size=3,
)
LAYER_TEXTS = st.one_of(
    LAYERS.map(json.dumps),
    LAYERS.map(json.dumps),
    VALUES.map(json.dumps),
    st.sampled_from(["[" * 100_000, '[["Dense",' + "9" * 5000, "[[[" * 300 + "]]]" * 300]),
)


@functools.cache
def whole_files() -> list[bytes]:
    """Files as `save` writes them."""
    dense = Network([Dense(2, 3, "relu"), Dropout(3, 0.5), Dense(3, 2, "softmax")], rng=0)
    prune(dense, 0.5)
    image = [Conv2D((4, 4, 1), 2, 2, "relu"), MaxPool2D((3, 3, 2), 2), Flatten((1, 1, 2))]
    files = []
    with tempfile.TemporaryDirectory() as folder:
        for net in (dense, Network([*image, Dense(2, 2, "softmax")], rng=0, dtype=np.float64)):
            net.save(pathlib.Path(folder, "net.npz"))
            files.append(pathlib.Path(folder, "net.npz").read_bytes())
    return files


DENSE = {"format": "netlib-network-2", "layers": json.dumps([["Dense", 2, 1, "relu"]])}
TWO = np.array([2, 1, 0], np.uint8).view(bool)  # a truth value that is neither 0 nor 1
ARCHIVES = archives(
    DENSE | {"theta": np.ones(3, np.float32), "mask": np.ones(0, bool)},
    {
        "format": parts("netlib-network-1", "netlib-network-9", ""),
        "layers": text_of(LAYER_TEXTS) | text_of(LAYER_TEXTS) | parts(DENSE["layers"], 7),
        "theta": parts(*(np.ones(k, np.float32) for k in (0, 2, 3, 8, 9)), [1, np.nan, 1]),
        "mask": parts([True, False, True], TWO, TWO, [True], [1, 0, 1], ""),
    },
)
INPUTS = st.one_of(
    ARCHIVES,
    ARCHIVES,
    st.deferred(lambda: st.sampled_from(whole_files()).flatmap(damaged)),
    st.deferred(lambda: st.sampled_from([bomb(**DENSE), *map(claims_2_gb, whole_files())])),
    st.binary(max_size=200),
)


def check(content: bytes) -> Outcome:
    """The file is refused, or the network works, and is the same after it was saved again."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "net.npz")
        path.write_bytes(content)
        outcome = attempt(lambda: Network.load(path), ValueError, most_memory(content))
        if (net := outcome.result) is None:
            assert f"{path} is not a whole network saved by netlib" in outcome.message
            assert outcome.message.endswith("; save it again") and len(outcome.message) < 1000
            return outcome
        assert all(isinstance(layer, Layer) for layer in net.layers)
        assert net.theta.size == sum(layer.W.size + layer.b.size for layer in net.layers)
        assert np.isfinite(net.theta).all()
        if net.mask is not None:
            assert set(net.mask.view(np.uint8)) <= {0, 1} and not net.theta[~net.mask].any()
        net.save(path)
        twin = Network.load(path)
        assert repr(twin) == repr(net) and (twin.theta == net.theta).all()
    return outcome


def test_a_hostile_file_is_refused_or_is_a_whole_network():
    fuzz(INPUTS, check, 250, derandomize=True)


@pytest.mark.parametrize("content", whole_files(), ids=["dense", "images"])
def test_the_files_to_be_damaged_are_whole(content):
    assert check(content).word == "accepted"


def test_a_truth_value_of_2_is_refused():
    file = io.BytesIO()
    np.savez(file, **DENSE, theta=np.ones(3, np.float32), mask=TWO)
    assert "neither 0 nor 1" in check(file.getvalue()).message


def test_the_trap_is_one():
    file = io.BytesIO()
    np.savez(file, theta=np.array([Trap()], object))
    file.seek(0)
    np.load(file, allow_pickle=True)["theta"]
    assert vars(builtins).pop("sprung")
