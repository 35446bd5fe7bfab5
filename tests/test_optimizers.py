"""Optimizers: against their recurrences, written out for one number in plain Python."""

import math

import numpy as np
import pytest

from netlib import SGD, Adam


def sgd(theta, gradients, rate):
    for g in gradients:
        theta = theta - rate * g
    return theta


def momentum(theta, gradients, rate, share):
    velocity = 0.0
    for g in gradients:
        velocity = share * velocity - rate * g
        theta = theta + velocity
    return theta


def adam(theta, gradients, rate, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m = v = 0.0
    for t, g in enumerate(gradients, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        theta = theta - rate * m_hat / (math.sqrt(v_hat) + epsilon)
    return theta


@pytest.mark.parametrize(
    "optimizer, recurrence",
    [
        (SGD(0.1), lambda theta, g: sgd(theta, g, 0.1)),
        (SGD(0.1, momentum=0.9), lambda theta, g: momentum(theta, g, 0.1, 0.9)),
        (Adam(0.01), lambda theta, g: adam(theta, g, 0.01)),
        (Adam(0.01, 0.5, 0.7, 0.1), lambda theta, g: adam(theta, g, 0.01, 0.5, 0.7, 0.1)),
    ],
    ids=["sgd", "momentum", "adam", "adam with its own constants"],
)
def test_a_thousand_steps_follow_the_recurrence(optimizer, recurrence):
    rng = np.random.default_rng(0)
    start, gradients = rng.normal(size=7), rng.normal(size=(1000, 7))
    gradients *= 10 ** rng.uniform(-3, 3, size=(1000, 1))  # from small to large
    theta = start.copy()
    for gradient in gradients:
        optimizer.step(theta, gradient)
    expected = [recurrence(start[k], gradients[:, k]) for k in range(7)]
    np.testing.assert_allclose(theta, expected, rtol=1e-10)


def test_the_first_step_of_adam_is_the_learning_rate_whatever_the_gradient():
    """m̂ / √v̂ = g / |g| at t = 1."""
    theta = np.zeros(3)
    Adam(0.01).step(theta, np.array([1e-3, -5.0, 1e3]))
    np.testing.assert_allclose(theta, [-0.01, 0.01, -0.01], rtol=1e-4)


@pytest.mark.parametrize("optimizer", [SGD(0.1), SGD(0.1, momentum=0.9), Adam(0.1)], ids=repr)
def test_a_step_changes_theta_in_place_and_leaves_the_gradient_alone(optimizer):
    theta, gradient = np.ones(4, np.float32), np.full(4, 2, np.float32)
    view = theta[:2]
    for _ in range(2):
        optimizer.step(theta, gradient)
    assert (view < 1).all()
    assert theta.dtype == np.float32
    assert (gradient == 2).all()


@pytest.mark.parametrize(
    "optimizer", [SGD(0.1), SGD(0.05, momentum=0.9), Adam(0.3)], ids=["sgd", "momentum", "adam"]
)
def test_the_bottom_of_a_bowl_is_found(optimizer):
    """C = Σ (θ − 3)², ∇C = 2 (θ − 3)."""
    theta = np.array([10.0, -4.0])
    for _ in range(400):
        optimizer.step(theta, 2 * (theta - 3))
    np.testing.assert_allclose(theta, 3, atol=1e-3)


def test_the_learning_rate_may_be_changed_between_steps():
    optimizer, theta = SGD(0.1), np.zeros(1)
    optimizer.step(theta, np.ones(1))
    optimizer.learning_rate = 0.01
    optimizer.step(theta, np.ones(1))
    np.testing.assert_allclose(theta, -0.11)


@pytest.mark.parametrize(
    "optimizer, text", [(SGD(0.5), "SGD(0.5, momentum=0)"), (Adam(0.001), "Adam(0.001)")]
)
def test_repr_names_the_settings(optimizer, text):
    assert repr(optimizer) == text
