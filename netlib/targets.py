"""Targets: what the outputs should have been, as one row of numbers for each example."""

import numpy as np

from netlib.hints import Array, ArrayLike, DTypeLike


def to_rows(y: ArrayLike, examples: int, outputs: int, dtype: DTypeLike) -> Array:
    """Turn class numbers into rows of targets, and check rows that are given as such.

    The row of class c is 0 everywhere but for a 1 at place c. A network with one output node
    has the classes 0 and 1, and the row is the class itself.

    Parameters
    ----------
    y : (m,) whole numbers, or (m, outputs)
        Class numbers, or rows of targets.
    examples, outputs : int
        How many rows and columns the network has to do with.

    Returns
    -------
    (m, outputs) array of `dtype`

    Raises
    ------
    ValueError
        If the shape, a class number or a target cannot be right; the message says which.
    """
    y = np.asarray(y)
    if y.ndim == 1:
        return _one_hot(y, examples, outputs, dtype)
    if y.shape != (examples, outputs):
        raise ValueError(
            f"y has shape {y.shape}; expected class numbers, shape ({examples},), "
            f"or rows of targets, shape ({examples}, {outputs})"
        )
    if y.dtype.kind not in "biuf":
        raise ValueError(f"targets must be numbers, got an array of type {y.dtype}")
    with np.errstate(over="ignore"):  # too large for float32 becomes infinite, and is refused
        Y = y.astype(dtype)
    if not np.isfinite(Y).all():
        raise ValueError(f"targets must be finite; y has {describe_bad(Y)}")
    return Y


def _one_hot(y: Array, examples: int, outputs: int, dtype: DTypeLike) -> Array:
    if y.dtype.kind not in "biu":
        raise ValueError(
            f"class numbers must be whole numbers, got an array of type {y.dtype}; "
            f"use y.astype(int), or pass rows of targets, shape ({examples}, {outputs})"
        )
    if len(y) != examples:
        raise ValueError(f"y has {len(y)} class numbers for {examples} examples in X")
    classes = max(outputs, 2)
    if len(y) and (y.min() < 0 or y.max() >= classes):
        wrong = y[(y < 0) | (y >= classes)][0]
        raise ValueError(f"class numbers must be from 0 to {classes - 1}; y has {wrong}")
    if outputs == 1:
        return y[:, None].astype(dtype)
    rows = np.zeros((examples, outputs), dtype)
    rows[np.arange(examples), y.astype(int)] = 1
    return rows


def describe_bad(array: Array) -> str:
    """Say which value that is not finite comes first, and where: 'nan at row 3, column 0'."""
    table = array.reshape(len(array), -1)
    row, column = np.argwhere(~np.isfinite(table))[0]
    return f"{table[row, column]} at row {row}, column {column}"
