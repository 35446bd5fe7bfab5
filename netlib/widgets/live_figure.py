"""What all live figures have in common: a state of named numbers, a sentence, and a still picture.

A live figure is drawn by a JavaScript module beside its Python class. In Jupyter anywidget runs
the module, and the state is the same on both sides. In the rendered book the module runs alone,
from the state that is stored in the notebook.
"""

import io
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import anywidget
import matplotlib.pyplot as plt
import numpy as np
import traitlets
from matplotlib.figure import Figure

from netlib.widgets.front_end import front_end, style


class Numbers(traitlets.TraitType[Any, Any]):
    """Finite numbers in an array of one shape, each from `low` to `high`. The shape () is one
    number. They are kept as nested lists, as JSON wants them.

    None in the shape stands for any length. An array of NumPy may be given as well. What does not
    fit raises a TraitError that says what was expected, and the old numbers stay.
    """

    def __init__(
        self,
        shape: tuple[int | None, ...],
        default: Any,
        low: float = -np.inf,
        high: float = np.inf,
    ) -> None:
        self.shape, self.low, self.high = shape, low, high
        super().__init__(default_value=np.asarray(default, float).tolist())
        self.tag(sync=True)

    def validate(self, obj: Any, value: Any) -> Any:
        try:
            array = np.asarray(value, dtype=float)
        except (TypeError, ValueError, OverflowError):
            raise traitlets.TraitError(f"{self.name} must be numbers, got {value!r:.200}") from None
        lengths = [
            found if expected is None else expected
            for found, expected in zip(array.shape, self.shape, strict=False)
        ]
        if len(array.shape) != len(self.shape) or array.shape != tuple(lengths):
            raise traitlets.TraitError(
                f"{self.name} has shape {array.shape}; expected {self.shape}"
            )
        if not np.isfinite(array).all():
            raise traitlets.TraitError(f"{self.name} must be finite numbers, got {value!r:.200}")
        if ((array < self.low) | (array > self.high)).any():
            raise traitlets.TraitError(
                f"{self.name} must be from {self.low:g} to {self.high:g}, got {value!r:.200}"
            )
        return array.tolist()


class Whole(traitlets.Int[int, int]):
    """A whole number. True and False become 1 and 0: as an index NumPy takes them for a mask."""

    def validate(self, obj: Any, value: Any) -> int:
        return int(super().validate(obj, value))


class LiveFigure(anywidget.AnyWidget):
    """A figure that answers. Its subclasses name their state, and set `_esm` and `_css` to
    their front end.

    Change the state from Python, as in ``figure.x = [1, 0]``, and the figure follows; move
    something in the figure, and the state follows.
    """

    version = traitlets.Int(1, read_only=True).tag(sync=True)  # of the state

    def describe(self) -> str:
        """What the figure shows, in words. The page says the same below the figure."""
        raise NotImplementedError

    def still(self) -> Figure:
        """A picture of the figure as it is now, for paper and for pages without JavaScript."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__}: {self.describe()}"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data, metadata = bundle
        data["text/plain"] = repr(self)
        figure = self.still()
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
        plt.close(figure)
        data["image/svg+xml"] = file.getvalue()
        return data, metadata


def number(value: float, digits: int = 2) -> str:
    """A number as the figures write it: a real minus sign, no −0, and halves away from 0."""
    if abs(value) >= 1e6:
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"{mantissa}e{int(exponent)}".replace("-", "−")
    text = f"{Decimal(float(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):f}"
    return (text.replace("-", "") if float(text) == 0 else text).replace("-", "−")


def count(number: int, noun: str) -> str:
    """1 node, 2 nodes"""
    return f"{number} {noun}{'' if number == 1 else 's'}"


__all__ = ["Figure", "LiveFigure", "Numbers", "Whole", "count", "front_end", "number", "style"]
