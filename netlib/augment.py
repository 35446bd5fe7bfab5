"""Augmentation: from each image, make another one that shows the same thing.

A digit that is moved, turned, slanted or bent a little is still the same digit. To distort an
image is to ask for each pixel of the new one: where in the old one to look (`_affine_places`,
`_elastic_field`), and how dark it is there (`_sample`).
"""

import math

import numpy as np

from netlib.checks import within
from netlib.hints import Array, ArrayLike, Seed

LARGEST = 1e6  # no strength makes sense from here on
BLOCK = 50_000  # pixels worked on at a time: few enough to stay in the processor's cache


def augment(
    images: ArrayLike,
    rng: Seed,
    *,
    shift: float = 1.0,
    rotation: float = 10.0,
    scale: float = 0.1,
    shear: float = 0.1,
    elastic: float = 0.7,
    smoothness: float = 4.0,
) -> Array:
    """Distort each image at random, each in a way of its own.

    new(p) = old(q),   q = c + A⁻¹ (p − c − t) + u(p)

    The image is slanted, resized and turned about its centre c (together: A), then shifted by t.
    On top of that it is bent: u(p) is a random displacement that changes smoothly from pixel to
    pixel (Simard, Steinkraus and Platt, 2003). Between pixels `old` is bilinear, and outside the
    image it is 0, as paper is.

    Parameters
    ----------
    images : (m, pixels) rows of square images, or (m, height, width)
        float32 or float64, such as `mnist.images`.
    rng : numpy.random.Generator or int
        Where the randomness comes from. The same seed gives the same result for the same
        number of images; among more images, an image is distorted in another way.
    shift : float, pixels
        Moves it sideways by −shift to +shift, and as much up or down.
    rotation : float, degrees
        Turns it by an angle from −rotation to +rotation.
    scale : float below 1
        0.1 makes it 90 % to 110 % as large, in both directions alike.
    shear : float
        0.1 slants it, as italics are, by up to 0.1 pixels sideways for each pixel up, either way.
    elastic : float, pixels
        Bends it: the standard deviation of u, sideways and likewise up or down.
    smoothness : float, 0.1 pixels or more
        σ of the Gaussian that blurs random numbers into u: the larger it is, the wider the bends.

    Returns
    -------
    array of the shape and type of `images`
        Always a new one. Pixels from 0 to 1 stay from 0 to 1.

    Raises
    ------
    ValueError
        If `images` has a wrong shape, type or value, or a strength cannot be right.

    Notes
    -----
    All but u is drawn evenly between its limits. Strengths of 0 give back equal images. To
    change one strength leaves what is drawn for the others as it was. The defaults are for
    digits of 28×28 pixels. Simard et al. used α = 34 and σ = 4, which is ``elastic=1.4`` here.

    Examples
    --------
    >>> import numpy as np
    >>> images = np.zeros((2, 5, 5), np.float32)
    >>> images[:, :, 2] = 1               # two upright strokes
    >>> slanted = augment(images, 0, shift=0, rotation=0, scale=0, shear=0.5, elastic=0)
    >>> print(slanted[1].round(1))
    [[0.  0.  0.1 0.9 0. ]
     [0.  0.  0.6 0.4 0. ]
     [0.  0.  1.  0.  0. ]
     [0.  0.4 0.6 0.  0. ]
     [0.  0.9 0.1 0.  0. ]]
    """
    images, height, width = _check_images(images)
    shift = within("shift", shift, 0, LARGEST)
    rotation = within("rotation", rotation, 0, LARGEST)
    scale = within("scale", scale, 0, 1)
    shear = within("shear", shear, 0, LARGEST)
    elastic = within("elastic", elastic, 0, LARGEST)
    smoothness = within("smoothness", smoothness, 0.1, LARGEST)
    rng = np.random.default_rng(rng)
    if images.size == 0:
        return images.copy()

    def draw(lowest: float, highest: float) -> Array:
        """One number for each image."""
        drawn: Array = rng.uniform(lowest, highest, (len(images), 1, 1))
        return drawn.astype(np.float32)

    right, down = draw(-shift, shift), draw(-shift, shift)
    angle = np.radians(draw(-rotation, rotation))
    size = draw(1 - scale, 1 + scale)
    slant = draw(-shear, shear)

    old = images.reshape(-1, height, width)
    new = np.empty(old.shape, old.dtype)
    step = max(1, BLOCK // (height * width))
    for start in range(0, len(old), step):
        part = slice(start, start + step)
        rows, columns = _affine_places(
            height, width, right[part], down[part], angle[part], size[part], slant[part]
        )
        if elastic > 0:
            field = _elastic_field(len(rows), height, width, smoothness, rng)
            rows += elastic * field[:, 0]
            columns += elastic * field[:, 1]
        new[part] = _sample(old[part], rows, columns)
    return new.reshape(images.shape)


def _affine_places(
    height: int,
    width: int,
    right: Array,
    down: Array,
    angle: Array,
    size: Array,
    slant: Array,
) -> tuple[Array, Array]:
    """Where each pixel of the new images comes from, if they are not bent.

    A point at (x, y) from the centre, x to the right and y down, is slanted, then resized and
    turned counterclockwise, then shifted. Here the steps are undone, the last one first.

    Parameters
    ----------
    right, down, angle, size, slant : (m, 1, 1) float32
        Pixels, pixels, radians, factor, pixels to the right for each pixel up.

    Returns
    -------
    rows, columns : (m, height, width) float32
    """
    middle = np.float32((height - 1) / 2), np.float32((width - 1) / 2)
    y = np.arange(height, dtype=np.float32)[:, None] - middle[0] - down
    x = np.arange(width, dtype=np.float32) - middle[1] - right
    cos, sin = np.cos(angle) / size, np.sin(angle) / size
    y, x = cos * y + sin * x, cos * x - sin * y
    x += slant * y
    return y + middle[0], x + middle[1]


def _elastic_field(
    count: int, height: int, width: int, smoothness: float, rng: np.random.Generator
) -> Array:
    """Random displacements with standard deviation 1:   u = G r Gᵀ     (Simard et al., 2003)

    r are independent random numbers, drawn evenly, with mean 0 and standard deviation 1. G
    blurs them along the columns, and Gᵀ along the rows.

    Returns
    -------
    (count, 2, height, width) float32
        Downwards and to the right, for each pixel of each image.
    """
    r = rng.random((count, 2, height, width), dtype=np.float32)  # from 0 to 1: mean ½, and
    r -= np.float32(0.5)
    r *= np.float32(math.sqrt(12))  # standard deviation 1/√12
    return _blur(height, smoothness) @ r @ _blur(width, smoothness).T


def _blur(size: int, smoothness: float) -> Array:
    """The (size, size) matrix of a Gaussian blur:   G[i, j] = exp(−(i − j)² / 2σ²) / length of row i

    A sum over a row of length √Σ_j G[i, j]² = 1 keeps the standard deviation of what it adds
    up, near the edges of an image as well as in the middle.
    """
    i = np.arange(size)
    G = np.exp(-(((i[:, None] - i) / smoothness) ** 2) / 2)
    G /= np.sqrt((G**2).sum(axis=1, keepdims=True))
    return G.astype(np.float32)


def _sample(images: Array, rows: Array, columns: Array) -> Array:
    """How dark each image is at places that may lie between its pixels, or outside.

    value = (1 − d) ((1 − r) a + r b) + d ((1 − r) a' + r b')

    for a place that is d down and r to the right of the pixel a, whose neighbours are b to the
    right, a' below and b' below to the right. Pixels outside the image are 0.

    Parameters
    ----------
    images : (m, height, width)
    rows, columns : (m, any, any)

    Returns
    -------
    (m, any, any), of the type of `images`
    """
    count, height, width = images.shape
    # a frame of 0s: one pixel above and to the left, two below and to the right
    framed = np.pad(images, ((0, 0), (1, 2), (1, 2)))
    rows = np.clip(rows, -1, height) + 1
    columns = np.clip(columns, -1, width) + 1
    top, left = np.floor(rows), np.floor(columns)
    d, r = rows - top, columns - left

    # all pixels in one line: the next one is to the right, and a line of the frame on is below
    pixels, line = framed.ravel(), width + 3
    image = np.arange(count)[:, None, None] * framed[0].size
    here = image + top.astype(np.intp) * line + left.astype(np.intp)
    above = _between(pixels.take(here), pixels.take(here + 1), r)
    here += line
    below = _between(pixels.take(here), pixels.take(here + 1), r)
    return _between(above, below, d)


def _between(a: Array, b: Array, share: Array) -> Array:
    """(1 − share) a + share b, written so that it is exactly a where b = a, or share = 0"""
    value: Array = a + share * (b - a)
    return value


def _check_images(images: ArrayLike) -> tuple[Array, int, int]:
    """The images as an array, their height and their width; or a ValueError."""
    images = np.asarray(images)
    if images.dtype not in (np.float32, np.float64):
        raise ValueError(
            f"images must be float32 or float64, got {images.dtype}; "
            "for whole numbers from 0 to 255, use images / 255"
        )
    size = images.shape[1:]
    if images.ndim == 2:
        size = (math.isqrt(images.shape[1]),) * 2
    if len(size) != 2 or math.prod(size) != math.prod(images.shape[1:]):
        raise ValueError(
            f"images has shape {images.shape}; expected (m, pixels), each row a square image "
            "such as 28·28 = 784 pixels, or (m, height, width); for one image, use images[None]"
        )
    if images.size and not (np.isfinite(images.min()) and np.isfinite(images.max())):
        place = tuple(map(int, np.argwhere(~np.isfinite(images))[0]))
        raise ValueError(f"images must be finite numbers; {images[place]} is at {place}")
    return images, *size
