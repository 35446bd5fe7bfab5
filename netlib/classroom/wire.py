"""Numbers, arrays and text as JSON, from the program that grades to a student's kernel and back.

Nothing else passes. So what a student's code hands over cannot run in the program that grades.
"""

import base64
import json
import math
from typing import Any

import numpy as np

from netlib.classroom.checks import formula, why_stopped

LARGEST = 20_000_000  # characters of one message, and numbers of one array
DEEPEST = 20  # lists in lists


def pack(value: Any) -> str:
    """The JSON text of numbers, text, arrays, and lists, tuples or dicts of them.

    Parameters
    ----------
    value
        What to send.

    Returns
    -------
    str
        The text.

    Raises
    ------
    TypeError
        For anything else.
    """
    return json.dumps(_plain(value))


def unpack(text: str, formulas: bool = False) -> Any:
    """The value of a text from `pack`.

    Parameters
    ----------
    text : str
        What came.
    formulas : bool
        Whether it may hold a `formula`, which is code: only what the teacher sends may.

    Returns
    -------
    object
        The value.

    Raises
    ------
    ValueError
        If the text is not from `pack`, or too long.
    """
    if len(text) > LARGEST:
        raise ValueError(f"{len(text):,} characters came, and at most {LARGEST:,} may")
    try:
        return _value(json.loads(text), formulas, DEEPEST)
    except Exception as error:  # a student's code can send whatever it likes
        raise ValueError(f"what came cannot be read: {error!r:.300}") from error


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return {"number": int.__repr__(value)}
    if isinstance(value, float):
        return {"number": float.__repr__(value)}  # nan and inf too
    if isinstance(value, (list, tuple)):
        kind = "list" if isinstance(value, list) else "tuple"
        return {kind: [_plain(part) for part in value]}
    if isinstance(value, dict):
        return {"dict": [[_plain(key), _plain(part)] for key, part in value.items()]}
    if isinstance(value, formula):
        return {"formula": value.text}
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
        return {"array": [value.dtype.str, list(value.shape), data]}
    try:  # a range, a table of pandas: what a check in the notebook takes for numbers too
        return _plain(np.asarray(value, dtype=float))
    except (TypeError, ValueError, OverflowError):
        raise TypeError(
            f"something of type {type(value).__name__} came; "
            "expected were numbers, text, arrays, or lists of them"
        ) from None


def _value(plain: Any, formulas: bool, depth: int) -> Any:
    if plain is None or isinstance(plain, (bool, str)):
        return plain
    if depth == 0:
        raise ValueError("lists in lists, deeper than any answer")
    ((kind, content),) = plain.items()
    if kind == "number":
        return int(content) if content.lstrip("-").isdigit() else float(content)
    if kind == "list":
        return [_value(part, formulas, depth - 1) for part in content]
    if kind == "tuple":
        return tuple(_value(part, formulas, depth - 1) for part in content)
    if kind == "dict":
        return {
            _value(key, formulas, depth - 1): _value(part, formulas, depth - 1)
            for key, part in content
        }
    if kind == "array":
        dtype, shape, data = content
        if math.prod(max(size, 1) for size in shape) > LARGEST:  # (10**9, 0) is large as a list
            raise ValueError(f"an array of the shape {shape}")
        return np.frombuffer(base64.b64decode(data), dtype=dtype).reshape(shape).copy()
    if kind == "formula" and formulas:
        return formula(content)
    raise KeyError(kind)


class Reply:
    """A text that Jupyter shows as it is."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def answer(names: dict[str, Any], name: str, arguments: str | None) -> Reply:
    """In the student's kernel: what is called `name`, or what it gives for these arguments.

    Parameters
    ----------
    names : dict
        The names of the notebook.
    name : str
        Which of them.
    arguments : str, optional
        From `pack`: call it with them.

    Returns
    -------
    Reply
        From `pack`: ("value", it), ("changed", it) if the arguments were changed too,
        ("function", its name), ("missing", ""), or ("stopped", why).
    """
    found: Any = names.get(name)
    try:
        if name not in names:
            return Reply(pack(("missing", "")))
        if arguments is None:
            return Reply(pack(("function", name) if callable(found) else ("value", found)))
        given = unpack(arguments, formulas=True)
        result = found(*given)
        return Reply(pack(("changed" if pack(given) != arguments else "value", result)))
    except Exception as error:
        return Reply(pack(("stopped", why_stopped(error))))
