"""Docstrings: every public name has one, with its parameters, what it returns, and its shapes."""

import numpydoc.validate
import pytest

import netlib

METHODS = ["forward", "predict", "loss", "loss_and_gradient", "input_gradient", "copy"]
METHODS += ["save", "load"]
NAMES = [getattr(netlib, name).__module__ + "." + name for name in netlib.__all__]
NAMES += [f"netlib.network.Network.{name}" for name in METHODS]
NAMES += ["netlib.estimator.NetworkClassifier.fit"]
FAULTS = {  # numpydoc's names for them
    "GL06": "a section with an unknown title",
    "GL07": "sections in another order than usual",
    "GL08": "no docstring",
    "SS01": "no summary",
    "PR01": "a parameter that is not described",
    "PR02": "a description of a parameter that does not exist",
    "PR03": "parameters in another order",
    "RT01": "nothing about what is returned",
}


@pytest.mark.parametrize("name", NAMES)
def test_the_docstring_is_complete(name):
    faults = dict(numpydoc.validate.validate(name)["errors"])
    assert {code: faults[code] for code in FAULTS if code in faults} == {}
