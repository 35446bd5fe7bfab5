"""Activations: forward against SciPy, backward against differences of forward."""

import numpy as np
import pytest
import scipy.special

from netlib.activations import ACTIVATIONS, get_activation

DIFFERENTIABLE = sorted(set(ACTIVATIONS) - {"step"})

FORMULAS = {
    "identity": lambda z: z,
    "step": lambda z: np.heaviside(z, 0),
    "sigmoid": scipy.special.expit,
    "tanh": lambda z: 2 * scipy.special.expit(2 * z) - 1,
    "relu": lambda z: (z + abs(z)) / 2,
    "softmax": lambda z: scipy.special.softmax(z, axis=1),
}


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_forward_is_the_formula(name):
    z = np.random.default_rng(0).normal(0, 3, size=(5, 4))
    z[0, 0] = 0
    np.testing.assert_allclose(
        get_activation(name).forward(z), FORMULAS[name](z), rtol=1e-12, atol=1e-15
    )


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_backward_is_the_slope_of_forward(name):
    """C = Σ w a, with fixed weights w, has ∂C/∂a = w; so backward(w, a) must be the slope of C."""
    activation = get_activation(name)
    rng = np.random.default_rng(1)
    z, w = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    dz = activation.backward(w, activation.forward(z))
    h = 1e-6
    for place in np.ndindex(*z.shape):
        above, below = z.copy(), z.copy()
        above[place] += h
        below[place] -= h
        slope = np.sum(w * (activation.forward(above) - activation.forward(below))) / (2 * h)
        assert dz[place] == pytest.approx(slope, abs=1e-8)


def test_the_slope_of_relu_at_zero_is_zero():
    relu = get_activation("relu")
    a = relu.forward(np.array([[-1.0, 0.0, 2.0]]))
    assert relu.backward(np.ones((1, 3)), a).tolist() == [[0, 0, 1]]


def test_step_has_slope_zero():
    step = get_activation("step")
    assert (step.backward(np.ones((2, 3)), step.forward(np.full((2, 3), 0.7))) == 0).all()


def test_softmax_by_hand():
    # e^0 : e^ln 3 = 1 : 3
    a = get_activation("softmax").forward(np.array([[0, np.log(3)]]))
    np.testing.assert_allclose(a, [[0.25, 0.75]])


def test_softmax_depends_only_on_differences_within_a_row():
    softmax = get_activation("softmax")
    z = np.random.default_rng(2).normal(size=(4, 3))
    shift = np.array([[5], [-5], [100], [0]])
    np.testing.assert_allclose(softmax.forward(z + shift), softmax.forward(z))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_huge_sums_give_finite_activations_and_no_warning(name):
    z = np.array([[1e4, -1e4], [-1e4, -1e4], [0, 1e4]], np.float32)
    a = get_activation(name).forward(z)
    assert a.dtype == np.float32
    assert np.isfinite(a).all()
