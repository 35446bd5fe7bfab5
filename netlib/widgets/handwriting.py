"""A drawing made into an image as MNIST's are. handwriting.js computes the same in the page."""

from collections.abc import Sequence

import numpy as np

from netlib.hints import Array

SIDE = 28
BOX = 20  # pixels: the longer side of a digit
PEN = 2.4  # pixels: with it a drawing has as much ink as a digit of MNIST, and as many grey pixels
SMALLEST = 0.1  # of the pad: what is smaller than this, such as a dot, does not fill the box


def as_mnist(strokes: Sequence[Sequence[Sequence[float]]]) -> Array:
    """Strokes of a pen -> (784,) pixels from 0 (paper) to 1 (ink), as a digit of MNIST has them.

    As MNIST's makers did it: the ink fits into a box of 20×20 pixels and keeps its shape, its
    edges are grey, and its centre of mass lies in the centre of 28×28 pixels (what is then
    outside of them is cut off). A pixel's ink is

        clip(PEN / 2 + ½ − d, 0, 1)

    where d is the distance from its middle to the nearest stroke: so the pen is as thick
    in a large drawing as in a small one.

    Parameters
    ----------
    strokes : list of lists of [x, y]
        Where the pen went each time that it was down, in the unit square: x to the right and
        y *down*, from the pad's upper left corner. Outside of it the pen runs along the edge.
        A stroke of one point is a dot.

    Returns
    -------
    (784,) float64
        Row by row, as in `mnist.images`. Without a stroke all are 0.
    """
    if not strokes:
        return np.zeros(SIDE * SIDE)
    lines = [np.clip(np.asarray(stroke, float).reshape(-1, 2), 0, 1) for stroke in strokes]
    points = np.concatenate(lines)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = (BOX - PEN) / max(*(high - low), SMALLEST)
    lines = [(line - (low + high) / 2) * scale + SIDE // 2 for line in lines]
    pixels = ink(lines)
    x, y = np.arange(SIDE), np.arange(SIDE)[:, None]
    centre = np.array([(pixels * x).sum(), (pixels * y).sum()]) / pixels.sum()
    return ink([line + SIDE // 2 - centre for line in lines]).ravel()


def ink(lines: Sequence[Array]) -> Array:
    """The (28, 28) pixels that a pen makes along these lines, each (points, 2) in pixels."""
    x, y = np.arange(SIDE), np.arange(SIDE)[:, None]
    nearest = np.full((SIDE, SIDE), np.inf)  # the square of the distance
    for line in lines:
        for (x0, y0), (x1, y1) in zip(line, [*line[1:], line[-1]], strict=True):
            dx, dy = x1 - x0, y1 - y0
            length = dx * dx + dy * dy  # its square
            t = np.clip(((x - x0) * dx + (y - y0) * dy) / (length or 1), 0, 1)
            np.minimum(nearest, (x0 + t * dx - x) ** 2 + (y0 + t * dy - y) ** 2, out=nearest)
    pixels: Array = np.clip(PEN / 2 + 0.5 - np.sqrt(nearest), 0, 1)
    return pixels
