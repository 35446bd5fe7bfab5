"""Figures: one style and one meaning for each colour, in every chapter.

Blue stands for weights and red for biases, as in the paper's Figure 2; green for activations and
purple for derivatives. The four differ in lightness too, and every figure also says in words or
shapes what a colour says.
"""

import itertools
from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib_inline.backend_inline import set_matplotlib_formats

from netlib.hints import Array

WEIGHT = "#093da8"
BIAS = "#b33300"
ACTIVATION = "#007e53"
GRADIENT = "#7f2459"
INK = "#222222"
FAINT = "#6b6b6b"

STYLE: Any = {
    "figure.figsize": (6, 3.4),
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "axes.titlesize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.grid": True,
    "grid.color": "#e2e2e2",
    "axes.axisbelow": True,
    "axes.prop_cycle": cycler(
        color=[WEIGHT, BIAS, ACTIVATION, GRADIENT, INK],
        linestyle=["-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1))],
    ),
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    "savefig.facecolor": "white",
    "svg.fonttype": "none",  # text stays text: it can be searched, and is sharp at any size
    "svg.hashsalt": "netlib",  # the same figure gives the same bytes
}


def use_style() -> None:
    """Make every figure of this notebook look like the book's: sharp, and the same each run."""
    plt.rcParams.update(STYLE)
    set_matplotlib_formats("svg", metadata={"Date": None})


def draw_network(
    nodes: Sequence[Sequence[str | float | None]],
    weights: Sequence[Any] | None = None,
    biases: Sequence[Any] | None = None,
    titles: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw layers of nodes from left to right, every node joined to all of the next layer.

    Parameters
    ----------
    nodes : list of list of str or float
        For each layer, what stands in each of its nodes: a number is the activation, in green,
        and text is a name. None leaves three dots.
    weights : list of (nodes, next nodes) arrays, optional
        Written in blue on the edges between each layer and the next.
    biases : list of sequences, optional
        Written in red under the nodes, from the second layer on.
    titles : list of str, optional
        Written above the layers.
    """
    if ax is None:
        _, ax = plt.subplots()
    places = [_places(layer) for layer in nodes]
    for left, (start, end) in enumerate(itertools.pairwise(places)):
        for i, y_start in enumerate(start):
            for n, y_end in enumerate(end):
                if nodes[left][i] is None or nodes[left + 1][n] is None:
                    continue
                few = len(start) * len(end) <= 12
                ax.plot(
                    [left, left + 1],
                    [y_start, y_end],
                    color=WEIGHT,
                    linestyle="-",
                    linewidth=1.4 if few else 0.5,
                    zorder=1,
                )
                if weights is not None:
                    _edge_label(ax, left, y_start, y_end, weights[left][i][n])
    for x, (layer, ys) in enumerate(zip(nodes, places, strict=True)):
        for n, (node, y) in enumerate(zip(layer, ys, strict=True)):
            if node is None:
                ax.text(x, y, "⋮", ha="center", va="center", fontsize=16, color=INK)
                continue
            color = INK if isinstance(node, str) else ACTIVATION
            ax.plot(x, y, "o", markersize=27, color="white", markeredgecolor=color, zorder=2)
            ax.text(x, y, _number(node), ha="center", va="center", color=color, zorder=3)
            if biases is not None and x > 0:
                label = f"b = {_number(biases[x - 1][n])}"
                ax.annotate(
                    label,
                    (x, y),
                    (0, -17),
                    textcoords="offset points",
                    ha="center",
                    va="top",
                    color=BIAS,
                    fontsize=10,
                )
        if titles is not None:
            top = max(max(ys) for ys in places)
            ax.text(x, top + 0.75, titles[x], ha="center", va="bottom", color=INK)
    ax.set_xlim(-0.4, len(nodes) - 0.6)
    lowest, highest = min(map(min, places)), max(map(max, places))
    ax.set_ylim(lowest - 0.8, highest + (1.2 if titles else 0.6))
    ax.axis("off")
    return ax


def _places(layer: Sequence[str | float | None]) -> list[float]:
    """The heights of a layer's nodes, from the top down, centred on 0."""
    return [(len(layer) - 1) / 2 - n for n in range(len(layer))]


def _edge_label(ax: Axes, left: int, y_start: float, y_end: float, weight: float | str) -> None:
    """Write a weight on its edge, near where the edge starts, so that crossings stay clear."""
    t = 0.3
    ax.text(
        left + t,
        y_start + t * (y_end - y_start),
        _number(weight),
        ha="center",
        va="center",
        fontsize=10,
        color=WEIGHT,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        zorder=2,
    )


def _number(value: float | str) -> str:
    """A number as people write it: a real minus sign, no trailing zeros; text stays as it is."""
    return value if isinstance(value, str) else f"{value:.3g}".replace("-", "−")


def show_images(
    images: Array,
    titles: Sequence[str] | None = None,
    columns: int = 10,
    size: float = 0.62,
    signed: bool = False,
) -> Figure:
    """Show images in rows; `images` has one image a row, as in `mnist.images`.

    Dark is ink. With `signed`, as for weights: dark above 0, light below, middle grey 0, on the
    same scale in all images.
    """
    side = round(np.sqrt(images.shape[1]))
    rows = -(-len(images) // columns)
    height = size * (1.45 if titles is not None else 1.05)
    figure, axes = plt.subplots(
        rows, columns, figsize=(columns * size, rows * height), squeeze=False
    )
    lowest, highest = (-np.abs(images).max(), np.abs(images).max()) if signed else (0, 1)
    for ax in axes.flat:
        ax.axis("off")
    for k, (ax, image) in enumerate(zip(axes.flat, images, strict=False)):
        ax.imshow(
            image.reshape(side, side),
            interpolation="none",
            cmap="gray_r",
            vmin=lowest,
            vmax=highest,
        )
        if titles is not None:
            ax.set_title(titles[k], fontsize=9, pad=2)
    return figure
