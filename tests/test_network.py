"""Network: one vector of parameters, forward, backward, saving and loading."""

import json
import math
import pathlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neural_network import MLPClassifier

import netlib
from netlib import Dense, Network, prune


def small_net(dtype=np.float32, output="softmax", nodes=2):
    """3·4 + 4 + 4·nodes + nodes parameters, none of them 0."""
    net = Network([Dense(3, 4, "tanh"), Dense(4, nodes, output)], rng=0, dtype=dtype)
    net.theta[:] = np.random.default_rng(1).normal(size=net.theta.size)
    return net


# --- one vector ---------------------------------------------------------------------------


def test_theta_lists_weights_then_biases_layer_by_layer():
    net = small_net()
    parts = [part.ravel() for layer in net.layers for part in (layer.W, layer.b)]
    assert (net.theta == np.concatenate(parts)).all()
    assert net.is_weight.tolist() == [True] * 12 + [False] * 4 + [True] * 8 + [False] * 2


def test_layers_hold_views_into_theta_and_gradient():
    net = small_net()
    for layer in net.layers:
        assert np.shares_memory(layer.W, net.theta) and np.shares_memory(layer.b, net.theta)
        assert np.shares_memory(layer.dW, net.gradient) and np.shares_memory(layer.db, net.gradient)
    net.theta[1] = 42  # row 0, column 1 of the first W
    assert net.layers[0].W[0, 1] == 42
    net.layers[1].b[1] = -7  # the very last parameter
    assert net.theta[-1] == -7


def test_the_gradient_has_the_place_of_its_parameter():
    net = small_net()
    _, gradient = net.loss_and_gradient(np.eye(3), [0, 1, 0])
    assert gradient is net.gradient
    parts = [part.ravel() for layer in net.layers for part in (layer.dW, layer.db)]
    assert (gradient == np.concatenate(parts)).all()


def test_everything_is_float32_unless_float64_is_asked_for():
    X = np.eye(3)
    for net, dtype in [
        (Network([Dense(3, 2, "sigmoid")]), np.float32),
        (Network([Dense(3, 2, "sigmoid")], dtype=np.float64), np.float64),
    ]:
        net.loss_and_gradient(X, [0, 1, 0])
        layer = net.layers[0]
        for array in (net.theta, net.gradient, layer.W, layer.b, layer.z, net.forward(X)):
            assert array.dtype == dtype


def test_the_same_seed_gives_the_same_network_and_another_seed_another():
    def theta(rng):
        return Network([Dense(3, 4, "relu"), Dense(4, 2, "softmax")], rng=rng).theta

    assert (theta(5) == theta(5)).all()
    assert (theta(5) == theta(np.random.default_rng(5))).all()
    assert (theta(5) != theta(6)).any()


def test_making_a_network_leaves_numpys_global_randomness_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    Network([Dense(3, 4, "relu")])
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


def test_a_copy_is_equal_and_independent():
    net = small_net()
    prune(net, 0.5)
    twin = net.copy()
    assert (twin.theta == net.theta).all() and (twin.mask == net.mask).all()
    assert repr(twin) == repr(net) and twin.dtype == net.dtype
    twin.theta[:] = 0
    twin.mask[:] = False
    assert net.theta.any() and net.mask.any()


def test_a_mask_sets_what_it_leaves_out_to_zero():
    net = small_net()
    mask = np.arange(net.theta.size) % 2 == 0
    net.mask = mask
    assert (net.theta[~mask] == 0).all() and (net.theta[mask] != 0).all()
    net.mask = None
    assert net.mask is None


# --- forward ------------------------------------------------------------------------------


def test_forward_is_a_loop_over_examples_layers_and_nodes():
    rng = np.random.default_rng(0)
    layers = [Dense(3, 4, "relu"), Dense(4, 5, "tanh"), Dense(5, 2, "sigmoid")]
    net = Network(layers, rng=rng, dtype=np.float64)
    X = rng.normal(size=(6, 3))
    sigma = {
        "relu": lambda z: max(z, 0.0),
        "tanh": math.tanh,
        "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    }
    outputs = net.forward(X)
    for x, output in zip(X, outputs, strict=True):
        a = list(x)
        for layer in layers:
            a = [
                sigma[layer.activation.name](
                    sum(a[i] * layer.W[i, n] for i in range(layer.inputs)) + layer.b[n]
                )
                for n in range(layer.outputs)
            ]
        np.testing.assert_allclose(output, a)


@pytest.mark.parametrize("hidden", ["relu", "tanh"])
def test_scikit_learn_gives_the_same_outputs_and_answers_with_the_same_weights(hidden):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(30, 6)), np.arange(30) % 4
    net = Network([Dense(6, 5, hidden), Dense(5, 4, "softmax")], rng=rng, dtype=np.float64)
    net.theta[:] = rng.normal(size=net.theta.size)
    theirs = MLPClassifier((5,), activation=hidden).partial_fit(X, y, classes=range(4))
    theirs.coefs_ = [layer.W for layer in net.layers]
    theirs.intercepts_ = [layer.b for layer in net.layers]
    np.testing.assert_allclose(net.forward(X), theirs.predict_proba(X), rtol=1e-12)
    assert (net.predict(X) == theirs.predict(X)).all()


def test_predict_is_the_place_of_the_largest_output():
    net = Network([Dense(3, 3, "identity")])
    net.layers[0].W[:] = np.eye(3)
    assert net.predict([[1, 5, 2], [9, 0, 0], [0, 0, 1]]).tolist() == [1, 0, 2]


def test_predict_with_one_output_node_says_one_above_a_half():
    net = Network([Dense(1, 1, "identity")])
    net.layers[0].W[:] = 1
    assert net.predict([[0.4], [0.5], [0.6]]).tolist() == [0, 0, 1]


def test_no_examples_give_no_answers():
    net = small_net()
    assert net.forward(np.zeros((0, 3))).shape == (0, 2)
    assert net.predict(np.zeros((0, 3))).shape == (0,)


def test_xor_with_weights_chosen_by_hand():
    # node 1: at least one input; node 2: both; answer: one, but not both
    net = Network([Dense(2, 2, "step"), Dense(2, 1, "step")])
    net.layers[0].W[:], net.layers[0].b[:] = 1, [-0.5, -1.5]
    net.layers[1].W[:], net.layers[1].b[:] = [[1], [-1]], -0.5
    assert net.predict([[0, 0], [0, 1], [1, 0], [1, 1]]).tolist() == [0, 1, 1, 0]


# --- backward -----------------------------------------------------------------------------


@pytest.mark.parametrize("loss", ["cross_entropy", "squared_error"])
def test_the_gradient_is_the_slope_of_the_loss(loss):
    """Central differences written out here, so that gradient_check is not its own witness."""
    net = small_net(np.float64)
    rng = np.random.default_rng(2)
    X, y = rng.normal(size=(5, 3)), np.array([0, 1, 1, 0, 1])
    _, gradient = net.loss_and_gradient(X, y, loss)
    gradient, dX, h = gradient.copy(), net.input_gradient(X, y, loss), 1e-6
    for k in range(net.theta.size):
        net.theta[k] += h
        above = net.loss(X, y, loss)
        net.theta[k] -= 2 * h
        below = net.loss(X, y, loss)
        net.theta[k] += h
        assert gradient[k] == pytest.approx((above - below) / (2 * h), abs=1e-8)
    for place in np.ndindex(*X.shape):
        moved = np.zeros_like(X)
        moved[place] = h
        slope = (net.loss(X + moved, y, loss) - net.loss(X - moved, y, loss)) / (2 * h)
        assert dX[place] == pytest.approx(slope, abs=1e-8)


def test_one_node_per_layer_gives_the_chain_rule_of_the_paper():
    """∂C/∂W = 2 (a₂ − y) · a₂ (1 − a₂) · w₂ · a₁ (1 − a₁) · x, written out in plain Python."""
    net = Network([Dense(1, 1, "sigmoid"), Dense(1, 1, "sigmoid")], dtype=np.float64)
    w1, b1, w2, b2 = net.theta[:] = [0.5, -0.2, 1.5, 0.3]
    x, y = 0.8, 1.0
    a1 = 1 / (1 + math.exp(-(w1 * x + b1)))
    a2 = 1 / (1 + math.exp(-(w2 * a1 + b2)))
    dz2 = 2 * (a2 - y) * a2 * (1 - a2)
    dz1 = dz2 * w2 * a1 * (1 - a1)
    C, gradient = net.loss_and_gradient([[x]], [[y]], "squared_error")
    assert pytest.approx((a2 - y) ** 2) == C
    np.testing.assert_allclose(gradient, [dz1 * x, dz1, dz2 * a1, dz2])


def test_loss_alone_is_the_loss_that_comes_with_the_gradient():
    net = small_net()
    X, y = np.eye(3), [0, 1, 1]
    assert net.loss(X, y) == net.loss_and_gradient(X, y)[0]
    assert type(net.loss(X, y)) is float


def test_computing_the_gradient_changes_neither_theta_nor_the_data():
    net = small_net()
    X, Y = np.eye(3, dtype=np.float32), np.array([[0, 1], [1, 0], [1, 0]], np.float32)
    theta = net.theta.copy()
    net.loss_and_gradient(X, Y)
    assert (net.theta == theta).all()
    assert np.array_equal(X, np.eye(3)) and Y[:, 0].tolist() == [0, 1, 1]


@pytest.mark.parametrize("output", ["identity", "tanh", "relu", "step"])
def test_cross_entropy_is_refused_where_outputs_are_not_probabilities(output):
    net = small_net(output=output)
    for call in (net.loss, net.loss_and_gradient, net.input_gradient):
        with pytest.raises(ValueError, match=f"probabilities.*{output}|step has slope 0"):
            call(np.eye(3), [0, 1, 0], "cross_entropy")


@pytest.mark.parametrize("loss", ["cross_entropy", "squared_error"])
@pytest.mark.parametrize("place", [0, 1])
def test_nothing_is_learned_through_a_step_wherever_it_stands(place, loss):
    names = ["sigmoid", "sigmoid"]
    names[place] = "step"
    net = Network([Dense(3, 2, names[0]), Dense(2, 2, names[1])])
    with pytest.raises(ValueError, match=r"slope 0.*use sigmoid, tanh or relu"):
        net.loss_and_gradient(np.eye(3), [0, 1, 0], loss)


# --- saving and loading -------------------------------------------------------------------


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    sizes=st.lists(st.integers(1, 5), min_size=2, max_size=4),
    names=st.lists(
        st.sampled_from(["identity", "step", "sigmoid", "tanh", "relu", "softmax"]),
        min_size=3,
        max_size=3,
    ),
    dtype=st.sampled_from([np.float32, np.float64]),
    fraction=st.sampled_from([None, 0, 0.5, 1]),
)
def test_a_loaded_network_is_the_saved_one(tmp_path_factory, sizes, names, dtype, fraction):
    shapes = zip(sizes[:-1], sizes[1:], names, strict=False)
    net = Network([Dense(*shape) for shape in shapes], rng=0, dtype=dtype)
    if fraction is not None:
        prune(net, fraction)
    path = tmp_path_factory.mktemp("net") / "net.npz"
    net.save(path)
    twin = Network.load(path)
    assert repr(twin) == repr(net)
    assert twin.dtype == dtype
    assert (twin.theta == net.theta).all()
    assert (twin.mask is None) if net.mask is None else (twin.mask == net.mask).all()
    X = np.ones((2, sizes[0]))
    assert (twin.forward(X) == net.forward(X)).all()


@pytest.mark.parametrize("name", ["net.npz", "net", "my.net.v2"])
def test_the_file_has_the_very_name_that_was_given(tmp_path, name):
    small_net().save(str(tmp_path / name))
    assert [path.name for path in tmp_path.iterdir()] == [name]
    Network.load(str(tmp_path / name))


def test_a_failed_save_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "net.npz"
    small_net().save(path)
    old = path.read_bytes()

    def full_disk(file, **arrays):
        file.write(b"half of it")
        raise OSError("No space left on device")

    monkeypatch.setattr(np, "savez", full_disk)
    with pytest.raises(OSError, match="No space left"):
        small_net().save(path)
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == old


def test_saving_into_a_folder_that_is_not_there_is_an_os_error(tmp_path):
    with pytest.raises(OSError, match="no folder"):
        small_net().save(tmp_path / "no folder" / "net.npz")


def test_a_layer_that_load_would_not_know_is_not_saved(tmp_path):
    class Dense(netlib.Dense):
        """One's own, though it has the same name."""

    with pytest.raises(ValueError, match="only layers of netlib can be saved"):
        Network([Dense(2, 1, "relu")]).save(tmp_path / "net.npz")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_is_called_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.npz"):
        Network.load(tmp_path / "nowhere.npz")


@pytest.mark.parametrize(
    "content",
    [b"", b"hello, I am a text\n", b"PK\x03\x04 and no more", bytes(1000)],
    ids=["empty", "text", "half a zip", "zeros"],
)
def test_a_file_that_is_something_else_is_refused(tmp_path, content):
    path = tmp_path / "net.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"net\.npz is not a whole network saved by netlib"):
        Network.load(path)


def test_a_single_array_is_not_a_network(tmp_path):
    np.save(tmp_path / "array.npy", np.ones(3))
    with pytest.raises(ValueError, match=r"array\.npy is not a whole network"):
        Network.load(tmp_path / "array.npy")


def test_a_file_cut_short_is_refused_wherever_it_was_cut(tmp_path):
    path = tmp_path / "net.npz"
    small_net().save(path)
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match="not a whole network"):
            Network.load(path)


def test_a_file_with_one_altered_bit_is_refused_or_loads_as_it_was(tmp_path):
    path = tmp_path / "net.npz"
    net = small_net()
    net.save(path)
    whole = path.read_bytes()
    for place in range(len(whole)):
        altered = bytearray(whole)
        altered[place] ^= 1 << place % 8
        path.write_bytes(altered)
        try:
            twin = Network.load(path)
        except ValueError as error:
            assert "not a whole network" in str(error)
        else:
            assert (twin.theta == net.theta).all() and repr(twin) == repr(net)


def saved(path, **changes):
    """A file as `save` writes it for Dense(2, 1, "relu"), but for some changes."""
    arrays = {
        "format": "netlib-network-2",
        "layers": json.dumps([["Dense", 2, 1, "relu"]]),
        "theta": np.ones(3, np.float32),
        "mask": np.ones(0, bool),
    }
    np.savez(path, **(arrays | changes))
    return path


def test_the_file_described_in_these_tests_is_what_load_reads(tmp_path):
    assert repr(Network.load(saved(tmp_path / "net.npz"))) == "Network([Dense(2, 1, 'relu')])"


def test_a_file_of_the_first_edition_is_read_too(tmp_path):
    path = saved(tmp_path / "net.npz", format="netlib-network-1", layers='[[2, 1, "relu"]]')
    assert repr(Network.load(path)) == "Network([Dense(2, 1, 'relu')])"


@pytest.mark.parametrize(
    "changes, reason",
    [
        ({"format": "netlib-network-3"}, "its format is 'netlib-network-3'.*reads up to"),
        ({"theta": np.ones(4, np.float32)}, "theta has the shape.*need 3"),
        ({"theta": np.ones((3, 1), np.float32)}, "theta has the shape.*need 3"),
        ({"theta": np.array([1, np.nan, 1])}, "theta must be finite"),
        ({"theta": np.ones(3, int)}, "float32 or float64"),
        ({"mask": np.ones(2, bool)}, "mask must be 3"),
        ({"layers": "[[2, 1"}, "."),
        ({"layers": "{}"}, "at least one layer"),
        ({"layers": "7"}, "."),
        ({"layers": '[["Dense", 2, 1, "magic"]]'}, "no activation is called 'magic'"),
        ({"layers": '[["Magic", 2, 1]]'}, "no kind of layer is called 'Magic'.*Dense"),
        ({"layers": '[["Dense", 2, 3, "relu"], ["Dense", 1, 1, "relu"]]'}, "must be equal"),
        ({"layers": '[["Dense", 100000, 10000000, "relu"]]'}, "these layers need 10000.* numbers"),
        # as a number of 64 bits, (2⁶⁴ + 2) / 3 · 3 + 3 would be 5
        (
            {"layers": f'[["Dense", {(2**64 + 2) // 3}, 3, "relu"]]', "theta": np.ones(5, "f4")},
            "need",
        ),
    ],
    ids=str,
)
def test_a_file_with_something_wrong_in_it_is_refused_with_the_reason(tmp_path, changes, reason):
    path = saved(tmp_path / "net.npz", **changes)
    with pytest.raises(ValueError, match=rf"(?s)net\.npz is not a whole network.*{reason}"):
        Network.load(path)


def test_an_archive_of_other_arrays_is_refused(tmp_path):
    np.savez(tmp_path / "other.npz", X=np.ones(3), y=np.zeros(3))
    with pytest.raises(ValueError, match=r"other\.npz is not a whole network"):
        Network.load(tmp_path / "other.npz")


class Trap:
    """Unpickling this makes a file called `sprung`."""

    def __init__(self, sprung):
        self.sprung = sprung

    def __reduce__(self):
        return pathlib.Path.touch, (self.sprung,)


@pytest.mark.parametrize("name", ["format", "layers", "theta", "mask"])
def test_a_pickle_in_the_file_is_refused_and_never_run(tmp_path, name):
    sprung = tmp_path / "sprung"
    path = saved(tmp_path / "net.npz", **{name: np.array([Trap(sprung)], dtype=object)})
    with pytest.raises(ValueError, match="not a whole network"):
        Network.load(path)
    assert not sprung.exists()
    with np.load(path, allow_pickle=True) as file:  # the trap does work
        file[name]
    assert sprung.exists()


def test_repr_shows_the_layers():
    assert repr(small_net()) == "Network([Dense(3, 4, 'tanh'), Dense(4, 2, 'softmax')])"
