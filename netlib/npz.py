"""Numbers and texts out of an .npz file that anyone may have made.

`numpy.load` sets aside as much memory as a file *claims* to need, and unpacks what is packed. A
small file could so fill a computer. Here an array is a view of bytes that the file does have, and
a pickle, which could run code, is refused.
"""

import io
import math
import os
import zipfile
from typing import Any, BinaryIO

import numpy as np

from netlib.hints import Array

HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def numbers(file: BinaryIO, name: str) -> Array:
    """The array of numbers that `np.savez` stored under this name; it cannot be written to.

    Parameters
    ----------
    file : file
        Open for reading, in binary.
    name : str

    Returns
    -------
    array

    Raises
    ------
    ValueError
        If the file is damaged or something else, or has no such array.
    """
    shape, fortran_order, dtype, data = _array(file, name)
    if dtype.kind not in "biuf":
        raise ValueError(f"{name} must be numbers, got {dtype}")
    if min(shape, default=0) < 0 or len(data) != math.prod(shape) * dtype.itemsize:
        raise ValueError(f"{name} has {len(data)} bytes, which are no array of the shape {shape}")
    if dtype.kind == "b" and data.strip(b"\0\1"):
        raise ValueError(f"{name} has truth values that are neither 0 nor 1")
    return np.ndarray(shape, dtype, data, order="F" if fortran_order else "C")


def text(file: BinaryIO, name: str) -> str:
    """The text that `np.savez` stored under this name.

    Parameters
    ----------
    file, name
        As in `numbers`, with the same errors.

    Returns
    -------
    str
    """
    shape, _, dtype, data = _array(file, name)
    if shape != () or dtype.kind != "U":
        raise ValueError(f"{name} must be a text, got {dtype} of the shape {shape}")
    return data.decode("utf-32-be" if dtype.str[0] == ">" else "utf-32-le").rstrip("\0")


def _array(file: BinaryIO, name: str) -> tuple[tuple[int, ...], bool, np.dtype[Any], bytes]:
    """Shape, order and type of an array, as its header claims them, and all bytes that it has."""
    try:
        content = io.BytesIO(_content(file, f"{name}.npy"))
        read_header = HEADERS[np.lib.format.read_magic(content)]
        return *read_header(content), content.read()
    except Exception as error:  # no list says what zipfile and NumPy raise for a damaged file
        raise ValueError(f"its part {name} cannot be read: {error}") from error


def _content(file: BinaryIO, member: str) -> bytes:
    """The bytes of one member of a zip file; no more are read than the file has."""
    with zipfile.ZipFile(file) as archive:
        info = archive.getinfo(member)
        size = file.seek(0, os.SEEK_END)
        if info.compress_type != zipfile.ZIP_STORED or info.compress_size > size:
            raise ValueError("it is not stored as np.savez does it")
        return archive.read(info)
