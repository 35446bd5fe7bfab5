"""Fuzzing what reads a file of MNIST: packed or not, it must be the published one."""

import gzip
import hashlib
import pathlib
import tempfile

from fuzzing import MB, Outcome, attempt, damaged, fuzz
from hypothesis import strategies as st

import netlib.data
from netlib import DataError

WHOLE = bytes([0, 0, 8, 1, 0, 0, 3, 232]) + bytes(range(250)) * 4
SHA = hashlib.sha256(WHOLE).hexdigest()
FILE = netlib.data.FILES[1]._replace(size=len(WHOLE), sha256=SHA)
PACKED = gzip.compress(WHOLE, mtime=0)
BOMB = gzip.compress(bytes(50 * MB), mtime=0)

INPUTS = st.tuples(
    st.sampled_from([".gz", ""]),
    st.one_of(
        st.sampled_from([WHOLE, PACKED, BOMB, PACKED + BOMB, PACKED * 2, PACKED + bytes(99)]),
        st.sampled_from([WHOLE, PACKED]).flatmap(damaged),
        st.sampled_from([WHOLE, WHOLE + b"1", WHOLE[1:], bytes(len(WHOLE))]).map(gzip.compress),
        damaged(WHOLE).map(gzip.compress),
        st.binary(max_size=99),
    ),
)


def check(given: tuple[str, bytes]) -> Outcome:
    """The content is the published one, or a DataError names the file."""
    ending, content = given
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, FILE.name + ending)
        path.write_bytes(content)
        # the published size, and a few buffers of gzip
        outcome = attempt(
            lambda: netlib.data._checked_content(path, FILE), DataError, MB + 4 * FILE.size
        )
    assert outcome.result in (None, WHOLE)
    return outcome


def test_a_file_of_mnist_is_the_published_one_or_refused():
    fuzz(INPUTS, check, 250, derandomize=True)
