"""Assignments: what a student's notebook checks itself with, and what a teacher grades with.

A student's notebook uses `check`, `case` and `check_value`; the hidden part of a test uses
`check_hidden`. The teacher's side is `python -m netlib.classroom`.
"""

from netlib.classroom.checks import (
    case,
    check,
    check_hidden,
    check_property,
    check_value,
    formula,
)

__all__ = [
    "case",
    "check",
    "check_hidden",
    "check_property",
    "check_value",
    "formula",
]
