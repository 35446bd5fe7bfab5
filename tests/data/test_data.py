"""Data: the two sets of digits, and every way in which MNIST's files can fail to arrive.

Most tests here serve a tiny stand-in for MNIST (conftest.py). What can happen to a download is in
test_faults.py.
"""

import gzip
import os
import pathlib
import shutil

import numpy as np
import pytest
import sklearn.datasets

import netlib.data
from conftest import skip
from netlib import DataError, load_digits, load_mnist

from .conftest import NAMES

# --- the digits that come with scikit-learn -----------------------------------------------


def test_load_digits_has_1797_images_of_8_by_8():
    digits = load_digits()
    assert digits.images.shape == (1797, 64) and digits.images.dtype == np.float32
    assert digits.labels.shape == (1797,) and digits.labels.dtype == np.int64
    assert digits.side == 8
    assert digits.images.min() == 0 and digits.images.max() == 1
    assert set(digits.labels) == set(range(10))


def test_load_digits_is_what_scikit_learn_has():
    bunch = sklearn.datasets.load_digits()
    digits = load_digits()
    assert (digits.images * 16 == bunch.data).all()
    assert (digits.labels == bunch.target).all()


def test_the_splits_of_digits_are_views_of_all_of_it():
    digits = load_digits()
    assert [len(part) for part in digits.train] == [1437, 1437]
    assert [len(part) for part in digits.test] == [360, 360]
    for part in (digits.train, digits.test):
        assert np.shares_memory(part.images, digits.images)
        assert np.shares_memory(part.labels, digits.labels)
    assert (np.concatenate([digits.train.labels, digits.test.labels]) == digits.labels).all()


# --- the real MNIST -----------------------------------------------------------------------


def test_mnist_has_70000_images_from_0_to_1(mnist):
    assert mnist.images.shape == (70000, 784) and mnist.images.dtype == np.float32
    assert mnist.labels.shape == (70000,) and mnist.labels.dtype == np.int64
    assert mnist.images.min() == 0 and mnist.images.max() == 1
    assert mnist.side == 28


def test_mnist_has_the_published_count_of_each_digit(mnist):
    train = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    test = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(mnist.train.labels).tolist() == train
    assert np.bincount(mnist.test.labels).tolist() == test


def test_the_splits_of_mnist_are_views_of_all_of_it(mnist):
    for part, start, stop in ((mnist.train, 0, 60000), (mnist.test, 60000, 70000)):
        assert np.shares_memory(part.images, mnist.images)
        assert np.shares_memory(part.labels, mnist.labels)
        assert part.images.shape == (stop - start, 784)
        assert (part.labels == mnist.labels[start:stop]).all()


def test_the_first_image_of_mnist_is_a_five_with_paper_around_it(mnist):
    image = mnist.images[0].reshape(28, 28)
    assert mnist.labels[0] == 5
    border = np.ones((28, 28), bool)
    border[4:-4, 4:-4] = False
    assert (image[border] == 0).mean() > 0.9
    assert image[4:-4, 4:-4].mean() > 0.2


def test_the_files_at_hand_may_come_from_a_mirror(mnist, monkeypatch, serve, cache):
    """Of the real size, and whoever packed them."""
    folder = os.environ.get("NETLIB_DATA_DIR", "")
    if not all(pathlib.Path(folder, f"{name}.gz").exists() for name in NAMES):
        skip("MNIST's four .gz files are not in NETLIB_DATA_DIR")
    monkeypatch.setattr(netlib.data, "MIRRORS", (serve(folder),))
    monkeypatch.delenv("NETLIB_DATA_DIR")
    assert (load_mnist().images == mnist.images).all()
    assert sorted(path.name for path in cache.iterdir()) == sorted(f"{n}.gz" for n in NAMES)


# --- a stand-in, four files a few images long ---------------------------------------------


def use(folder, monkeypatch):
    monkeypatch.setenv("NETLIB_DATA_DIR", str(folder))


def test_the_bytes_of_the_files_become_images_and_labels(published, monkeypatch):
    use(published, monkeypatch)
    data = load_mnist()
    content = [gzip.decompress((published / f"{name}.gz").read_bytes()) for name in NAMES]
    assert data.images.shape == (7, 784)
    assert data.images[5, 3] == np.float32(content[2][16 + 3] / 255)  # the first test image
    assert data.images[1, 0] == np.float32(content[0][16 + 784] / 255)
    assert data.labels.tolist() == list(content[1][8:]) + list(content[3][8:])


def test_a_single_file_can_be_read_as_it_is(published, monkeypatch):
    use(published, monkeypatch)
    for name in NAMES:
        content = gzip.decompress((published / f"{name}.gz").read_bytes())
        assert netlib.data.read_mnist_file(name) == content


def test_an_unknown_file_is_refused_with_the_names_there_are():
    with pytest.raises(ValueError, match=r"no file 'train'.*t10k-labels-idx1-ubyte"):
        netlib.data.read_mnist_file("train")


def test_uncompressed_files_are_accepted(published, monkeypatch):
    use(published, monkeypatch)
    packed = load_mnist()
    for path in list(published.iterdir()):
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    assert (load_mnist().images == packed.images).all()


def test_files_compressed_again_in_another_way_are_accepted(published, monkeypatch):
    use(published, monkeypatch)
    for path in published.iterdir():
        path.write_bytes(
            gzip.compress(gzip.decompress(path.read_bytes()), compresslevel=1, mtime=1)
        )
    assert load_mnist().images.shape == (7, 784)


DAMAGE = {
    "cut short": lambda data: data[:-9],
    "almost nothing": lambda data: data[:5],
    "empty": lambda data: b"",
    "a page of HTML": lambda data: b"<html><body>Please log in to the network</body></html>",
    "one byte more inside": lambda data: gzip.compress(gzip.decompress(data) + b"\0"),
    "one byte less inside": lambda data: gzip.compress(gzip.decompress(data)[:-1]),
    "another file inside": lambda data: gzip.compress(bytes(len(gzip.decompress(data)))),
    "something after it": lambda data: data + b"more",
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", ["train-images-idx3-ubyte", "t10k-labels-idx1-ubyte"])
def test_a_damaged_file_is_refused_by_name(published, monkeypatch, name, damage):
    use(published, monkeypatch)
    path = published / f"{name}.gz"
    path.write_bytes(DAMAGE[damage](path.read_bytes()))
    with pytest.raises(DataError) as error:
        load_mnist()
    assert str(path) in str(error.value)
    assert "replace it with the published file" in str(error.value)


@pytest.mark.parametrize("extra", [b"\0", b""], ids=["one byte more", "one byte less"])
def test_an_uncompressed_file_of_another_size_is_refused(published, monkeypatch, extra):
    use(published, monkeypatch)
    packed = published / "t10k-labels-idx1-ubyte.gz"
    content = gzip.decompress(packed.read_bytes())
    packed.with_suffix("").write_bytes(content + extra if extra else content[:-1])
    packed.unlink()
    with pytest.raises(DataError, match=f"t10k-labels-idx1-ubyte holds .* expected {len(content)}"):
        load_mnist()


def test_a_flipped_byte_is_never_read_as_other_images_or_labels(published, monkeypatch):
    """Some bytes of a .gz say nothing of its content, such as its date; all others are noticed."""
    use(published, monkeypatch)
    path = published / "t10k-labels-idx1-ubyte.gz"
    whole, labels = path.read_bytes(), load_mnist().labels
    refused = 0
    for place in range(len(whole)):
        flipped = bytearray(whole)
        flipped[place] ^= 0xFF
        path.write_bytes(flipped)
        try:
            assert (load_mnist().labels == labels).all()
        except DataError:
            refused += 1
    assert refused > len(whole) / 2


def test_a_folder_in_place_of_a_file_is_refused(published, monkeypatch):
    use(published, monkeypatch)
    path = published / "t10k-labels-idx1-ubyte.gz"
    path.unlink()
    path.mkdir()
    with pytest.raises(DataError, match="cannot be read"):
        load_mnist()


# --- downloading --------------------------------------------------------------------------


def test_what_is_missing_is_downloaded_once(published, monkeypatch, serve, cache, nobody):
    monkeypatch.setattr(netlib.data, "MIRRORS", (serve(published),))
    images = load_mnist().images
    assert sorted(path.name for path in cache.iterdir()) == sorted(f"{n}.gz" for n in NAMES)
    monkeypatch.setattr(netlib.data, "MIRRORS", (nobody,))
    assert (load_mnist().images == images).all()


def test_the_folder_named_by_the_variable_comes_before_any_mirror(
    published, monkeypatch, cache, nobody
):
    use(published, monkeypatch)
    monkeypatch.setattr(netlib.data, "MIRRORS", (nobody,))
    load_mnist()
    assert not cache.exists()


def test_a_file_missing_from_the_folder_is_downloaded(published, monkeypatch, serve, tmp_path):
    some = tmp_path / "some"
    some.mkdir()
    for name in NAMES[:3]:
        shutil.copy(published / f"{name}.gz", some)
    use(some, monkeypatch)
    monkeypatch.setattr(netlib.data, "MIRRORS", (serve(published),))
    assert len(load_mnist().labels) == 7


def test_a_damaged_file_in_the_cache_is_downloaded_again(published, monkeypatch, serve, cache):
    monkeypatch.setattr(netlib.data, "MIRRORS", (serve(published),))
    load_mnist()
    (cache / f"{NAMES[1]}.gz").write_bytes(b"half of")
    assert len(load_mnist().labels) == 7


def test_if_all_fails_one_message_says_what_was_tried_and_what_to_do(
    published, monkeypatch, serve, tmp_path, nobody
):
    empty = tmp_path / "empty"
    empty.mkdir()
    mirrors = (nobody, serve(empty))
    monkeypatch.setattr(netlib.data, "MIRRORS", mirrors)
    use(empty, monkeypatch)
    with pytest.raises(DataError) as error:
        load_mnist()
    message = str(error.value)
    for fragment in (*mirrors, "404", f"NETLIB_DATA_DIR={empty}", "load_digits()", *NAMES):
        assert fragment in message


def test_the_message_says_that_the_variable_is_not_set(published, monkeypatch):
    with pytest.raises(DataError, match="NETLIB_DATA_DIR: not set"):
        load_mnist()


def test_the_mirrors_are_on_https():
    assert all(
        mirror.startswith("https://") and mirror.endswith("/") for mirror in netlib.data.MIRRORS
    )
