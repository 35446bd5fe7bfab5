"""Images of handwritten digits: MNIST, and the small set that comes with scikit-learn.

MNIST is looked for in the folder named by NETLIB_DATA_DIR, then in pooch's cache, then on the
mirrors. Whichever way a file came, its content is checked against the published one.

`python -m netlib.data` fetches and checks all of it, for a teacher before class.
"""

import gzip
import hashlib
import io
import os
import pathlib
import warnings
import zlib
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

import numpy as np
import pooch
import sklearn.datasets

from netlib.data.idx import read_idx
from netlib.data.web import download
from netlib.files import whole_file
from netlib.hints import Array

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
TIMEOUT = 20  # seconds to wait for a mirror, and again whenever its bytes stop coming
GZIP = 1000  # bytes that packing may add to what cannot be made smaller


class _File(NamedTuple):
    """A file of MNIST: the size and sha256 of its content. Who packed it does not matter."""

    name: str
    size: int
    sha256: str


FILES = (
    _File(
        "train-images-idx3-ubyte",
        47040016,
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    _File(
        "train-labels-idx1-ubyte",
        60008,
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    _File(
        "t10k-images-idx3-ubyte",
        7840016,
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    _File(
        "t10k-labels-idx1-ubyte",
        10008,
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
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

    What is downloaded is kept in pooch's cache. A mirror is given up if nothing comes for 20
    seconds, or less than 20 kB a second. So one mirror takes a quarter of an hour at the most.

    Returns
    -------
    Digits

    Raises
    ------
    DataError
        If the files cannot be had, with all that was tried and how to get them; or if one of
        them was altered or cut short, with its name.

    Warns
    -----
    UserWarning
        If what was downloaded cannot be kept, since the cache is full or read-only.
    """
    arrays = [read_idx(_read(file)) for file in FILES]
    images = np.concatenate([arrays[0], arrays[2]]).reshape(-1, 784).astype(np.float32)
    images /= 255
    labels = np.concatenate([arrays[1], arrays[3]]).astype(np.int64)
    return _digits(images, labels, first_test=len(arrays[1]), side=28)


def read_mnist_file(name: str) -> bytes:
    """The bytes of one of MNIST's four files, unpacked and checked.

    They are in the format IDX, which `read_idx` reads.

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


def _read(file: _File) -> bytes:
    return find(file)[0]


def find(file: _File) -> tuple[bytes, pathlib.Path | None]:
    """The checked content of one file, from the first place that has it, and where it is now.

    That is None if it was downloaded and could not be kept.
    """
    tried = []
    name = f"{file.name}.gz"
    folder = os.environ.get("NETLIB_DATA_DIR")
    if folder:
        for path in (pathlib.Path(folder, name), pathlib.Path(folder, file.name)):
            if os.path.exists(path):
                return _checked_content(path, file), path
        tried.append(f"NETLIB_DATA_DIR={folder}: no {name} there")
    else:
        tried.append("NETLIB_DATA_DIR: not set")
    cached = pathlib.Path(pooch.os_cache("netlib"), name)
    if os.path.exists(cached):
        try:
            return _checked_content(cached, file), cached
        except DataError as error:  # the mirrors have it whole
            tried.append(f"the cache: {error}")
    else:
        tried.append(f"the cache: no {name} in {cached.parent}")
    for mirror in MIRRORS:
        try:
            packed = download(mirror + name, file.size + GZIP, TIMEOUT)
        except OSError as error:
            tried.append(f"{mirror}: {error}")
            continue
        try:
            content = _checked(io.BytesIO(packed), file)
        except ValueError as error:
            tried.append(f"{mirror}: what came {error}")
            continue
        return content, _keep(packed, cached)
    raise DataError(
        f"MNIST could not be had. Tried for {file.name}:\n"
        + "".join(f"- {line}\n" for line in tried)
        + "What to do: download the four files "
        + ", ".join(f.name + ".gz" for f in FILES)
        + f" from one of {' or '.join(MIRRORS)} on a computer that can, put them into one folder, "
        "and set the environment variable NETLIB_DATA_DIR to that folder. "
        "load_digits() needs no download."
    )


def _keep(packed: bytes, path: pathlib.Path) -> pathlib.Path | None:
    """Write a file to the cache, and return where it is; None with a warning if it cannot be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as file:
            file.write(packed)
    except OSError as error:
        warnings.warn(
            f"MNIST was downloaded, and cannot be kept in {path.parent} ({error.strerror}). "
            "It will be downloaded again the next time. Make room there, or keep the four files "
            "in a folder of your own that NETLIB_DATA_DIR names",
            stacklevel=2,
        )
        return None
    return path


def _checked_content(path: pathlib.Path, file: _File) -> bytes:
    """The content of a file, or a DataError that says what is wrong with it and what to do."""
    try:
        with open(path, "rb") as stream:
            return _checked(stream, file)
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise DataError(
            f"{path} {error}; delete it, or replace it with the published file"
        ) from error


def _checked(stream: BinaryIO, file: _File) -> bytes:
    """The content, unpacked if need be, or a ValueError if it is not the published one."""
    packed = stream.read(2) == b"\x1f\x8b"  # so begins what gzip packs
    stream.seek(0)
    try:
        # never more than it should be, and a byte
        content = (gzip.GzipFile(fileobj=stream) if packed else stream).read(file.size + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError(f"is damaged ({error})") from error
    if content.lstrip().startswith(b"<"):
        raise ValueError("is a web page: a network may want you to log in first")
    if len(content) != file.size:
        found = f"more than {file.size}" if len(content) > file.size else str(len(content))
        raise ValueError(f"holds {found} bytes, expected {file.size}")
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise ValueError("was altered: its sha256 is not the published one")
    return content
