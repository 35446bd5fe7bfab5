"""Training: what a pass over the examples does, and that something is learned."""

import inspect

import numpy as np
import pytest
import sklearn.metrics
from sklearn.model_selection import train_test_split

from netlib import SGD, Adam, Dense, Epoch, Network, accuracy, load_digits, prune, train


def small_net(rng=0, dtype=np.float32):
    return Network([Dense(2, 6, "tanh"), Dense(6, 3, "softmax")], rng=rng, dtype=dtype)


def examples(m, seed=0):
    """Points of the plane, and the third of it in which each lies: easy to learn."""
    X = np.random.default_rng(seed).normal(size=(m, 2))
    return X, (np.digitize(np.arctan2(X[:, 1], X[:, 0]), [-1, 1])).astype(int)


def run(net, X, y, **options):
    options = {"optimizer": SGD(0.1), "epochs": 1, "rng": 0} | options
    return list(train(net, X, y, **options))


def record_batches(net):
    """Let `net.step_back` note the rows that it is given, and go on as before."""
    batches, step_back = [], net.step_back

    def noting(X, Y, loss):
        batches.append((X.copy(), Y.copy()))
        return step_back(X, Y, loss)

    net.step_back = noting
    return batches


# --- the loop -----------------------------------------------------------------------------


def test_nothing_happens_before_the_loop_is_entered():
    net = small_net()
    theta = net.theta.copy()
    X, y = examples(10)
    loop = train(net, X, y, optimizer=SGD(0.1), epochs=3)
    assert (net.theta == theta).all()
    next(loop)
    assert (net.theta != theta).any()


def test_one_epoch_is_trained_each_time_round():
    net = small_net()
    X, y = examples(10)
    numbers, thetas = [], []
    for epoch in train(net, X, y, optimizer=SGD(0.1), epochs=3):
        assert isinstance(epoch, Epoch) and epoch.seconds > 0
        numbers.append(epoch.number)
        thetas.append(net.theta.copy())
    assert numbers == [1, 2, 3]
    assert (thetas[0] != thetas[1]).any() and (thetas[1] != thetas[2]).any()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda X, y: {"epochs": -1},
        lambda X, y: {"batch_size": 0},
        lambda X, y: {"loss": "nothing"},
        lambda X, y: {"rng": "seed"},
        lambda X, y: {"validation": (X, y + 5)},
        lambda X, y: {"optimizer": None},
        lambda X, y: {"optimizer": SGD},
        lambda X, y: {"optimizer": "adam"},
    ],
    ids=["epochs", "batch_size", "loss", "rng", "validation", "no optimizer", "SGD", "a name"],
)
def test_wrong_arguments_are_reported_at_the_call_not_in_the_loop(wrong):
    X, y = examples(10)
    options = {"optimizer": SGD(0.1)} | wrong(X, y)
    with pytest.raises((ValueError, TypeError)):
        train(small_net(), X, y, **options)


def test_options_are_given_by_name():
    """So that nobody mistakes the number of epochs for the batch size."""
    _, _, _, *options = inspect.signature(train).parameters.values()
    assert {option.kind for option in options} == {inspect.Parameter.KEYWORD_ONLY}


def test_no_epochs_change_nothing():
    net = small_net()
    theta = net.theta.copy()
    assert run(net, *examples(10), epochs=0) == []
    assert (net.theta == theta).all()


def test_leaving_the_loop_early_is_fine():
    net = small_net()
    for epoch in train(net, *examples(10), optimizer=SGD(0.1), epochs=100):
        if epoch.number == 2:
            break
    assert epoch.number == 2


# --- mini-batches -------------------------------------------------------------------------


@pytest.mark.parametrize("batch_size", [1, 3, 4, 10, 11, 1000])
def test_each_example_is_used_exactly_once_an_epoch(batch_size):
    net = small_net()
    X, y = examples(10)
    batches = record_batches(net)
    run(net, X, y, epochs=2, batch_size=batch_size)
    steps = -(-10 // batch_size)  # rounded up
    assert len(batches) == 2 * steps
    for epoch in (batches[:steps], batches[steps:]):
        used = np.concatenate([rows for rows, _ in epoch])
        assert sorted(used[:, 0]) == sorted(X[:, 0].astype(np.float32))


def test_all_batches_but_the_last_are_full():
    net = small_net()
    batches = record_batches(net)
    run(net, *examples(10), batch_size=4)
    assert [len(rows) for rows, _ in batches] == [4, 4, 2]


def test_each_image_keeps_its_label():
    net = small_net()
    X, y = examples(50)
    label = dict(zip(X[:, 0].astype(np.float32), y, strict=True))
    batches = record_batches(net)
    run(net, X, y, batch_size=7)
    for rows, targets in batches:
        assert targets.argmax(axis=1).tolist() == [label[value] for value in rows[:, 0]]


def test_every_epoch_has_another_order():
    net = small_net()
    batches = record_batches(net)
    run(net, *examples(20), epochs=2, batch_size=20)
    first, second = (rows for rows, _ in batches)
    assert (first != second).any()


def test_the_data_are_left_as_they_were():
    X, y = examples(20)
    X_before, y_before = X.astype(np.float32), y.copy()
    X_given = X_before.copy()
    run(small_net(), X_given, y, epochs=2)
    assert (X_given == X_before).all() and (y == y_before).all()


def test_one_batch_of_all_is_gradient_descent_written_out():
    X, y = examples(10)
    net, by_hand = small_net(dtype=np.float64), small_net(dtype=np.float64)
    run(net, X, y, epochs=5, batch_size=10, optimizer=SGD(0.5))
    for _ in range(5):
        _, gradient = by_hand.loss_and_gradient(X, y)
        by_hand.theta -= 0.5 * gradient
    np.testing.assert_allclose(net.theta, by_hand.theta, rtol=1e-9)


def test_the_same_seed_gives_the_same_result_and_another_seed_another():
    def result(seed):
        net = small_net()
        losses = [epoch.loss for epoch in run(net, *examples(20), epochs=3, batch_size=4, rng=seed)]
        return losses, net.theta.tolist()

    assert result(1) == result(1)
    assert result(1) != result(2)


# --- what is reported ---------------------------------------------------------------------


def test_the_loss_is_the_mean_over_examples_also_if_the_last_batch_is_short():
    """With steps too small to matter, each batch's C is that of the unchanged network."""
    net = small_net(dtype=np.float64)
    X, y = examples(10)
    expected = net.loss(X, y)
    [epoch] = run(net, X, y, batch_size=4, optimizer=SGD(1e-15))
    assert epoch.loss == pytest.approx(expected, rel=1e-12)


def test_the_loss_of_a_batch_is_measured_before_its_step():
    net = small_net(dtype=np.float64)
    X, y = examples(10)
    before = net.loss(X, y)
    [epoch] = run(net, X, y, batch_size=10)
    assert epoch.loss == pytest.approx(before)
    assert net.loss(X, y) < before


def test_validation_is_measured_on_the_network_as_it_is_after_the_epoch():
    net = small_net()
    X_val, y_val = examples(30, seed=1)
    options = {"optimizer": SGD(0.5), "loss": "squared_error", "validation": (X_val, y_val)}
    for epoch in train(net, *examples(40), epochs=3, rng=0, **options):
        assert epoch.validation_loss == net.loss(X_val, y_val, "squared_error")
        assert epoch.validation_accuracy == accuracy(net, X_val, y_val)
    assert epoch.validation_loss != net.loss(X_val, y_val, "cross_entropy")


def test_without_validation_its_numbers_are_none():
    [epoch] = run(small_net(), *examples(10))
    assert epoch.validation_loss is None and epoch.validation_accuracy is None


def test_nothing_is_learned_from_the_validation_examples():
    with_it, without = small_net(), small_net()
    X, y = examples(20)
    run(with_it, X, y, epochs=3, validation=examples(20, seed=1))
    run(without, X, y, epochs=3)
    assert (with_it.theta == without.theta).all()


@pytest.mark.filterwarnings("error")  # the error says it all; NumPy need not warn
def test_divergence_stops_with_the_epoch_and_the_learning_rate():
    net = Network([Dense(2, 6, "relu"), Dense(6, 1, "identity")], rng=0)
    X, _ = examples(64)
    reached = 0
    with pytest.raises(FloatingPointError, match=r"inf|nan") as error:
        for epoch in train(net, X, X[:, :1], optimizer=SGD(2), loss="squared_error", epochs=50):
            reached = epoch.number
    assert f"in epoch {reached + 1} " in str(error.value)
    assert "learning rate below 2" in str(error.value)
    assert f"go up to {np.abs(X).max():g}" in str(error.value)


@pytest.mark.filterwarnings("error")
def test_an_infinite_loss_stops_training_even_if_all_weights_are_finite():
    net = Network([Dense(1, 1, "identity")], rng=0)
    net.layers[0].b[:] = 1e20  # its square is too large for float32
    with pytest.raises(FloatingPointError, match=r"in epoch 1 \(the loss is inf\)"):
        list(train(net, [[0]], [[0]], optimizer=SGD(0.1), loss="squared_error", epochs=3))


@pytest.mark.filterwarnings("error")
def test_an_infinite_weight_stops_training_even_if_the_loss_was_finite():
    """C is measured before the step, and the last step of an epoch may be the one too large."""
    net = Network([Dense(1, 1, "identity")], rng=0)
    with pytest.raises(FloatingPointError, match="in epoch 1 "):
        list(train(net, [[1]], [[100]], optimizer=SGD(1e38), loss="squared_error", epochs=1))


# --- pruned weights -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "optimizer", [SGD(0.1), SGD(0.1, momentum=0.9), Adam(0.01)], ids=["sgd", "momentum", "adam"]
)
def test_pruned_weights_stay_zero_while_the_others_learn(optimizer):
    """Momentum and Adam still remember the steps from before the pruning."""
    net = small_net()
    X, y = examples(50)
    run(net, X, y, epochs=2, optimizer=optimizer)
    prune(net, 0.5)
    pruned = net.theta.copy()
    for _ in train(net, X, y, optimizer=optimizer, epochs=3, rng=0):
        assert (net.theta[~net.mask] == 0).all()
    assert (net.theta[net.mask] != pruned[net.mask]).all()


def test_a_pruned_weight_is_zero_already_at_the_next_batch():
    net = small_net()
    X, y = examples(50)
    optimizer = SGD(0.1, momentum=0.9)
    run(net, X, y, optimizer=optimizer)
    prune(net, 0.5)
    step_back, seen = net.step_back, []

    def looking(*arguments):
        seen.append(np.count_nonzero(net.theta[~net.mask]))
        return step_back(*arguments)

    net.step_back = looking
    run(net, X, y, optimizer=optimizer, batch_size=10)
    assert seen == [0] * 5


# --- learning -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def split():
    """X_train, X_test, y_train, y_test of the 8×8 digits, split at random.

    (On the customary split, whose last digits other people wrote, scikit-learn reaches 0.89.)
    """
    digits = load_digits()
    return train_test_split(digits.images, digits.labels, test_size=0.25, random_state=0)


@pytest.mark.parametrize(
    "hidden, output, loss, optimizer",
    [
        ("relu", "softmax", "cross_entropy", Adam(0.003)),
        ("tanh", "softmax", "cross_entropy", SGD(0.1, momentum=0.9)),
        ("sigmoid", "sigmoid", "squared_error", SGD(1)),
    ],
)
def test_digits_are_learned(split, hidden, output, loss, optimizer):
    X_train, X_test, y_train, y_test = split
    net = Network([Dense(64, 32, hidden), Dense(32, 10, output)], rng=0)
    run(net, X_train, y_train, loss=loss, optimizer=optimizer, epochs=30)
    assert accuracy(net, X_test, y_test) > 0.95


def test_a_network_pruned_by_half_and_trained_again_is_as_good(split):
    X_train, X_test, y_train, y_test = split
    net = Network([Dense(64, 32, "relu"), Dense(32, 10, "softmax")], rng=0)
    run(net, X_train, y_train, optimizer=Adam(0.003), epochs=20)
    prune(net, 0.5)
    run(net, X_train, y_train, optimizer=Adam(0.003), epochs=10)
    assert np.count_nonzero(net.theta[net.is_weight]) == (64 * 32 + 32 * 10) / 2
    assert accuracy(net, X_test, y_test) > 0.95


XOR = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])


@pytest.mark.parametrize(
    "outputs, output, loss",
    [
        (1, "sigmoid", "cross_entropy"),
        (1, "sigmoid", "squared_error"),
        (2, "softmax", "cross_entropy"),
    ],
)
def test_xor_is_learned(outputs, output, loss):
    net = Network([Dense(2, 8, "tanh"), Dense(8, outputs, output)], rng=0)
    *_, last = run(net, *XOR, loss=loss, optimizer=Adam(0.05), epochs=300, batch_size=4)
    assert net.predict(XOR[0]).tolist() == [0, 1, 1, 0]
    assert last.loss < 0.05


def test_one_layer_does_not_learn_xor():
    """The best that one layer can do is to answer ½ everywhere: C = ln 2."""
    net = Network([Dense(2, 1, "sigmoid")], rng=0)
    *_, last = run(net, *XOR, optimizer=Adam(0.05), epochs=500, batch_size=4)
    assert last.loss == pytest.approx(np.log(2), abs=1e-3)


# --- accuracy -----------------------------------------------------------------------------


def test_accuracy_is_the_share_of_right_answers():
    net = Network([Dense(3, 3, "identity")])
    net.layers[0].W[:] = np.eye(3)
    X = np.eye(3)[[0, 1, 2, 2]]
    assert accuracy(net, X, [0, 1, 2, 0]) == 0.75
    assert accuracy(net, X, np.eye(3)[[0, 1, 2, 0]]) == 0.75  # rows, largest where the class is


@pytest.mark.parametrize(
    "y", [[1, 0, 0, 1], [[1], [0], [0], [1]], [[0.9], [0.2], [0.1], [0.7]]], ids=str
)
def test_accuracy_of_one_output_node_is_taken_at_one_half(y):
    net = Network([Dense(1, 1, "identity")])
    net.layers[0].W[:] = 1
    assert accuracy(net, [[0.8], [0.9], [0.1], [0.7]], y) == 0.75  # the answers are 1, 1, 0, 1


def test_a_target_of_one_half_is_the_same_class_as_an_answer_of_one_half():
    net = Network([Dense(1, 1, "identity")])
    net.layers[0].W[:] = 1
    assert accuracy(net, [[0.5]], [[0.5]]) == 1


def test_accuracy_is_that_of_scikit_learn():
    net = small_net()
    X, y = examples(100)
    assert accuracy(net, X, y) == sklearn.metrics.accuracy_score(y, net.predict(X))
