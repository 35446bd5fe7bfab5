"""The four colours of the book can be told apart, also by eyes that see fewer, and be read."""

import itertools
import pathlib
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from colorspacious import cspace_convert, deltaE
from matplotlib.colors import to_rgb

from netlib import plots

ROOT = pathlib.Path(__file__).parents[1]
CSS = (ROOT / "netlib/widgets/shared/figure.css").read_text("utf-8")


def themes(css):
    """The named colours of a style sheet, for light and for the dark."""
    light, dark = re.findall(r"{([^{}]*--weight:[^{}]*)}", css)
    return [dict(re.findall(r"--(\w+): (#\w{6})", block)) for block in (light, dark)]


LIGHT, DARK = themes(CSS)
PAGE = themes((ROOT / "book/_static/book.css").read_text("utf-8"))
KINDS = ["weight", "bias", "activation", "gradient"]
READABLE = 4.5  # WCAG 2.2, 1.4.3
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


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_figures_and_live_figures_have_the_same_colours():
    assert [LIGHT[kind] for kind in KINDS] == [
        plots.WEIGHT,
        plots.BIAS,
        plots.ACTIVATION,
        plots.GRADIENT,
    ]


def test_pages_and_live_figures_have_the_same_colours():
    for own, figure in zip(PAGE, (LIGHT, DARK), strict=True):
        assert [own[kind] for kind in KINDS] == [figure[kind] for kind in KINDS]


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
        assert contrast(theme[kind], background) >= READABLE


# --- words in figures ---------------------------------------------------------------------

FILL = re.compile(r"fill: *(#\w+)")


def words(tag, colour="#000000"):
    """Each word below a tag of a picture, with its colour; what names none has its parent's."""
    named = tag.get("fill") or FILL.search(tag.get("style", ""))
    colour = (named if isinstance(named, str) else named[1]) if named else colour
    if tag.tag.endswith("}text"):
        yield "".join(tag.itertext()), colour.lower()
    for part in tag:
        yield from words(part, colour)


def words_of_figures(rendered):
    """For each colour in which figures have words: one of the words and its figure. White words
    stand on dark pixels."""
    pages = "".join(page.read_text("utf-8") for page in (rendered / "book").glob("*.html"))
    found = {}
    for name in sorted(set(re.findall(r"_images/(\w+\.svg)", pages))):
        svg = (rendered / "_images" / name).read_text("utf-8")
        for word, colour in words(ElementTree.fromstring(svg)):
            if colour not in ("#fff", "#ffffff") or "<image" not in svg:
                found.setdefault(colour, (word, name))
    return found


def in_the_dark(colour):
    """CSS's invert(1) hue-rotate(180deg), as in book.css."""
    r, g, b = (1 - c for c in to_rgb(colour))
    grey = 0.213 * r + 0.715 * g + 0.072 * b
    return np.clip([2 * grey - c for c in (r, g, b)], 0, 1)


def test_words_in_figures_can_be_read_in_light_and_in_the_dark(rendered):
    words = words_of_figures(rendered)
    assert len(words) >= 5
    for colour, where in words.items():
        assert contrast(colour, "#ffffff") >= READABLE, (colour, where)
        assert contrast(in_the_dark(colour), PAGE[1]["paper"]) >= READABLE, (colour, where)
