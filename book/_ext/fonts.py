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
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
MATHS_ITALIC = "".join(map(chr, range(0x1D434, 0x1D468))) + "ℎ"  # how a browser draws <mi>x</mi>
GREEK_ITALIC = "".join(map(chr, range(0x1D6E2, 0x1D71C)))


def characters(folder):
    """Every character that the pages of a folder show."""
    found = set(LETTERS)
    for page in folder.rglob("*.html"):
        found |= set(html.unescape(TAG.sub("", page.read_text(encoding="utf-8"))))
    return "".join(sorted(found))


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
    text = characters(Path(app.outdir))
    for name, (package, file) in FACES.items():
        source = importlib.resources.files(package) / file
        if name == "maths":
            write_face(source, folder / f"{name}.woff2", text + MATHS_ITALIC + GREEK_ITALIC,
                       ["ssty", "dtls", "flac", "ccmp"])  # fmt: skip
        else:
            write_face(source, folder / f"{name}.woff2", text, ["kern", "liga", "ccmp", "tnum"])
    licence = importlib.resources.files("font_source_serif_pro") / "files/LICENSE.txt"
    (folder / "LICENSE.txt").write_text(licence.read_text(encoding="utf-8"), encoding="utf-8")


def setup(app):
    app.connect("build-finished", write_faces)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
