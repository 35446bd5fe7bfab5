"""Live figures: they answer when touched, in Jupyter and in the rendered book.

>>> from netlib.widgets import XorNetwork
>>> figure = XorNetwork(x=[1, 1])
>>> figure
XorNetwork: Inputs 1 and 1. The hidden sums 1.50 and 0.50 give the activations 1.00 and 1.00. The output's sum is −0.50 and its activation 0.00: the answer is 0. For XOR, 4 of 4 answers are right.
"""

from netlib.widgets.activation_shapes import ActivationShapes
from netlib.widgets.backprop_paths import BackpropPaths
from netlib.widgets.draw_a_digit import DrawADigit
from netlib.widgets.live_figure import LiveFigure
from netlib.widgets.mini_batch_paths import MiniBatchPaths
from netlib.widgets.pruning_slider import PruningSlider
from netlib.widgets.single_node_chain import SingleNodeChain
from netlib.widgets.xor_network import XorNetwork

__all__ = [
    "ActivationShapes",
    "BackpropPaths",
    "DrawADigit",
    "MiniBatchPaths",
    "PruningSlider",
    "SingleNodeChain",
    "XorNetwork",
]


def figure_class(stored_name: str) -> type[LiveFigure]:
    """The class of the figure that a notebook names, as in "netlib.widgets.xor_network.XorNetwork".

    A notebook may come from anybody. So its name is looked up among the figures of this package,
    and nothing is imported for it.
    """
    classes: dict[str, type[LiveFigure]] = {
        f"{figure.__module__}.{figure.__name__}": figure
        for figure in (globals()[name] for name in __all__)
    }
    if stored_name not in classes:
        raise ValueError(
            f"a notebook has a live figure of the class {stored_name!r:.80}; expected one of "
            f"{', '.join(classes)}. Run the notebook again (make refresh)."
        )
    return classes[stored_name]
