"""Sphinx extension: MathJax from an installed package, so that a page asks the network for nothing.

`mathjax_path` in _config.yml names the one file that pages load. It draws formulas as SVG, which
needs no fonts.
"""

import importlib.metadata
import shutil
from pathlib import Path

FILE = "tex-svg.js"


def copy_mathjax(app, error):
    """Put the file into the rendered book, where `mathjax_path` says that it is."""
    if error or app.builder.format != "html":
        return
    package = importlib.metadata.distribution("sphinx-mathjax-offline")
    source = package.locate_file(f"sphinx-mathjax-offline/static/mathjax/{FILE}")
    target = Path(app.outdir, "_static", app.config.mathjax_path)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def setup(app):
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
