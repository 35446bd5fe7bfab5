"""A stand-in for MNIST: four files of the same format, a few images long, and where they lie."""

import contextlib
import gzip
import hashlib
import socket

import numpy as np
import pytest

import conftest
import netlib.data

NAMES = [file.name for file in netlib.data.FILES]


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A folder of this test's own in place of pooch's cache."""
    folder = tmp_path / "cache"
    monkeypatch.setattr(netlib.data.pooch, "os_cache", lambda name: folder)
    return folder


@pytest.fixture
def published(tmp_path, monkeypatch, cache):
    """A folder with the four files; `load_mnist` takes their hashes for true."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "published"
    folder.mkdir()
    files = []
    for name in NAMES:
        count = 5 if "train" in name else 2
        shape = (count, 28, 28) if "images" in name else (count,)
        header = bytes([0, 0, 8, len(shape)]) + b"".join(n.to_bytes(4, "big") for n in shape)
        numbers = rng.integers(0, 256 if "images" in name else 10, shape, dtype=np.uint8)
        content = header + numbers.tobytes()
        (folder / f"{name}.gz").write_bytes(gzip.compress(content))
        sha256 = hashlib.sha256(content).hexdigest()
        files.append(netlib.data._File(name, len(content), sha256))
    monkeypatch.setattr(netlib.data, "FILES", tuple(files))
    monkeypatch.setattr(netlib.data, "MIRRORS", ())
    monkeypatch.delenv("NETLIB_DATA_DIR", raising=False)
    return folder


@pytest.fixture
def serve():
    """A function that serves a folder on this computer and returns its address."""
    with contextlib.ExitStack() as servers:
        yield lambda folder: servers.enter_context(conftest.serve(folder))


@pytest.fixture
def nobody():
    """An address on this computer at which nobody answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/"
