"""Fuzzing `wire.unpack`: what a student's code sends to the program that grades."""

import base64
import contextlib
import io
import json

import numpy as np
from fuzzing import MB, NUMBERS, PLAIN, TEXTS, VALUES, Outcome, attempt, damaged, fuzz
from hypothesis import strategies as st

from netlib.classroom import check_value, checks, wire

ARRAYS = st.tuples(
    st.sampled_from(
        ["<f8", "<i8", "|b1", "<c16", "<U2", "|O", "|V9", "<M8[s]", "f4,f4", "os.abort"]
    )
    | st.sampled_from(["<U99999999", "(9999999,)f4", "|V999999999"])
    | VALUES,
    st.lists(NUMBERS, max_size=4) | st.sampled_from([[2**31], [10**9, 0], [1] * 99]) | VALUES,
    st.binary(max_size=32).map(lambda data: base64.b64encode(data).decode()) | TEXTS,
)
NUMBER_TEXTS = st.sampled_from(["1e999999999", "9" * 10_000_000, "-" * 99 + "1", "²", "nan", "0x1"])
PARTS = st.recursive(
    st.one_of(
        PLAIN,
        st.builds(dict, number=NUMBERS.map(str) | NUMBER_TEXTS | TEXTS),
        st.builds(dict, array=ARRAYS),
        st.builds(dict, formula=st.just("__import__('builtins').__dict__.update(sprung=1)")),
    ),
    lambda inside: st.one_of(
        st.builds(dict, list=st.lists(inside, max_size=4)),
        st.builds(dict, tuple=st.lists(inside, max_size=4)),
        st.builds(dict, dict=st.lists(st.lists(inside, min_size=1, max_size=3), max_size=3)),
    ),
    max_leaves=8,
)
GOOD = wire.pack([1, 0.5, "a", (True, None), {"k": np.ones((2, 3))}]).encode()
INPUTS = st.one_of(
    PARTS.map(json.dumps),
    VALUES.map(json.dumps),
    damaged(GOOD).map(lambda text: text.decode(errors="replace")),
    st.sampled_from(
        ["[" * 100_000, '{"list":[' * 5000, '{"number":"' + "9" * 10_000_000 + '"}', "9" * 100_000]
    ),
    TEXTS,
)


def check(text: str) -> Outcome:
    """A value that can be sent back and judged, or a ValueError."""
    # JSON makes at most an object of 64 bytes out of three characters
    outcome = attempt(lambda: wire.unpack(text), ValueError, 2 * MB + 40 * len(text))
    assert len(outcome.message) < 1000, "nobody can read so long a message"
    if outcome.word == "accepted":
        for expected in (1.0, "a", [[1.0, 2.0]], {"a": 1}, np.ones(2)):
            checks.outcomes.clear()
            with contextlib.redirect_stdout(io.StringIO()):
                check_value("answer", outcome.result, expected)
            assert len(checks.outcomes) == 1
    return outcome


def test_a_message_from_a_student_is_a_value_or_refused():
    fuzz(INPUTS, check, 250, derandomize=True)
