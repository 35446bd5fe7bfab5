"""Sphinx extension: netlib itself is part of the rendered book, since notebooks need it.

A page names it with two substitutions: {{ library_file }} is a link to the file, and
{{ install_line }} is the command that installs it with what else a notebook needs.
"""

import posixpath
from pathlib import Path

from netlib.classroom.wheel import build_wheel


def add_wheel(app, config):
    """Pack netlib, and say what the file is called. The address is known only to a published book."""
    name = build_wheel(Path(app.outdir, "_static")).name
    address = posixpath.join(config.html_baseurl, "_static", name) if config.html_baseurl else name
    config.myst_substitutions = {
        **config.myst_substitutions,
        "library_file": f'<a href="../_static/{name}">{name}</a>',
        "install_line": f"`pip install jupyterlab jupyterlab-myst myst-nb {address}`",
    }


def setup(app):
    app.connect("config-inited", add_wheel)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
