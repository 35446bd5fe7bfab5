"""Checks of single numbers: the number, or an error that says what came and what was expected."""

import numbers
import operator
from typing import SupportsIndex


def whole(name: str, value: SupportsIndex, least: int = 1, unit: str = "") -> int:
    """`value` as an int, `least` or more. The `unit` is what it counts, such as "node"."""
    try:
        number = operator.index(value)
    except TypeError:
        of = f" of {unit}s" if unit else ""
        raise TypeError(f"{name} must be a whole number{of}, got {value!r}") from None
    if number < least:
        raise ValueError(f"{name} must be at least {least} {unit}".rstrip() + f", got {number}")
    return number


def within(name: str, value: float, least: float, below: float) -> float:
    """`value` as a float, from `least` up to but not including `below`."""
    if not isinstance(value, numbers.Real) or not least <= value < below:
        raise ValueError(
            f"{name} must be a number, at least {least:g} and below {below:g}, got {value!r}"
        )
    return float(value)


def positive(name: str, value: float) -> float:
    """`value` as a float, above 0 and finite."""
    if not isinstance(value, numbers.Real) or not 0 < value < float("inf"):
        raise ValueError(f"{name} must be a number above 0, got {value!r}")
    return float(value)
