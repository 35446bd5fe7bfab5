"""Targets: class numbers become rows, rows stay as they are."""

import numpy as np
import pytest
import sklearn.preprocessing

from netlib.targets import describe_bad, to_rows


def test_a_class_number_is_a_one_at_its_place():
    rows = to_rows([2, 0, 1], 3, 3, np.float32)
    assert rows.tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0]]


def test_class_numbers_become_rows_as_in_scikit_learn():
    y = np.random.default_rng(0).integers(0, 10, 50)
    expected = sklearn.preprocessing.label_binarize(y, classes=range(10))
    assert (to_rows(y, 50, 10, np.float32) == expected).all()


@pytest.mark.parametrize("dtype", [int, np.uint8, np.int64, np.uint64])
def test_class_numbers_may_be_any_whole_numbers(dtype):
    assert to_rows(np.array([1, 0], dtype), 2, 2, np.float32).tolist() == [[0, 1], [1, 0]]


def test_true_and_false_are_classes_one_and_zero():
    assert to_rows([True, False], 2, 2, np.float32).tolist() == [[0, 1], [1, 0]]


def test_with_one_output_node_the_class_itself_is_the_target():
    assert to_rows([0, 1, 1], 3, 1, np.float32).tolist() == [[0], [1], [1]]


def test_rows_of_targets_keep_their_values():
    Y = np.array([[0.25, -3.0], [7.0, 1e-3]])
    assert (to_rows(Y, 2, 2, np.float64) == Y).all()


def test_rows_are_a_copy():
    Y = np.zeros((1, 2))
    to_rows(Y, 1, 2, np.float64)[0, 0] = 5
    assert Y[0, 0] == 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("y", [[0, 1], [[0, 1], [1, 0]]], ids=["class numbers", "rows"])
def test_rows_have_the_precision_asked_for(y, dtype):
    assert to_rows(y, 2, 2, dtype).dtype == dtype


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_the_first_value_that_is_not_finite_is_named_with_its_place(bad):
    array = np.zeros((4, 3))
    array[2, 1] = bad
    array[3, 0] = np.nan
    assert describe_bad(array) == f"{bad} at row 2, column 1"
