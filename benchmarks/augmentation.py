"""Distorting 35,000 images: `netlib.augment`, beside the same kind of work done with SciPy."""

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

from benchmarks.table import timed_rows
from benchmarks.timing import Task, alternate, in_words
from netlib import augment

SECTION = "Distorting images (random affine and elastic)"
BLOCK = 64  # images that SciPy blurs at once: one by one it takes 1.7 times as long


def run(halves, effort):
    X, rng = halves.X[: effort.images], np.random.default_rng(0)
    tasks = [
        Task("netlib", in_words(1), 1, lambda: augment(X, rng)),
        Task("SciPy", in_words(1), 1, lambda: distort(X, rng)),
    ]
    seconds = alternate(tasks, effort.rounds, warm_up=False)
    scale = len(halves.X) / len(X)
    return timed_rows(SECTION, "35,000 images", tasks, seconds, "s", scale)


def distort(X, rng):
    """Shift, turn, resize and slant each image, and bend it, as much as `augment` does."""
    images = X.reshape(-1, 28, 28)
    distorted = np.empty_like(images)
    for start in range(0, len(images), BLOCK):
        block = slice(start, start + BLOCK)
        for image, places, out in zip(
            images[block], places_to_look(len(images[block]), rng), distorted[block], strict=True
        ):
            map_coordinates(image, places, output=out, order=1)
    return distorted.reshape(X.shape)


def places_to_look(m, rng):
    """Where each pixel of m new images comes from: (m, 2, 28, 28), rows and columns."""
    places = np.mgrid[:28, :28].reshape(2, -1) - 13.5
    angle, scale, shear, row, column = rng.uniform(-1, 1, size=(5, m))
    cos, sin = np.cos(angle * np.pi / 18), np.sin(angle * np.pi / 18)
    A = np.array([[cos, sin + 0.1 * shear], [-sin, cos]]) * (1 + 0.1 * scale)
    shift = np.stack([row, column], axis=1)[:, :, None] + 13.5
    noise = rng.uniform(-1, 1, size=(m, 2, 28, 28)).astype(np.float32)
    bend = 24 * gaussian_filter(noise, sigma=(0, 0, 4, 4), mode="constant")
    return (A.transpose(2, 0, 1) @ places + shift).reshape(m, 2, 28, 28) + bend
