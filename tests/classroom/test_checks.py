"""What a check says, and what passes between the grader and a student's kernel."""

import contextlib
import fractions
import json

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from netlib.classroom import case, check, check_hidden, check_property, check_value, checks, wire
from netlib.classroom.session import Session

# --- what a check says --------------------------------------------------------------------


@pytest.fixture(autouse=True)
def quiet(capsys):
    checks.outcomes.clear()
    yield
    checks.outcomes.clear()


def said():
    (outcome,) = checks.outcomes
    return outcome.mark, outcome.sentence


def double(x):
    return 2 * x


def same(x):
    return x


def test_a_right_answer():
    check(double, case(1, gives=2), case(-3.0, gives=-6.0))
    assert said() == ("✓", "double: 2 examples right")


def test_a_wrong_answer_is_named_with_the_likely_mistake():
    check(same, case(1.5, gives=3.0, mistakes={"Nothing was doubled.": 1.5}))
    assert said() == ("✗", "same(1.5): came out 1.5, expected 3. Likely: Nothing was doubled.")


def test_no_answer():
    check(lambda x: None, case(1, gives=2))
    assert said()[0] == "–"
    checks.outcomes.clear()
    check_value("steps", ..., 3)
    assert said() == ("–", "steps: not answered yet")


def test_an_input_that_was_changed():
    def add_one(x):
        x += 1
        return x

    check(add_one, case(np.array([1.0]), gives=np.array([2.0])))
    assert said()[0] == "✗" and "changes its input" in said()[1]


def test_results_in_lists_are_found_by_their_places():
    check(same, case((np.eye(2), [1.0]), gives=(np.eye(2), [2.0])))
    assert "[1]: came out [1], expected [2]" in said()[1]
    checks.outcomes.clear()
    nested = [[np.eye(2), np.eye(2)]]
    check(same, case(nested, gives=[[np.eye(2), np.ones((2, 2))]]))
    assert "[0][1]: came out" in said()[1]


def test_shapes_that_do_not_fit_are_said_in_words_and_with_the_line():
    code = "import numpy as np\ndef f(a):\n    b = 1\n    return a @ np.ones((3, 2))\n"
    with Session(sandbox=False) as session:
        session.run(code, 20)
        with pytest.raises(checks.Stopped) as stopped:
            session.ask("f", (np.ones((4, 2)),), 20)
    assert str(stopped.value) == (
        "it stopped with ValueError: the shapes do not fit for @: 2 and 3 must be equal, "
        "in the line `return a @ np.ones((3, 2))`"
    )


ODD = [
    object(), "text", [], {}, float("nan"), 10**5000, [1, [2]], np.array(["a"]), lambda: 0,
    np.zeros((0, 3)), {"a": object()}, 1j, b"bytes", True,
]  # fmt: skip


@pytest.mark.parametrize("value", ODD, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("expected", [3.0, "no", [1.0, 2.0], np.eye(2), {"b": 1.0}])
def test_whatever_comes_out_is_wrong_and_raises_nothing(value, expected):
    check_value("the value", value, expected)
    assert said()[0] == "✗" and len(said()[1]) < 2000


@pytest.mark.parametrize("value", [3 + 4j, np.complex64(3 + 4j), np.array([3 + 4j]), [3, 4j]])
def test_what_is_not_real_is_wrong_even_if_its_real_part_is_right(value):
    check_value("the value", value, np.real(value))
    assert said()[0] == "✗" and "complex" in said()[1]


def test_a_check_of_a_property_survives_a_wrong_form():
    check_property(same, "text", holds=lambda result: "" if result.shape else "no")
    assert said()[0] == "✗"


def hidden_inputs():
    seen = []
    check_hidden(lambda x: seen.append(x) or x, same, lambda rng: (rng.normal(),))
    return seen


def test_hidden_inputs_stay_as_they_are_while_nothing_changes(monkeypatch):
    monkeypatch.setattr(checks, "secret", "of this course")
    first = hidden_inputs()
    assert first == hidden_inputs() and len(set(first)) == 20
    monkeypatch.setattr(checks, "secret", "of another one")
    assert not set(first) & set(hidden_inputs())


# --- what passes --------------------------------------------------------------------------

NUMBERS = st.integers() | st.floats() | st.booleans() | st.none() | st.text()
VALUES = st.recursive(
    NUMBERS | arrays(np.float64, array_shapes()),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner),
    max_leaves=8,
)


def equal(one, other):
    if type(one) is not type(other):
        return False
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(equal(*pair) for pair in zip(one, other, strict=True))
    if isinstance(one, (float, np.ndarray)):
        return np.array_equal(one, other, equal_nan=True)
    return one == other


@given(VALUES)
def test_what_was_sent_arrives(value):
    assert equal(value, wire.unpack(wire.pack(value)))


class Row(list):
    """A list of its own kind."""


@pytest.mark.parametrize(
    ("value", "arrives"),
    [
        (np.True_, True),
        (np.float32(0.5), 0.5),
        (np.int8(3), 3),
        (np.longdouble(0.5), np.array(0.5)),
        (Row([1, 2]), [1, 2]),
        (range(3), np.array([0.0, 1.0, 2.0])),
        (np.array([1, 2], dtype=object), np.array([1.0, 2.0])),
        (pandas.DataFrame({"a": [1, 2]}), np.array([[1.0], [2.0]])),
        (fractions.Fraction(1, 4), np.array(0.25)),
    ],
)
def test_what_counts_as_numbers_in_the_notebook_counts_for_the_grader_too(value, arrives):
    assert equal(wire.unpack(wire.pack(value)), arrives)


@given(st.dictionaries(st.text(), NUMBERS, max_size=4))
def test_a_dictionary_arrives(value):
    arrived = wire.unpack(wire.pack(value))
    assert list(arrived) == list(value)
    assert all(equal(value[key], arrived[key]) for key in value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["number", "list", "tuple", "dict", "array", "formula"]),
            inner,
            max_size=1,
        )
    ),
    max_leaves=10,
)


@given(JSON.map(json.dumps) | st.text())
def test_what_was_not_sent_by_us_gives_a_value_or_a_value_error(text):
    with contextlib.suppress(ValueError):
        wire.unpack(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"formula": "lambda: __import__(\'os\').abort()"}',
        '{"array": ["|O", [1], "AAAAAAAAAAA="]}',
        '{"array": ["<f8", [1000000000, 0], ""]}',
        '{"number": "' + "9" * 5000 + '"}',
        '{"list": [' * 30 + "]}" * 30,
        "[" * 100_000,
        "x" * (wire.LARGEST + 1),
    ],
    ids=lambda text: text[:20],
)
def test_what_could_do_harm_is_refused(text):
    with pytest.raises(ValueError, match="came"):
        wire.unpack(text)
