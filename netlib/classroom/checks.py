"""Say at once whether an answer is right: what came out, what was expected, the likely mistake.

A check prints one line that begins with ✓ (right), ✗ (wrong) or – (not answered yet), and never
raises. `outcomes` collects the same for the program that grades.
"""

import hashlib
import re
import traceback
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import numpy as np

RTOL, ATOL = 1e-6, 1e-9
NOTHING = "{}: not answered yet (it returns nothing)"
MATMUL = re.compile(r"matmul: .*\(size (\d+) is different from (\d+)\)")


class Stopped(Exception):
    """An answer could not be computed; the message says why, in words for the student."""


class Absent:
    """In place of an answer that is not there: why it is not."""

    def __init__(self, name: str, why: str) -> None:
        self.__name__, self.why = name, why

    def __call__(self, *arguments: Any) -> Any:
        raise Stopped(self.why)


@dataclass
class Outcome:
    """One check: its ✓, ✗ or –, and the sentence that was printed."""

    mark: str
    sentence: str


@dataclass
class Case:
    """One example of a check: the arguments, what must come out, what comes out by mistake."""

    arguments: tuple[Any, ...]
    gives: Any
    mistakes: Mapping[str, Any] = field(default_factory=dict)


outcomes: list[Outcome] = []
secret = ""  # what the seeds of hidden inputs are made from, besides the name of the function


def case(*arguments: Any, gives: Any, mistakes: Mapping[str, Any] | None = None) -> Case:
    """An example for `check`: for these arguments `gives` must come out.

    Parameters
    ----------
    *arguments
        What the function is called with.
    gives
        The right result: numbers, arrays, text, or lists and tuples of them.
    mistakes : dict of str to results, optional
        Sentences for the student, each with the result that this mistake gives.

    Returns
    -------
    Case
        The example.
    """
    return Case(arguments, gives, mistakes or {})


def check(function: Callable[..., Any] | None, *cases: Case) -> None:
    """Call a student's function with examples, and print the first thing that is wrong.

    Parameters
    ----------
    function : callable
        The student's answer. A function that returns None counts as not answered yet.
    *cases : Case
        Examples, from `case`.
    """
    name = _name(function)
    for example in cases:
        mark, sentence = _try(function, example)
        if mark != "✓":
            _say(mark, sentence)
            return
    count = "1 example" if len(cases) == 1 else f"{len(cases)} examples"
    _say("✓", f"{name}: {count} right")


def check_value(
    name: str, value: Any, gives: Any, mistakes: Mapping[str, Any] | None = None
) -> None:
    """Compare a student's result with the right one.

    Parameters
    ----------
    name : str
        What the student calls it.
    value
        The student's result. None and ... count as not answered yet.
    gives
        The right result.
    mistakes : dict of str to results, optional
        Sentences for the student, each with the result that this mistake gives.
    """
    if value is None or value is ...:
        _say("–", f"{name}: not answered yet")
    elif isinstance(value, Absent):
        _say("✗", f"{name}: {value.why}")
    elif difference := _difference(value, gives):
        _say("✗", f"{name}: {difference}.{_likely(value, mistakes or {})}")
    else:
        _say("✓", f"{name}: right")


def check_hidden(
    function: Callable[..., Any] | None,
    right: Callable[..., Any],
    inputs: Callable[[np.random.Generator], tuple[Any, ...]],
    mistakes: Mapping[str, Callable[..., Any]] | None = None,
    number: int = 20,
) -> None:
    """Compare a student's function with the right one on random inputs that nobody has seen.

    It names a likely mistake, and neither the inputs nor the right results. The seed is made
    from `secret` and the name of the function, so that grading twice gives the same.

    Parameters
    ----------
    function : callable
        The student's answer.
    right : callable
        The teacher's solution.
    inputs : callable
        From a random generator, the arguments of one call.
    mistakes : dict of str to callable, optional
        Sentences for the student, each with a function that makes this mistake.
    number : int
        How many calls.
    """
    name = _name(function)
    rng = np.random.default_rng(list(hashlib.sha256(f"{secret}{name}".encode()).digest()))
    wrong: list[tuple[tuple[Any, ...], Any]] = []
    for _ in range(number):
        arguments = inputs(rng)
        example = Case(arguments, right(*deepcopy(arguments)))
        result = _answer(function, arguments, f"{name}, with other inputs")
        if result is None:
            return
        if _difference(result, example.gives):
            wrong.append((arguments, result))
    if not wrong:
        _say("✓", f"{name}: right for {number} other inputs")
        return
    sentence = f"{name}: wrong for {len(wrong)} of {number} other inputs."
    for hint, mistaken in (mistakes or {}).items():
        if all(_explains(mistaken, arguments, result) for arguments, result in wrong):
            sentence += f" Likely: {hint}"
            break
    _say("✗", sentence)


def _explains(mistaken: Callable[..., Any], arguments: tuple[Any, ...], result: Any) -> bool:
    """Whether a mistake gives this result; one that cannot be computed explains nothing."""
    try:
        return not _difference(result, mistaken(*deepcopy(arguments)))
    except Exception:
        return False


def check_property(
    function: Callable[..., Any] | None, *arguments: Any, holds: Callable[[Any], str]
) -> None:
    """Call a student's function, and judge what came out by what must hold for it.

    Parameters
    ----------
    function : callable
        The student's answer.
    *arguments
        What it is called with.
    holds : callable
        From the result: nothing if all is well, or the sentence that says what is wrong.
    """
    name = _name(function)
    call = f"{name}({', '.join(map(show, arguments))})"
    result = _answer(function, arguments, call)
    if result is None:
        return
    try:
        wrong = holds(result)
    except Exception as error:
        wrong = f"came out {show(result)}, which is not of the form that was asked for ({error})."
    _say("✗" if wrong else "✓", f"{call}: {wrong or 'right'}")


class formula:
    """A function of numbers written as text, so that it can be sent to a student's kernel.

    Parameters
    ----------
    text : str
        A lambda, such as "lambda w: (w - 3) ** 2"; `np` is there.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.function = eval(text, {"np": np})

    def __call__(self, *arguments: Any) -> Any:
        return self.function(*arguments)


def _try(function: Callable[..., Any] | None, example: Case) -> tuple[str, str]:
    """The mark and the sentence of one example."""
    name = _name(function)
    call = f"{name}({', '.join(map(show, example.arguments))})"
    before = deepcopy(example.arguments)
    try:
        result = _call(function, example.arguments)
    except Stopped as stopped:
        return "✗", f"{call}: {stopped}"
    if result is None:
        return "–", NOTHING.format(name)
    if difference := _difference(result, example.gives):
        return "✗", f"{call}: {difference}.{_likely(result, example.mistakes)}"
    changed = getattr(function, "changes_input", False) or any(
        _difference(now, then) for now, then in zip(example.arguments, before, strict=True)
    )
    if changed:
        return "✗", f"{call}: the result is right, but {name} changes its input. Use a copy of it."
    return "✓", call


def _answer(function: Callable[..., Any] | None, arguments: tuple[Any, ...], call: str) -> Any:
    """The result; None after it was said why there is none."""
    try:
        result = _call(function, arguments)
    except Stopped as stopped:
        _say("✗", f"{call}: {stopped}")
        return None
    if result is None:
        _say("–", NOTHING.format(_name(function)))
    return result


def _call(function: Callable[..., Any] | None, arguments: tuple[Any, ...]) -> Any:
    """The result; `Stopped` if there is none."""
    if function is None:
        return None
    try:
        return function(*arguments)
    except Stopped:
        raise
    except Exception as error:
        raise Stopped(why_stopped(error)) from error


def why_stopped(error: Exception) -> str:
    """In words for the student: the error, and the line of the notebook where it arose."""
    text = str(error)
    if sizes := MATMUL.search(text):
        text = f"the shapes do not fit for @: {sizes[2]} and {sizes[1]} must be equal"
    lines = [f.line for f in traceback.extract_tb(error.__traceback__) if "ipykernel" in f.filename]
    place = f", in the line `{lines[-1]}`" if lines else ""
    return f"it stopped with {type(error).__name__}: {text[:300]}{place}"


def _difference(result: Any, expected: Any) -> str:
    """What came out and what was expected, or nothing if they agree."""
    if isinstance(expected, formula):
        return "" if isinstance(result, formula) and result.text == expected.text else "another"
    if isinstance(expected, dict):
        if not isinstance(result, dict) or set(result) != set(expected):
            return f"came out {show(result)}, expected a dictionary with {show(list(expected))}"
        parts = ((key, _difference(result[key], expected[key])) for key in expected)
        return next((_inside(show(key), part) for key, part in parts if part), "")
    if isinstance(expected, str) or isinstance(result, str):
        same = isinstance(result, str) and isinstance(expected, str) and result == expected
        return "" if same else f"came out {show(result)}, expected {show(expected)}"
    if isinstance(expected, (list, tuple)) and any(_is_array(part) for part in expected):
        if not isinstance(result, (list, tuple)) or len(result) != len(expected):
            count = len(expected)
            asked = f"a list of {count}" if isinstance(expected, list) else f"{count} results"
            return f"came out {show(result)}, expected {asked}"
        for k, (one, other) in enumerate(zip(result, expected, strict=True)):
            if difference := _difference(one, other):
                return _inside(str(k), difference)
        return ""
    try:
        if np.iscomplexobj(result):  # NumPy would leave out all but the real part
            return f"came out {show(result)}, expected {show(expected)}"
        came, wanted = np.asarray(result, dtype=float), np.asarray(expected, dtype=float)
    except (TypeError, ValueError, OverflowError):
        return f"came out {show(result)}, expected {show(expected)}"
    if came.shape != wanted.shape:
        return (
            f"came out shape {came.shape}, expected shape {wanted.shape}: "
            f"{show(result)} and not {show(expected)}"
        )
    if np.allclose(came, wanted, rtol=RTOL, atol=ATOL):
        return ""
    return f"came out {show(result)}, expected {show(expected)}"


def _inside(place: str, difference: str) -> str:
    """A difference at a place of a list: [1]: …, or [0][1]: … in a list of lists."""
    return f"[{place}]{'' if difference.startswith('[') else ': '}{difference}"


def _is_array(part: Any) -> bool:
    return isinstance(part, (np.ndarray, list, tuple))


def _likely(result: Any, mistakes: Mapping[str, Any]) -> str:
    for hint, mistaken in mistakes.items():
        if not _difference(result, mistaken):
            return f" Likely: {hint}"
    return ""


def show(value: Any) -> str:
    """A value on one line, short enough to be read."""
    if isinstance(value, np.ndarray):
        if value.size > 12:
            return f"an array of shape {value.shape}"
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        inside = ", ".join(map(show, value[:12])) + (", …" if len(value) > 12 else "")
        comma = "," if len(value) == 1 else ""
        return f"[{inside}]" if isinstance(value, list) else f"({inside}{comma})"
    if isinstance(value, (float, np.floating)):
        return f"{value:.6g}".replace("-", "−")
    if isinstance(value, formula):
        return value.text
    if isinstance(value, (bool, str)):
        return repr(value)[:200]
    if isinstance(value, (int, np.integer)):
        return f"{value}".replace("-", "−") if abs(int(value)) < 10**100 else "an enormous number"
    return f"something of type {type(value).__name__}" if value is not None else "None"


def _name(function: Any) -> str:
    return getattr(function, "__name__", "the answer")


def _say(mark: str, sentence: str) -> None:
    outcomes.append(Outcome(mark, sentence))
    print(mark, sentence)
