"""What all fuzz targets share: hostile values, damaged files, and what may come of them."""

import builtins
import tracemalloc
from collections.abc import Callable
from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

MB = 2**20
SCRIPT = "<img src=x onerror='sprung = 1'><script>sprung = 1</script>"


class Outcome(NamedTuple):
    """What came of one input: "accepted" or the name and message of a documented error."""

    word: str
    message: str
    result: Any
    peak: int  # bytes of memory


class Trap:
    """Unpickling this sets a mark that `attempt` finds."""

    def __reduce__(self):
        return exec, ("import builtins; builtins.sprung = True",)


def attempt(action: Callable[[], Any], documented: type[Exception], most: int) -> Outcome:
    """Run the action: it may raise only the documented error, take so many bytes, and run nothing."""
    tracemalloc.start()
    try:
        result, word, message = action(), "accepted", ""
    except documented as error:
        result, word, message = None, documented.__name__, str(error)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak <= most, f"{peak / MB:.1f} MB of memory, and at most {most / MB:.1f} MB are right"
    assert not vars(builtins).pop("sprung", False), "code from the input was run"
    return Outcome(word, message, result, peak)


def fuzz(inputs: st.SearchStrategy, check: Callable[[Any], Outcome], examples: int, **chosen):
    """Check so many inputs; the smallest one that fails is in the error."""

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        **chosen,
    )
    @given(inputs)
    def run(value):
        check(value)

    run()


# --- hostile values -----------------------------------------------------------------------

NUMBERS = st.one_of(
    st.integers(-2, 12),
    st.floats(),
    st.sampled_from([2**31, 2**40, 2**63, 2**64 - 1, -(2**70), 10**400, 1e308, -1e308, 5e-324]),
)
TEXTS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        [
            "__import__",
            "os.abort",
            "__proto__",
            "constructor",
            "toString",
            "1e999",
            SCRIPT,
            "\ud800",
        ]
    ),
    st.sampled_from(["9" * 5000, "x" * 5000]),
)
PLAIN = st.none() | st.booleans() | NUMBERS | TEXTS
VALUES = st.recursive(
    PLAIN,
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(TEXTS, inside, max_size=3),
    max_leaves=12,
)


@st.composite
def damaged(draw, whole: bytes) -> bytes:
    """A file in which a few stretches were cut out, put in or replaced."""
    content = bytearray(whole)
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(content)))
        length = draw(st.integers(0, 8) | st.just(len(content)))
        new = st.binary(max_size=8) | st.sampled_from([b"\xff" * 4, b"\xff\xff\xff\x7f", bytes(8)])
        content[start : start + length] = draw(new)
    return bytes(content)
