"""The network that comes with netlib: it is the paper's, and as good as it is said to be."""

import hashlib
import json

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from conftest import skip, why_no_mnist
from netlib import accuracy, load_mnist, load_trained_network
from netlib.studies import results
from netlib.trained import PROVENANCE, WEIGHTS

PAPER = 98.61


@pytest.fixture
def provenance():
    return json.loads(PROVENANCE.read_text("utf-8"))


def test_it_is_the_papers_network():
    net = load_trained_network()
    assert repr(net) == (
        "Network([Dense(784, 64, 'relu'), Dense(64, 64, 'relu'), Dense(64, 10, 'softmax')])"
    )
    assert net.theta.size == 55_050
    assert net.mask is None
    assert WEIGHTS.stat().st_size < 225_000


def test_each_load_gives_a_network_of_its_own():
    net = load_trained_network()
    net.theta[:] = 0
    assert load_trained_network().theta.any()


def test_what_made_it_stands_beside_it(provenance):
    assert provenance["command"] == "python -m netlib.studies.reaching"
    assert provenance["seed"] == 0
    assert provenance["sha256"] == hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()
    assert "random_state=0" in provenance["split"]
    stored = results("reaching").values("held_out", seed=0)[0]
    assert provenance["percent_right"]["held_out"] == stored


def test_it_reads_the_held_out_half_as_well_as_it_says(provenance):
    if why_no_mnist():
        skip(f"needs MNIST: {why_no_mnist()}")
    images, labels = load_mnist().images, load_mnist().labels
    X, X_held, y, y_held = train_test_split(images, labels, train_size=0.5, random_state=0)
    net = load_trained_network()
    right = {"training": accuracy(net, X, y), "held_out": accuracy(net, X_held, y_held)}
    for half, share in right.items():  # on another processor an answer or two may tip over
        assert abs(100 * share - provenance["percent_right"][half]) < 0.01
    assert 100 * right["held_out"] > PAPER


def test_five_starts_exceed_the_papers_number():
    held_out = results("reaching").values("held_out")
    assert len(held_out) == 5
    assert (held_out >= PAPER).all()
    assert np.mean(held_out) >= 99  # the paper's other number
