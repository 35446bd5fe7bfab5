"""Sphinx extension: pictures that load fast, do not push the text about, and suit the dark.

The notebooks keep a picture as Matplotlib wrote it. The page gets the same picture with numbers
of five digits and pixels in as few bytes as they need.
"""

import base64
import io
import re
from pathlib import Path

from PIL import Image
from scour import scour

PIXELS = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)")
BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


def fewer_bytes(match):
    """The same pixels: without transparency or colour where there is none."""
    pixels = Image.open(io.BytesIO(base64.b64decode(match[1])))
    if pixels.mode == "RGBA" and pixels.getextrema()[3] == (255, 255):
        pixels = pixels.convert("RGB")
    if pixels.mode == "RGB" and len({band.tobytes() for band in pixels.split()}) == 1:
        pixels = pixels.convert("L")
    file = io.BytesIO()
    pixels.save(file, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def lighten(svg):
    options = scour.sanitizeOptions()
    options.digits = 5
    options.quiet = options.remove_metadata = options.strip_comments = options.shorten_ids = True
    options.newlines, options.indent_type = False, "none"
    return scour.scourString(PIXELS.sub(fewer_bytes, svg), options)


def describe_images(soup, app):
    """Say how large each picture of a page is before it is there, and which hold no pixels: those
    may turn dark."""
    sources = {name: path for path, name in app.builder.images.items()}
    for image in soup.find_all("img"):
        path = sources.get(Path(image["src"]).name, "")
        if path.endswith(".svg"):
            svg = Path(app.srcdir, path).read_text(encoding="utf-8")
            width, height = map(float, BOX.search(svg).groups())  # in points, 72 to the inch
            image["width"], image["height"] = round(width / 72 * 96), round(height / 72 * 96)
            if "<image" not in svg:
                image["class"] = [*image.get("class", []), "drawn"]


def lighten_all(app, error):
    """The pictures of the pages that were written: from their source, so that a picture is the
    same however often the book is built."""
    if not error and app.builder.format == "html":
        for source, name in app.builder.images.items():
            if name.endswith(".svg"):
                svg = Path(app.srcdir, source).read_text(encoding="utf-8")
                Path(app.outdir, "_images", name).write_text(lighten(svg), encoding="utf-8")


def setup(app):
    app.connect("build-finished", lighten_all)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
