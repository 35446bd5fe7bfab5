"""Images of handwritten digits: MNIST, and the small set that comes with scikit-learn.

MNIST is looked for in the folder named by NETLIB_DATA_DIR, then in pooch's cache, then on the
mirrors. Whichever way a file came, its content is checked against the published one.
"""

import gzip
import hashlib
import os
import pathlib
import zlib
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pooch
import sklearn.datasets

from netlib.hints import Array
from netlib.progress import is_watched

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
TIMEOUT = 20  # seconds without an answer before the next mirror is tried


class _File(NamedTuple):
    """A file of MNIST: its content's size and sha256, and the sha256 of the published .gz."""

    name: str
    size: int
    content_sha256: str
    gz_sha256: str


FILES = (
    _File(
        "train-images-idx3-ubyte",
        47040016,
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    ),
    _File(
        "train-labels-idx1-ubyte",
        60008,
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    ),
    _File(
        "t10k-images-idx3-ubyte",
        7840016,
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    ),
    _File(
        "t10k-labels-idx1-ubyte",
        10008,
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    ),
)


class DataError(RuntimeError):
    """MNIST could not be had, or a file of it is not what was published."""


class Examples(NamedTuple):
    """Images, one row each, and the digit that each one shows."""

    images: Array
    labels: Array


@dataclass(frozen=True)
class Digits:
    """Labelled images of handwritten digits.

    Attributes
    ----------
    images : (m, pixels) float32
        One image a row, from its top left to its bottom right; 0 is paper, 1 is full ink.
    labels : (m,) int64
        The digit that each image shows.
    train, test : Examples
        The customary split, as views: `X, y = mnist.train`.
    side : int
        Pixels along one side of an image: `digits.images[0].reshape(digits.side, digits.side)`.
    """

    images: Array
    labels: Array
    train: Examples
    test: Examples
    side: int


def load_digits() -> Digits:
    """The 1,797 digits of 8×8 pixels that come with scikit-learn: no network needed.

    The first 1,437 (four fifths) are `train`, the last 360 `test`. Pixels were 0 to 16, and are
    divided by 16. Source: Alpaydin and Kaynak (1998), UCI Machine Learning Repository.

    Returns
    -------
    Digits

    Examples
    --------
    >>> digits = load_digits()
    >>> digits.images.shape, digits.labels[:3]
    ((1797, 64), array([0, 1, 2]))
    """
    images, labels = sklearn.datasets.load_digits(return_X_y=True)
    return _digits((images / 16).astype(np.float32), labels.astype(np.int64), 1437, side=8)


def load_mnist() -> Digits:
    """All 70,000 images of MNIST, 28×28 pixels: the 60,000 of `train`, then the 10,000 of `test`.

    Pixels were 0 to 255, and are divided by 255. Source: LeCun, Cortes and Burges.

    Returns
    -------
    Digits

    Raises
    ------
    DataError
        If the files cannot be had, with all that was tried and how to get them; or if one of
        them was altered or cut short, with its name.
    """
    content = [_read(file) for file in FILES]
    images = np.concatenate([_pixels(content[0]), _pixels(content[2])])
    labels = np.concatenate([_classes(content[1]), _classes(content[3])])
    return _digits(images, labels, 60000, side=28)


def read_mnist_file(name: str) -> bytes:
    """The bytes of one of MNIST's four files, unpacked and checked.

    An IDX file begins with a few 4-byte numbers, high byte first: which kind of file it is, how
    many items it holds, and for images their rows and columns. Then comes one byte a pixel or label.

    Parameters
    ----------
    name : str
        Such as ``t10k-labels-idx1-ubyte``.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        If MNIST has no such file.
    DataError
        As in `load_mnist`.
    """
    for file in FILES:
        if file.name == name:
            return _read(file)
    raise ValueError(f"MNIST has no file {name!r}; it has {', '.join(file.name for file in FILES)}")


def _digits(images: Array, labels: Array, first_test: int, side: int) -> Digits:
    train = Examples(images[:first_test], labels[:first_test])
    test = Examples(images[first_test:], labels[first_test:])
    return Digits(images, labels, train, test, side)


def _pixels(content: bytes) -> Array:
    """The images of an IDX file: 16 bytes of header, then one byte a pixel."""
    pixels = np.frombuffer(content, np.uint8, offset=16).reshape(-1, 784).astype(np.float32)
    pixels /= 255
    return pixels


def _classes(content: bytes) -> Array:
    """The labels of an IDX file: 8 bytes of header, then one byte a label."""
    return np.frombuffer(content, np.uint8, offset=8).astype(np.int64)


def _read(file: _File) -> bytes:
    """The checked content of one file, from the first place that has it."""
    tried = []
    folder = os.environ.get("NETLIB_DATA_DIR")
    if folder:
        for path in (pathlib.Path(folder, file.name + ".gz"), pathlib.Path(folder, file.name)):
            if path.exists():
                return _checked_content(path, file)
        tried.append(f"NETLIB_DATA_DIR={folder}: no {file.name}.gz there")
    else:
        tried.append("NETLIB_DATA_DIR: not set")
    return _checked_content(_fetch(file, tried), file)


def _fetch(file: _File, tried: list[str]) -> pathlib.Path:
    """The path of the .gz file in pooch's cache, downloaded if it is not there yet."""
    cache = pooch.os_cache("netlib")
    pooch.get_logger().setLevel("WARNING")  # a progress bar says it better
    download = pooch.HTTPDownloader(timeout=TIMEOUT, progressbar=is_watched())
    for mirror in MIRRORS:
        try:
            return pathlib.Path(
                pooch.retrieve(
                    mirror + file.name + ".gz",
                    known_hash=file.gz_sha256,
                    fname=file.name + ".gz",
                    path=cache,
                    downloader=download,
                )
            )
        except (OSError, ValueError) as error:  # no connection, no such page, or another content
            tried.append(f"{mirror}: {type(error).__name__}: {str(error)[:200]}")
    raise DataError(
        f"MNIST could not be had. Tried for {file.name}:\n"
        + "".join(f"- {line}\n" for line in tried)
        + "What to do: download the four files "
        + ", ".join(f.name + ".gz" for f in FILES)
        + f" from one of {' or '.join(MIRRORS)} on a computer that can, put them into one folder, "
        "and set the environment variable NETLIB_DATA_DIR to that folder. "
        "load_digits() needs no download."
    )


def _checked_content(path: pathlib.Path, file: _File) -> bytes:
    """The file's content, unpacked if need be, or a DataError if it is not the published one."""
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rb") as stream:
            content = stream.read(file.size + 1)  # never more than it should be, and a byte
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read ({error}); {_REPLACE}") from error
    if len(content) != file.size:
        found = f"more than {file.size}" if len(content) > file.size else str(len(content))
        raise DataError(f"{path} holds {found} bytes, expected {file.size}; {_REPLACE}")
    if hashlib.sha256(content).hexdigest() != file.content_sha256:
        raise DataError(f"{path} was altered: its sha256 is not the published one; {_REPLACE}")
    return content


_REPLACE = "delete it, or replace it with the published file"
