"""Hostile .npz files: what `np.savez` writes, but for the parts that are not."""

import functools
import io
import pickle
import struct
import warnings
import zipfile

import numpy as np
from fuzzing import MB, NUMBERS, Trap, damaged
from hypothesis import strategies as st

TYPES = ["<f4", "<f8", ">f4", "<f2", "|b1", "<i8", "<u8", "<c8", "<M8[s]", "|S3", "|V8", "|O"]
TYPES += ["<U3", "<U0", ">U2", "<U99999999", "|V999999999999", "f4,f4", "(9999999,)f4", "os.abort"]
TYPES += [[("a", "<f4"), ("b", "|O")], [("a", "<f4", (2**31,))], ("<f4", (2**31,))]
SHAPES = st.lists(NUMBERS | st.sampled_from([-1, 0, 1, 2**31, 2**62]), max_size=4).map(tuple)


def most_memory(content: bytes) -> int:
    """What reading a file of this size may take.

    zipfile makes an object of 0.5 kB for each entry of its list, which has 46 bytes in the file.
    A layer of 1 kB is made from 60 bytes, and the numbers of a network are there six times.
    """
    return 4 * MB + 40 * len(content)


def npy(array) -> bytes:
    """An array as `np.save` writes it."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


@st.composite
def claims(draw) -> bytes:
    """The header of an array that may claim anything, before a few bytes."""
    header = {
        "descr": draw(st.sampled_from(TYPES)),
        "fortran_order": draw(st.sampled_from([False, True, 7])),
        "shape": draw(SHAPES | st.sampled_from([(), (3,), (2**40,), (2**31, 784), (2**40, 0)])),
    }
    text = draw(
        st.just(repr(header)) | st.sampled_from(["(" * 9000, "{" * 300, "__import__('os')"])
    )
    major, form = draw(st.sampled_from([(1, "<H"), (2, "<I"), (3, "<I"), (9, "<H")]))
    data = draw(st.sampled_from([b"", bytes(12), b"\xff" * 12, pickle.dumps(Trap())]))
    return b"\x93NUMPY" + bytes([major, 0]) + struct.pack(form, len(text)) + text.encode() + data


def parts(*others) -> st.SearchStrategy:
    """A part that is not as it should be: another array, a damaged one, claims, or a trap."""
    arrays = st.sampled_from([npy(np.array(one)) for one in others])
    trap = st.just(npy(np.array([Trap()], object)))
    return st.one_of(arrays, arrays, arrays.flatmap(damaged), claims(), trap)


def text_of(values: st.SearchStrategy) -> st.SearchStrategy:
    """Texts as parts of the file."""
    return values.map(lambda text: npy(np.array(text)))


@st.composite
def archives(draw, whole: dict, hostile: dict[str, st.SearchStrategy]) -> bytes:
    """An .npz file with whole parts, but for one or two that are hostile, missing or there twice."""
    chosen = draw(st.sets(st.sampled_from(sorted(whole)), min_size=1, max_size=2))
    file = io.BytesIO()
    packing = draw(st.sampled_from([zipfile.ZIP_STORED] * 9 + [zipfile.ZIP_DEFLATED]))
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", packing) as archive:
        warnings.simplefilter("ignore")  # a name that is there twice
        for name, array in whole.items():
            contents = [npy(np.array(array))]
            if name in chosen:
                count = draw(st.sampled_from([1, 1, 1, 1, 0, 2]))
                contents = [draw(hostile[name]) for _ in range(count)]
            for content in contents:
                with archive.open(f"{name}.npy", "w", force_zip64=draw(st.booleans())) as member:
                    member.write(content)
    content = file.getvalue()
    return draw(st.one_of(*[st.just(content)] * 5, damaged(content)))


@functools.cache
def bomb(**texts: str) -> bytes:
    """A file of 40 kB whose array has 40 MB when it is unpacked."""
    file = io.BytesIO()
    np.savez_compressed(
        file, theta=np.zeros(10_000_000, np.float32), mask=np.ones(0, bool), **texts
    )
    return file.getvalue()


def claims_2_gb(content: bytes) -> bytes:
    """The same file, whose list says of each part that it has 2 GB."""
    place = content.find(b"PK\1\2")
    while place >= 0:
        content = (
            content[: place + 20] + struct.pack("<II", *[2**31 - 1] * 2) + content[place + 28 :]
        )
        place = content.find(b"PK\1\2", place + 4)
    return content
