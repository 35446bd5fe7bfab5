"""Sphinx extension: the book's typefaces, from installed packages, cut down to what its pages use.

Source Serif and Source Sans come from the packages of those names; STIX Two Math, with which a
browser sets formulas, from ziamath. All are under the SIL Open Font License, which goes with them.
"""

import html
import importlib.resources
import re
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FACES = {  # the name in book.css: the package and the file in it
    "text-400": ("font_source_serif_pro", "files/SourceSerifPro-Regular.ttf"),
    "text-400-italic": ("font_source_serif_pro", "files/SourceSerifPro-It.ttf"),
    "text-600": ("font_source_serif_pro", "files/SourceSerifPro-Semibold.ttf"),
    "label-400": ("font_source_sans_pro", "files/SourceSansPro-Regular.ttf"),
    "label-600": ("font_source_sans_pro", "files/SourceSansPro-Semibold.ttf"),
    "maths": ("ziamath", "fonts/STIXTwoMath-Regular.ttf"),
}
TAG = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.S)
MATHS = re.compile(r"<math.*?</math>", re.S)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
ITALIC = "".join(map(chr, [*range(0x1D434, 0x1D468), *range(0x1D6E2, 0x1D71C)])) + "ℎ"
DRAWN = ITALIC + "√"  # what a browser draws for <mi>x</mi> and for <msqrt>


def characters(pages):
    """Every character that these pieces of HTML show."""
    return "".join(sorted(set(html.unescape(TAG.sub("", "".join(pages))))))


def write_face(source, target, text, features):
    """Write those characters of a font as a WOFF2 file."""
    options = Options(flavor="woff2", hinting=False, layout_features=features, notdef_outline=True)
    font = TTFont(source, recalcTimestamp=False)
    subsetter = Subsetter(options)
    subsetter.populate(text=text)
    subsetter.subset(font)
    font.flavor = "woff2"
    font.save(target)


def write_faces(app, error):
    if error or app.builder.format != "html":
        return
    folder = Path(app.outdir, "_static", "fonts")
    folder.mkdir(parents=True, exist_ok=True)
    pages = [page.read_text(encoding="utf-8") for page in Path(app.outdir).rglob("*.html")]
    text = characters(pages) + LETTERS
    formulas = characters(MATHS.findall("".join(pages))) + DRAWN
    for name, (package, file) in FACES.items():
        source = importlib.resources.files(package) / file
        target = folder / f"{name}.woff2"
        if name == "maths":
            write_face(source, target, formulas, ["ssty", "dtls", "flac", "ccmp"])
        else:
            write_face(source, target, text, ["kern", "liga", "ccmp", "tnum"])
    licence = importlib.resources.files("font_source_serif_pro") / "files/LICENSE.txt"
    (folder / "LICENSE.txt").write_text(licence.read_text(encoding="utf-8"), encoding="utf-8")


def setup(app):
    app.connect("build-finished", write_faces)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
