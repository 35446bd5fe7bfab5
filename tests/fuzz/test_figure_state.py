"""Fuzzing the Python side of the live figures: a state that a page or a notebook hands over."""

import re
import warnings

import matplotlib.pyplot as plt
import pytest
from fuzzing import MB, Outcome, attempt, fuzz
from states import FIGURES, INPUTS, STATES
from traitlets import TraitError


def check(given: tuple[str, dict]) -> Outcome:
    """The state is refused, or it is one that the figure can describe and draw."""
    name, changed = given
    figure = FIGURES[name]()
    outcome = attempt(lambda: figure.set_state(changed), TraitError, 16 * MB)
    if outcome.word == "TraitError":
        assert {key: getattr(figure, key) for key in STATES[name]} == STATES[name]
        return outcome
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        words = set(re.findall(r"\w+", figure.describe()))
        assert not words & {"nan", "inf", "NaN", "Infinity", "True", "None"}, words
        plt.close(figure.still())
    return outcome


def test_a_hostile_state_is_refused_or_can_be_shown():
    fuzz(INPUTS, check, 40, derandomize=True)


FOUND = [  # by this target: each raised another error, or was said as "True"
    ("ActivationShapes", {"z": 10**400}),
    ("BackpropPaths", {"example": True}),
    ("DrawADigit", {"strokes": [[[10**400, 0]]]}),
    ("PruningSlider", {"fraction": float("nan")}),
    ("PruningSlider", {"node": True}),
    ("XorNetwork", {"x": [1e308, 1e308], "W1": [[1e308, 1], [1e308, 1]]}),
]


@pytest.mark.parametrize("given", FOUND, ids=str)
def test_a_state_that_did_harm_does_none(given):
    check(given)
