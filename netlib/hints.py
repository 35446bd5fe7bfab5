"""Names for type hints: what kind of thing an argument is."""

from typing import Any

from numpy.typing import ArrayLike, DTypeLike, NDArray

Array = NDArray[Any]  # a NumPy array of numbers; its shape is in the docstring
Shape = int | tuple[int, ...]  # how many nodes: 64 in a row, or (28, 28, 1) in an image
Seed = Any  # whatever numpy.random.default_rng takes: a Generator, a whole number or None

__all__ = ["Array", "ArrayLike", "DTypeLike", "Seed", "Shape"]
