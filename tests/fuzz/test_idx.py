"""Fuzzing the reader of IDX files, whose header says how many numbers there are."""

import math
import struct

import numpy as np
from fuzzing import MB, Outcome, attempt, damaged, fuzz
from hypothesis import strategies as st

from netlib.data.idx import read_idx


def idx(sizes: tuple[int, ...], data: bytes) -> bytes:
    """An IDX file of unsigned bytes."""
    return bytes([0, 0, 8, len(sizes)]) + struct.pack(f">{len(sizes)}I", *sizes) + data


SIZE = st.integers(0, 4) | st.sampled_from([2**16, 2**31, 2**32 - 1])
SIZES = st.lists(SIZE, max_size=5).map(tuple) | st.lists(SIZE, max_size=255).map(tuple)
SMALL = st.lists(st.integers(0, 4), min_size=1, max_size=4).map(tuple)
WHOLE = SMALL.map(lambda sizes: idx(sizes, bytes(k % 256 for k in range(math.prod(sizes)))))
INPUTS = st.one_of(
    WHOLE,
    WHOLE.flatmap(damaged),
    st.builds(idx, SIZES, st.binary(max_size=64)),
    st.just(idx((2**31, 28, 28), bytes(784))),
    st.binary(max_size=64),
)


def check(content: bytes) -> Outcome:
    """Each byte after the header is one number, and no copy was made; or it is refused."""
    outcome = attempt(lambda: read_idx(content), ValueError, MB)
    if (array := outcome.result) is not None:
        assert array.dtype == np.uint8 and array.ndim == content[3]
        assert content == idx(array.shape, array.tobytes())
        assert np.shares_memory(array, np.frombuffer(content, np.uint8)) or not array.size
    return outcome


def test_an_idx_file_is_read_whole_or_refused():
    fuzz(INPUTS, check, 250, derandomize=True)
