"""The format IDX, in which MNIST's files are: a header of a few numbers, then one byte a pixel."""

import math

import numpy as np

from netlib.hints import Array

UNSIGNED_BYTE = 8


def read_idx(content: bytes) -> Array:
    """The array that an IDX file holds.

    The first four bytes are 0, 0, the type of the numbers (8: whole numbers from 0 to 255, a byte
    each), and how many axes the array has. Then comes the length of each axis in four bytes, high
    byte first, and then number after number. So the header of 60,000 images of 28×28 pixels says
    0, 0, 8, 3; 60000; 28; 28.

    Parameters
    ----------
    content : bytes
        The whole file, unpacked.

    Returns
    -------
    array of uint8
        It looks at the bytes of `content`, and takes no memory of its own.

    Raises
    ------
    ValueError
        If these are not the bytes of such a file, or some are missing or too many.

    Examples
    --------
    >>> read_idx(bytes([0, 0, 8, 2,  0, 0, 0, 2,  0, 0, 0, 3,  1, 2, 3, 4, 5, 6]))
    array([[1, 2, 3],
           [4, 5, 6]], dtype=uint8)
    """
    if len(content) < 4 or content[:3] != bytes([0, 0, UNSIGNED_BYTE]) or content[3] == 0:
        raise ValueError(
            f"an IDX file of bytes begins with 00 00 08 and its number of axes; "
            f"this begins with {content[:4].hex(' ') or 'nothing'}"
        )
    axes = content[3]
    header = 4 + 4 * axes
    if len(content) < header:
        raise ValueError(f"the header has {header} bytes for {axes} axes; {len(content)} came")
    shape = [int.from_bytes(content[i : i + 4], "big") for i in range(4, header, 4)]
    if len(content) - header != math.prod(shape):
        raise ValueError(
            f"the header claims {' × '.join(map(str, shape))} = {math.prod(shape):,} numbers; "
            f"{len(content) - header:,} bytes follow it"
        )
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)
