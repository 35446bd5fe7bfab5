"""Conv2D, MaxPool2D and Flatten: against loops over pixels, against SciPy, and by hand."""

import numpy as np
import pytest
import scipy.signal

from netlib import Conv2D, Dense, Flatten, MaxPool2D, Network


def alone(layer, dtype=np.float64):
    """The layer with weights and biases of its own, none of them 0."""
    net = Network([layer, *([] if isinstance(layer.outputs, int) else [Flatten(layer.outputs)])])
    net = net.copy(dtype=dtype)
    net.theta = np.random.default_rng(0).normal(size=net.theta.size)
    return net.layers[0]


def images(*shape, seed=1):
    return np.random.default_rng(seed).normal(size=shape)


# --- Conv2D -------------------------------------------------------------------------------


def test_forward_is_a_sum_over_the_filter_and_the_channels_at_every_place():
    layer = alone(Conv2D((5, 4, 2), 3, 2, "identity"))
    x = images(2, 5, 4, 2)
    z = layer.forward(x)
    assert z.shape == (2, 4, 3, 3)
    for m, r, c, f in np.ndindex(*z.shape):
        total = layer.b[f]
        for i, j, k in np.ndindex(2, 2, 2):
            total += x[m, r + i, c + j, k] * layer.W[i, j, k, f]
        assert z[m, r, c, f] == pytest.approx(total)


def test_one_channel_and_one_filter_is_what_scipy_calls_correlation():
    layer = alone(Conv2D((9, 8, 1), 1, 3, "identity"))
    x = images(1, 9, 8, 1)
    expected = scipy.signal.correlate2d(x[0, :, :, 0], layer.W[:, :, 0, 0], mode="valid")
    np.testing.assert_allclose(layer.forward(x)[0, :, :, 0], expected + layer.b[0])


def test_a_filter_as_large_as_the_image_is_a_dense_layer():
    conv, dense = alone(Conv2D((3, 3, 2), 4, 3, "tanh")), alone(Dense(18, 4, "tanh"))
    x, dz = images(5, 3, 3, 2), images(5, 1, 1, 4, seed=2)
    np.testing.assert_allclose(conv.forward(x)[:, 0, 0], dense.forward(x.reshape(5, 18)))
    conv.parameter_gradients(dz)
    dense.parameter_gradients(dz[:, 0, 0])
    np.testing.assert_allclose(conv.dW.reshape(18, 4), dense.dW)
    np.testing.assert_allclose(conv.db, dense.db)
    dx = conv.input_gradient(dz).reshape(5, 18)
    np.testing.assert_allclose(dx, dense.input_gradient(dz[:, 0, 0]))


def test_backward_sums_over_images_and_places():
    layer = alone(Conv2D((5, 4, 2), 3, 2, "identity"))
    x, dz = images(2, 5, 4, 2), images(2, 4, 3, 3, seed=2)
    layer.forward(x)
    layer.parameter_gradients(dz)
    dW, db, dx = np.zeros_like(layer.W), np.zeros_like(layer.b), np.zeros_like(x)
    for m, r, c, f in np.ndindex(*dz.shape):
        db[f] += dz[m, r, c, f]
        for i, j, k in np.ndindex(2, 2, 2):
            dW[i, j, k, f] += x[m, r + i, c + j, k] * dz[m, r, c, f]
            dx[m, r + i, c + j, k] += layer.W[i, j, k, f] * dz[m, r, c, f]
    np.testing.assert_allclose(layer.dW, dW)
    np.testing.assert_allclose(layer.db, db)
    np.testing.assert_allclose(layer.input_gradient(dz), dx)


def test_moving_the_image_moves_the_output():
    layer = alone(Conv2D((8, 8, 1), 2, 3, "relu"))
    x = np.zeros((1, 8, 8, 1))
    x[0, 2:5, 2:5, 0] = images(3, 3)
    moved = np.roll(x, (1, 2), axis=(1, 2))
    a = layer.forward(x)
    np.testing.assert_allclose(layer.forward(moved)[:, 1:, 2:], a[:, :-1, :-2])


def test_an_edge_filter_finds_the_edge():
    layer = alone(Conv2D((3, 4, 1), 1, 2, "relu"))
    layer.W[:, :, 0, 0], layer.b[:] = [[-1, 1], [-1, 1]], 0  # right minus left
    x = np.array([[0, 0, 1, 1]] * 3, float).reshape(1, 3, 4, 1)
    assert layer.forward(x)[0, :, :, 0].tolist() == [[0, 2, 0], [0, 2, 0]]


def test_filters_start_with_variance_two_over_the_inputs_that_reach_a_node():
    layer = alone(Conv2D((10, 10, 50), 100, 3, "relu"))
    layer.initialize(np.random.default_rng(0))
    assert layer.W.var() == pytest.approx(2 / (9 * 50), rel=0.03)
    assert (layer.b == 0).all()


def test_the_layers_compute_in_the_networks_precision():
    layers = [Conv2D((6, 6, 1), 2, 3, "relu"), MaxPool2D((4, 4, 2), 2), Flatten((2, 2, 2))]
    net = Network(layers)
    for dtype in (np.float32, np.float64):
        net = net.copy(dtype=dtype)
        net.loss_and_gradient(images(3, 6, 6, 1), images(3, 8), "squared_error")
        for layer in net.layers:
            assert layer.a.dtype == layer.input_gradient(layer.a).dtype == dtype


# --- MaxPool2D ----------------------------------------------------------------------------


def test_the_largest_of_each_square_stays():
    layer = alone(MaxPool2D((4, 4, 1), 2))
    x = np.array([[1, 2, 5, 6], [3, 4, 8, 7], [0, 0, -1, -2], [0, 9, -3, -4]], float)
    assert layer.forward(x.reshape(1, 4, 4, 1))[0, :, :, 0].tolist() == [[4, 8], [9, -1]]


@pytest.mark.parametrize("shape, side", [((6, 4, 3), 2), ((9, 6, 2), 3), ((7, 5, 2), 2)])
def test_pooling_is_a_loop_over_squares_and_leaves_out_what_fills_none(shape, side):
    layer = alone(MaxPool2D(shape, side))
    x = images(2, *shape)
    a = layer.forward(x)
    assert a.shape == (2, shape[0] // side, shape[1] // side, shape[2]) == (2, *layer.outputs)
    for m, r, c, k in np.ndindex(*a.shape):
        square = x[m, side * r : side * r + side, side * c : side * c + side, k]
        assert a[m, r, c, k] == square.max()


def test_the_gradient_goes_to_the_largest_pixel_alone():
    layer = alone(MaxPool2D((4, 2, 1), 2))
    layer.forward(np.array([[1, 2], [4, 3], [9, 7], [6, 8]], float).reshape(1, 4, 2, 1))
    dx = layer.input_gradient(np.array([10.0, 20.0]).reshape(1, 2, 1, 1))
    assert dx[0, :, :, 0].tolist() == [[0, 0], [10, 0], [20, 0], [0, 0]]


def test_of_several_largest_pixels_the_first_gets_the_gradient_once():
    layer = alone(MaxPool2D((4, 4, 3), 2))
    layer.forward(np.ones((2, 4, 4, 3)))
    dz = images(2, 2, 2, 3)
    dx = layer.input_gradient(dz)
    assert (dx[:, ::2, ::2] == dz).all()
    assert dx.sum() == pytest.approx(dz.sum())


def test_pooling_leaves_its_input_as_it_was():
    layer = alone(MaxPool2D((4, 4, 1), 2))
    x = images(1, 4, 4, 1)
    before = x.copy()
    layer.forward(x)
    layer.input_gradient(np.ones((1, 2, 2, 1)))
    assert (x == before).all()


# --- Flatten and networks of images -------------------------------------------------------


def test_flatten_goes_through_rows_then_columns_then_channels_and_back():
    layer = alone(Flatten((2, 3, 2)))
    x = np.arange(24.0).reshape(2, 2, 3, 2)
    assert layer.forward(x).tolist() == [list(range(12)), list(range(12, 24))]
    assert (layer.input_gradient(layer.a) == x).all()


def small_net(output="softmax"):
    layers = [Conv2D((6, 6, 1), 2, 3, "relu"), MaxPool2D((4, 4, 2), 2), Flatten((2, 2, 2))]
    return Network([*layers, Dense(8, 3, output)], rng=0)


def test_images_may_come_as_rows_of_pixels():
    net, rows = small_net(), images(4, 36)
    as_images = rows.reshape(4, 6, 6, 1)
    assert (net.forward(rows) == net.forward(as_images)).all()
    assert net.input_gradient(rows, [0, 1, 2, 0]).shape == (4, 6, 6, 1)


def test_theta_holds_the_weights_of_all_layers_that_have_some():
    net = small_net()
    assert net.theta.size == (9 * 2 + 2) + (8 * 3 + 3)
    conv, pool, flatten, dense = net.layers
    parts = [conv.W.ravel(), conv.b, dense.W.ravel(), dense.b]
    assert (net.theta == np.concatenate(parts)).all()
    assert pool.W.size == pool.b.size == flatten.W.size == 0
    assert net.is_weight.sum() == 9 * 2 + 8 * 3


def test_a_network_of_images_is_saved_and_loaded_whole(tmp_path):
    net = small_net()
    net.save(tmp_path / "net.npz")
    twin = Network.load(tmp_path / "net.npz")
    assert repr(twin) == repr(net)
    assert (twin.forward(images(4, 36)) == net.forward(images(4, 36))).all()


def test_answers_for_many_images_are_those_for_each():
    net, rows = small_net(), images(1203, 36)
    expected = np.concatenate([net.predict(rows[k : k + 1]) for k in range(1203)])
    assert (net.predict(rows) == expected).all()
    y = expected
    each = [net.loss(rows[k : k + 1], y[k : k + 1]) for k in range(1203)]
    assert net.loss(rows, y) == pytest.approx(np.mean(each), rel=1e-5)
