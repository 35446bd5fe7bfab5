"""Hostile states of the live figures: parts of a good state, changed into anything."""

import base64

from fuzzing import NUMBERS, TEXTS, VALUES
from hypothesis import strategies as st

import netlib.widgets

FIGURES = {name: getattr(netlib.widgets, name) for name in netlib.widgets.__all__}
INHERITED = set(netlib.widgets.live_figure.LiveFigure().keys) - {"version"}


def state_of(name: str) -> dict:
    """The figure's own state, as it is at first."""
    figure = FIGURES[name]()
    return {
        key: getattr(figure, key) for key in figure.keys if key not in INHERITED and key[0] != "_"
    }


STATES = {name: state_of(name) for name in FIGURES}


def alike(value) -> st.SearchStrategy:
    """Values of the same form, with other numbers in them."""
    if isinstance(value, list):
        return st.lists(alike(value[0]) if value else NUMBERS, min_size=0, max_size=len(value) + 1)
    if isinstance(value, bytes):
        return st.sampled_from(
            [b"", value[:-1], bytes(len(value)), b"\xff" * len(value), value * 2]
        )
    return (TEXTS | st.just(value)) if isinstance(value, str) else NUMBERS | st.booleans()


def same_length(value) -> st.SearchStrategy:
    """The value with all its numbers replaced, so that only their size can be wrong."""
    if isinstance(value, list):
        return st.tuples(*map(same_length, value)).map(list)
    large = st.sampled_from([0, -1, 1, 0.5, 1e6, 1e150, -1e308, 1e-320])
    return st.just(value) if isinstance(value, str | bytes) else large | st.integers(0, 5)


def changes(name: str) -> st.SearchStrategy:
    """A name of a figure, and changes of its state."""
    parts = {
        key: st.one_of(*[same_length(value)] * (len(repr(value)) < 999), alike(value), VALUES)
        for key, value in STATES[name].items()
    }
    chosen = st.sets(st.sampled_from(sorted(parts)), min_size=1, max_size=3)
    drawn = chosen.flatmap(lambda keys: st.fixed_dictionaries({key: parts[key] for key in keys}))
    return st.tuples(st.just(name), drawn)


INPUTS = st.sampled_from(sorted(FIGURES)).flatmap(changes)


def as_json(value):
    """What JSON has no form for in one that the page of the test takes apart again."""
    return {"bytes": base64.b64encode(value).decode()} if isinstance(value, bytes) else value
