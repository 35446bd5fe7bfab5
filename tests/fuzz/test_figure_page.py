"""Fuzzing the JavaScript side of the live figures: states as a page may have stored them."""

import functools
import inspect
import pathlib

import pytest
from fuzzing import SCRIPT, Outcome, fuzz
from states import FIGURES, INPUTS, STATES, as_json

from netlib.widgets.front_end import front_end

CODE = pathlib.Path(__file__).with_name("figure_page.js")


def open_figures(browser):
    """A page that has all figures' modules."""
    tab = browser.new_page()
    tab.set_content("<!doctype html><body>")
    tab.add_script_tag(path=CODE)
    for name, figure in FIGURES.items():
        module = pathlib.Path(inspect.getfile(figure)).with_suffix(".js").name
        tab.evaluate("([name, code]) => load(name, code)", [name, front_end(module)])
    return tab


def check(tab, given: tuple[str, dict]) -> Outcome:
    """The figure is drawn, or says why not; nothing else happens, and a good state revives it."""
    name, changed = given
    good, bad = ({key: as_json(v) for key, v in state.items()} for state in (STATES[name], changed))
    found = tab.evaluate("tryState", [name, good, bad])
    assert not found["faults"], found["faults"]
    return Outcome("said why not" if found["refused"] else "drawn", "", None, 0)


def test_a_hostile_state_in_a_page_is_drawn_or_named(browser):
    fuzz(INPUTS, functools.partial(check, open_figures(browser)), 80, derandomize=True)


@pytest.mark.parametrize("name", FIGURES)
def test_the_state_to_be_changed_is_drawn(browser, name):
    assert check(open_figures(browser), (name, {})).word == "drawn"


def test_what_is_no_number_is_not_drawn(browser):
    tab = open_figures(browser)
    for z in (float("nan"), float("inf"), "1", SCRIPT):
        assert check(tab, ("ActivationShapes", {"z": z})).word == "said why not"
