"""The scikit-learn estimator: it keeps scikit-learn's rules, and trains as `train` does."""

import copy
import multiprocessing
import os
import pickle

import joblib
import numpy as np
import pandas
import psutil
import pytest
import scipy.sparse
from distributed import Client, LocalCluster
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from netlib import SGD, Adam, Dense, Network, load_digits, train
from netlib.estimator import NetworkClassifier

nan, inf = float("nan"), float("inf")


def examples(m=60, seed=0):
    """Points of the plane, and the third of it in which each lies: easy to learn."""
    X = np.random.default_rng(seed).normal(size=(m, 2))
    return X, np.digitize(np.arctan2(X[:, 1], X[:, 0]), [-1, 1])


def quick(**parameters):
    """A classifier that is fitted in no time."""
    small = {"hidden_layer_sizes": (5,), "max_iter": 3, "random_state": 0}
    return NetworkClassifier(**small | parameters)


def fitted_theta(X, y, **parameters):
    return quick(**parameters).fit(X, y).network_.theta


@pytest.fixture(scope="module")
def digits():
    return load_digits()


# --- scikit-learn's own checks ------------------------------------------------------------


@parametrize_with_checks(
    [
        NetworkClassifier(),
        NetworkClassifier(solver="sgd", learning_rate_init=0.01),
        NetworkClassifier(hidden_layer_sizes=(), learning_rate_init=0.01),
        NetworkClassifier(16, "tanh", batch_size=8, max_iter=20),
    ]
)
def test_scikit_learn_finds_nothing_wrong(estimator, check, monkeypatch):
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")  # without it, one check is skipped
    check(estimator)


# --- the same training as with `train` ----------------------------------------------------


@pytest.mark.parametrize(
    "parameters, optimizer",
    [
        ({"solver": "adam", "learning_rate_init": 0.01}, Adam(0.01)),
        ({"solver": "sgd", "learning_rate_init": 0.1, "momentum": 0.5}, SGD(0.1, 0.5)),
        ({"solver": "sgd", "learning_rate_init": 0.1, "momentum": 0}, SGD(0.1)),
    ],
    ids=["adam", "momentum", "sgd"],
)
def test_a_fit_is_the_loop_over_train(parameters, optimizer):
    X, y = examples()
    classifier = NetworkClassifier(
        (6, 4), "tanh", batch_size=7, max_iter=4, random_state=3, **parameters
    ).fit(X, y)
    rng = np.random.default_rng(np.random.RandomState(3).randint(2**31))
    layers = [Dense(2, 6, "tanh"), Dense(6, 4, "tanh"), Dense(4, 3, "softmax")]
    net = Network(layers, rng=rng, dtype=X.dtype)
    epochs = list(train(net, X, y, optimizer=optimizer, epochs=4, batch_size=7, rng=rng))
    assert (classifier.network_.theta == net.theta).all()
    assert classifier.loss_curve_ == [epoch.loss for epoch in epochs]
    assert (classifier.predict(X) == net.predict(X)).all()
    assert (classifier.predict_proba(X) == net.forward(X)).all()


@pytest.mark.parametrize(
    "sizes, nodes",
    [
        ((), [2, 3]),
        ((4,), [2, 4, 3]),
        (4, [2, 4, 3]),
        (np.int64(4), [2, 4, 3]),
        ([6, 5, 4], [2, 6, 5, 4, 3]),
        (np.array([6, 5]), [2, 6, 5, 3]),
    ],
    ids=str,
)
def test_hidden_layers_have_the_sizes_asked_for(sizes, nodes):
    layers = quick(hidden_layer_sizes=sizes).fit(*examples()).network_.layers
    assert [layers[0].inputs] + [layer.outputs for layer in layers] == nodes


@pytest.mark.parametrize("activation", ["identity", "sigmoid", "tanh", "relu"])
def test_hidden_layers_have_the_activation_asked_for_and_the_last_has_softmax(activation):
    classifier = quick(hidden_layer_sizes=(4, 4), activation=activation).fit(*examples())
    names = [layer.activation.name for layer in classifier.network_.layers]
    assert names == [activation, activation, "softmax"]


@pytest.mark.parametrize(
    "change",
    [
        {"hidden_layer_sizes": (6,)},
        {"activation": "tanh"},
        {"solver": "adam"},
        {"batch_size": 8},
        {"learning_rate_init": 0.02},
        {"momentum": 0.5},
        {"max_iter": 4},
        {"random_state": 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_parameter_changes_what_is_learned(change):
    X, y = examples()
    theta = fitted_theta(X, y, solver="sgd", learning_rate_init=0.01)
    changed = fitted_theta(X, y, **{"solver": "sgd", "learning_rate_init": 0.01} | change)
    assert theta.shape != changed.shape or (theta != changed).any()


def test_every_epoch_is_run_and_its_loss_is_kept():
    classifier = quick(max_iter=7).fit(*examples())
    assert classifier.n_iter_ == len(classifier.loss_curve_) == 7
    assert classifier.loss_ == classifier.loss_curve_[-1] < classifier.loss_curve_[0]


def test_all_epochs_are_run_even_if_the_loss_no_longer_falls():
    assert quick(max_iter=300).fit([[0.0], [1.0]], [1, 1]).n_iter_ == 300


# --- chance -------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_weights_and_another_seed_others():
    X, y = examples()
    assert (fitted_theta(X, y, random_state=1) == fitted_theta(X, y, random_state=1)).all()
    assert (fitted_theta(X, y, random_state=1) != fitted_theta(X, y, random_state=2)).any()


def test_without_a_seed_each_fit_is_another():
    X, y = examples()
    assert (fitted_theta(X, y, random_state=None) != fitted_theta(X, y, random_state=None)).any()


def test_a_random_state_goes_on_from_fit_to_fit():
    X, y = examples()
    state, again = np.random.RandomState(5), np.random.RandomState(5)
    first, second = (fitted_theta(X, y, random_state=state) for _ in range(2))
    assert (first != second).any()
    assert (first == fitted_theta(X, y, random_state=again)).all()
    assert (second == fitted_theta(X, y, random_state=again)).all()


def test_a_second_fit_starts_anew():
    X, y = examples()
    classifier = quick().fit(*examples(seed=1))
    assert (classifier.fit(X, y).network_.theta == fitted_theta(X, y)).all()
    assert len(classifier.loss_curve_) == 3


# --- answers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "names",
    [["b", "c", "a"], [30, -7, 12], [2.0, 0.0, 1.0], np.array(["b", "c", "a"], object)],
    ids=["strings", "integers", "floats", "objects"],
)
def test_labels_of_any_kind_come_back(names):
    X, y = examples(300)
    labels = np.array(names)[y]
    classifier = quick(learning_rate_init=0.05, max_iter=20).fit(X, labels)
    assert classifier.classes_.tolist() == sorted(names)
    assert classifier.predict(X).dtype == labels.dtype
    assert np.mean(classifier.predict(X) == labels) > 0.95
    assert classifier.score(X, labels) == np.mean(classifier.predict(X) == labels)


def test_two_classes_have_two_columns():
    X, y = examples(300)
    classifier = quick(learning_rate_init=0.05, max_iter=20).fit(X, y == 1)
    assert classifier.classes_.tolist() == [False, True]
    assert classifier.predict_proba(X).shape == (300, 2)
    assert classifier.score(X, y == 1) > 0.95


def test_a_single_class_is_always_the_answer():
    X, _ = examples()
    classifier = quick().fit(X, ["only"] * len(X))
    assert set(classifier.predict(X)) == {"only"}
    assert (classifier.predict_proba(X) == 1).all()


def test_probabilities_are_from_0_to_1_and_sum_to_1():
    X, y = examples(300)
    probabilities = quick().fit(X, y).predict_proba(X)
    assert probabilities.shape == (300, 3)
    assert probabilities.min() >= 0 and probabilities.max() <= 1
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)


def test_the_answer_is_the_class_with_the_highest_probability():
    X, y = examples(300)
    classifier = quick().fit(X, np.array(["b", "c", "a"])[y])
    highest = classifier.predict_proba(X).argmax(axis=1)
    assert (classifier.predict(X) == np.array(["a", "b", "c"])[highest]).all()


def test_later_answers_leave_earlier_ones_as_they_were():
    X, y = examples()
    classifier = quick().fit(X, y)
    first = classifier.predict_proba(X)
    before = first.copy()
    classifier.predict_proba(-X)
    assert (first == before).all()


def test_the_data_are_left_as_they_were():
    X, y = examples()
    data = X.astype(np.float32), y  # nothing to convert, so perhaps not copied
    before = data[0].copy(), data[1].copy()
    quick().fit(*data).predict(data[0])
    assert (data[0] == before[0]).all() and (data[1] == before[1]).all()


def test_names_of_columns_are_kept_and_compared():
    X, y = examples()
    table = pandas.DataFrame(X, columns=["east", "north"])
    classifier = quick().fit(table, pandas.Series(y))
    assert classifier.feature_names_in_.tolist() == ["east", "north"]
    assert (classifier.network_.theta == fitted_theta(X, y)).all()
    with pytest.raises(ValueError, match="feature names"):
        classifier.predict(table[["north", "east"]])


# --- copies -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "duplicate",
    [copy.deepcopy, lambda fitted: pickle.loads(pickle.dumps(fitted))],
    ids=["deepcopy", "pickle"],
)
def test_a_copy_answers_the_same_and_its_layers_still_look_into_its_theta(duplicate):
    X, y = examples()
    classifier = quick().fit(X, y)
    twin = duplicate(classifier)
    assert (twin.predict_proba(X) == classifier.predict_proba(X)).all()
    net = twin.network_
    assert not np.shares_memory(net.theta, classifier.network_.theta)
    for layer in net.layers:
        assert np.shares_memory(layer.W, net.theta) and np.shares_memory(layer.b, net.theta)
        assert np.shares_memory(layer.dW, net.gradient) and np.shares_memory(layer.db, net.gradient)


def test_a_clone_has_the_parameters_and_nothing_learned():
    classifier = quick(solver="sgd", momentum=0.3).fit(*examples())
    twin = clone(classifier)
    assert twin.get_params() == classifier.get_params()
    with pytest.raises(NotFittedError):
        twin.predict(examples()[0])


# --- in scikit-learn's tools, on real digits ----------------------------------------------


def test_cross_validation_finds_that_digits_are_learned(digits):
    classifier = quick(hidden_layer_sizes=(32,), learning_rate_init=0.01, max_iter=10)
    assert cross_val_score(classifier, digits.images, digits.labels, cv=3).min() > 0.9


def test_it_works_at_the_end_of_a_pipeline(digits):
    classifier = quick(hidden_layer_sizes=(32,), learning_rate_init=0.01, max_iter=10)
    pipeline = make_pipeline(StandardScaler(), classifier)
    far_off = 1000 + 50 * digits.images  # nothing is learned of this as it is
    assert cross_val_score(classifier, far_off, digits.labels, cv=3).max() < 0.5
    assert cross_val_score(pipeline, far_off, digits.labels, cv=3).min() > 0.9


@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite")
def test_a_grid_search_finds_the_best_setting_and_passes_by_those_that_diverge(digits):
    grid = {"learning_rate_init": [1e-6, 0.01, 1e30], "hidden_layer_sizes": [(), (32,)]}
    search = GridSearchCV(quick(max_iter=5), grid, cv=3)
    with pytest.warns(FitFailedWarning, match="FloatingPointError"):
        search.fit(digits.images, digits.labels)
    assert search.best_params_ == {"learning_rate_init": 0.01, "hidden_layer_sizes": (32,)}
    assert search.best_score_ > 0.9


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    "parameters",
    [
        {"solver": "adam", "learning_rate_init": 0.003},
        {"solver": "sgd", "learning_rate_init": 0.05, "momentum": 0.9},
    ],
    ids=["adam", "sgd"],
)
def test_it_is_as_good_as_scikit_learns_own_network(digits, parameters):
    """Mean accuracy over five seeds of each; the two start from weights of different spread.

    Over 30 seeds each the accuracies are 0.96, with a standard deviation of 0.004 to 0.006 from
    seed to seed, and their means lie 0.002 apart. So means of five lie about
    0.006 · √(2/5) = 0.004 apart by chance, and 0.012, three times that, is no chance.
    """
    X_train, X_test, y_train, y_test = train_test_split(
        digits.images, digits.labels, test_size=0.5, random_state=0
    )
    same = {"hidden_layer_sizes": (32,), "batch_size": 32, "max_iter": 20} | parameters
    switched_off = {"alpha": 0, "nesterovs_momentum": False, "n_iter_no_change": 20}

    def mean_accuracy(kind, **options):
        classifiers = [kind(**same, **options, random_state=seed) for seed in range(5)]
        return np.mean([each.fit(X_train, y_train).score(X_test, y_test) for each in classifiers])

    ours, theirs = mean_accuracy(NetworkClassifier), mean_accuracy(MLPClassifier, **switched_off)
    assert ours > 0.95
    assert ours == pytest.approx(theirs, abs=0.012)


# --- on a cluster -------------------------------------------------------------------------


@pytest.mark.filterwarnings("error")
def test_a_grid_search_on_two_dask_workers_gives_the_very_scores_it_gives_alone(
    digits, tmp_path, capfd
):
    def process(estimator, X, y):
        """A score only in name: the number of the process that fitted and scored the estimator.

        A function inside a function is sent to the workers whole, not by its address.
        """
        return os.getpid()

    def search():
        return GridSearchCV(
            quick(max_iter=5),
            {"hidden_layer_sizes": [(), (16,), (32,), (16, 16)], "batch_size": [16, 32]},
            scoring={"accuracy": "accuracy", "process": process},
            refit=False,  # scikit-learn would fit the best once more, here
            cv=2,
        )

    X, y = digits.images, digits.labels
    alone = search().fit(X, y)
    with (
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            dashboard_address="127.0.0.1:0",  # any free port; even None would take 8787
            local_directory=tmp_path,
            silence_logs="ERROR",
        ) as cluster,
        Client(cluster) as client,
    ):
        workers = set(client.run(os.getpid).values())
        with joblib.parallel_config("dask"):
            on_cluster = search().fit(X, y)

    def column(search, name):
        return np.array([search.cv_results_[f"split{split}_test_{name}"] for split in (0, 1)])

    assert set(column(alone, "process").flat) == {os.getpid()}
    assert len(workers) == 2 and os.getpid() not in workers
    assert set(column(on_cluster, "process").flat) == workers  # both, and nobody else

    assert on_cluster.cv_results_["params"] == alone.cv_results_["params"]
    assert (column(on_cluster, "accuracy") == column(alone, "accuracy")).all()
    means = on_cluster.cv_results_["mean_test_accuracy"]
    assert (means == alone.cv_results_["mean_test_accuracy"]).all()
    assert len(set(means)) > 4  # so the settings are told apart

    assert not any(map(psutil.pid_exists, workers))
    assert multiprocessing.active_children() == []
    assert capfd.readouterr() == ("", "")  # of the workers, too


# --- what is refused ----------------------------------------------------------------------

TABLE = [
    ("hidden_layer_sizes", 0, "each at least 1"),
    ("hidden_layer_sizes", (8, 0), "each at least 1"),
    ("hidden_layer_sizes", (8, -1), "each at least 1"),
    ("hidden_layer_sizes", 8.0, "whole numbers"),
    ("hidden_layer_sizes", (8.5,), "whole numbers"),
    ("hidden_layer_sizes", "64", "whole numbers"),
    ("hidden_layer_sizes", ((8, 8),), "(64, 64)"),
    ("hidden_layer_sizes", None, "(64, 64)"),
    ("activation", "softmax", "'identity', 'sigmoid', 'tanh', 'relu'"),
    ("activation", "step", "'identity', 'sigmoid', 'tanh', 'relu'"),
    ("activation", "logistic", "'identity', 'sigmoid', 'tanh', 'relu'"),
    ("activation", None, "'identity', 'sigmoid', 'tanh', 'relu'"),
    ("solver", "lbfgs", "'adam', 'sgd'"),
    ("solver", Adam, "'adam', 'sgd'"),
    ("batch_size", 0, "a whole number, at least 1"),
    ("batch_size", 2.5, "a whole number, at least 1"),
    ("batch_size", "auto", "a whole number, at least 1"),
    ("learning_rate_init", 0, "a number above 0"),
    ("learning_rate_init", -0.1, "a number above 0"),
    ("learning_rate_init", nan, "a number above 0"),
    ("learning_rate_init", inf, "a number above 0"),
    ("learning_rate_init", "0.1", "a number above 0"),
    ("momentum", 1, "at least 0 and below 1"),
    ("momentum", -0.1, "at least 0 and below 1"),
    ("momentum", nan, "at least 0 and below 1"),
    ("momentum", None, "at least 0 and below 1"),
    ("max_iter", 0, "a whole number, at least 1"),
    ("max_iter", 1.5, "a whole number, at least 1"),
    ("max_iter", None, "a whole number, at least 1"),
    ("random_state", "0", "a whole number, a numpy.random.RandomState or None"),
    ("random_state", 0.5, "a whole number, a numpy.random.RandomState or None"),
]


@pytest.mark.parametrize("name, value, expected", TABLE, ids=[f"{n}={v!r}" for n, v, _ in TABLE])
def test_a_wrong_parameter_is_refused_by_fit_with_name_value_and_what_is_right(
    name, value, expected
):
    classifier = quick(**{name: value})  # not refused yet: scikit-learn's rule
    with pytest.raises(ValueError, match=f"^{name} must be ") as error:
        classifier.fit(*examples())
    assert expected in str(error.value)
    assert str(error.value).endswith(f", got {value!r}")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_network_computes_in_the_precision_of_its_training_data(dtype):
    X, y = examples()
    classifier = quick().fit(X.astype(dtype), y)
    assert classifier.network_.dtype == dtype
    for questions in (X.astype(np.float32), X.astype(np.float64)):
        assert classifier.predict_proba(questions).dtype == dtype
    assert quick().fit((10 * X).astype(int), y).network_.dtype == np.float64


@pytest.mark.filterwarnings("error")  # the error says it all; NumPy need not warn
def test_a_number_too_large_for_the_network_is_refused():
    X, y = examples()
    classifier = quick().fit(X.astype(np.float32), y)
    with pytest.raises(ValueError, match=r"X must be finite numbers; it has -?inf"):
        classifier.predict(X * 1e300)


def test_sparse_data_are_refused_with_the_way_out():
    X, y = examples()
    for refuse in (
        lambda: quick().fit(scipy.sparse.csr_array(X), y),
        lambda: quick().fit(X, y).predict(scipy.sparse.csr_array(X)),
    ):
        with pytest.raises(TypeError, match=r"[Ss]parse .*toarray\(\)"):
            refuse()


def test_measurements_are_not_taken_for_labels():
    X, y = examples()
    with pytest.raises(ValueError, match="continuous"):
        quick().fit(X, y + 0.5)


def test_training_that_diverges_raises_and_leaves_nothing_half_learned():
    X, y = examples()
    classifier = quick(solver="sgd", learning_rate_init=1e308)
    with pytest.raises(FloatingPointError, match="learning rate below 1e\\+308"):
        classifier.fit(X, y)
    with pytest.raises(NotFittedError):
        classifier.predict(X)
