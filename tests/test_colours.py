"""The four colours of the book can be told apart, also by eyes that see fewer, and be read."""

import itertools
import pathlib
import re

import numpy as np
import pytest
from colorspacious import cspace_convert, deltaE
from matplotlib.colors import to_rgb

from netlib import plots

ROOT = pathlib.Path(__file__).parents[1]
CSS = (ROOT / "netlib/widgets/shared/figure.css").read_text("utf-8")
LIGHT, DARK = (dict(re.findall(r"--(\w+): (#\w{6})", block)) for block in CSS.split("}")[:2])
KINDS = ["weight", "bias", "activation", "gradient"]
VIEWS = [None, "deuteranomaly", "protanomaly", "tritanomaly"]


def seen(colour, view):
    """The colour as it looks to eyes that lack one kind of cone altogether."""
    if view is None:
        return to_rgb(colour)
    loss = {"name": "sRGB1+CVD", "cvd_type": view, "severity": 100}
    return np.clip(cspace_convert(to_rgb(colour), loss, "sRGB1"), 0, 1)


def luminance(colour):
    c = np.array(to_rgb(colour))
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def test_figures_and_live_figures_have_the_same_colours():
    assert [LIGHT[kind] for kind in KINDS] == [
        plots.WEIGHT,
        plots.BIAS,
        plots.ACTIVATION,
        plots.GRADIENT,
    ]


@pytest.mark.parametrize("path", sorted((ROOT / "book" / "_static").glob("*.svg")), ids=str)
def test_drawings_have_the_same_colours_too(path):
    known = {*LIGHT.values(), "#ffffff"}
    assert set(re.findall(r"#\w{6}", path.read_text("utf-8"))) <= known


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_any_two_of_the_four_differ_clearly(theme, view):
    for one, other in itertools.combinations(KINDS, 2):
        difference = deltaE(seen(theme[one], view), seen(theme[other], view), input_space="sRGB1")
        assert difference > 12, (one, other)  # 1 is the least that anyone sees


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_each_can_be_read_as_text(theme, kind):
    for background in (theme["paper"], theme["raised"]):
        lighter, darker = sorted((luminance(theme[kind]), luminance(background)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5  # WCAG 2.2, 1.4.3
