"""Sphinx extension: live figures that run in the page, with a picture for where they cannot.

A cell that shows a live figure stores its state, a sentence and a still picture. The page gets
all three: afm-host.js runs the figure from the state and hides the picture.
"""

import base64
import importlib
import json
from pathlib import Path

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.fileutil import copy_asset

HOST = Path(__file__).with_name("afm-host.js")
STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"


class ShowStillPicture(SphinxPostTransform):
    """Puts the still picture beside the live figure, where myst-nb would choose one of the two."""

    default_priority = 3  # just before myst-nb chooses
    formats = ("html",)

    def run(self):
        for bundle in list(self.document.findall(nodes.container)):
            if bundle.get("nb_element") != "mime_bundle":
                continue
            parts = {part["mime_type"]: part for part in bundle.children}
            if VIEW in parts:
                sentence = nodes.paragraph(text=parts["text/plain"].astext().partition(": ")[2])
                picture = parts["image/svg+xml"].children
                still = nodes.container("", *picture, sentence, classes=["still"])
                figure = nodes.container("", *parts[VIEW].children, still, classes=["live-figure"])
                bundle.replace_self(figure)


def complete_state(app, docname, source):
    """Put back what `make refresh` leaves out of a notebook, since every figure of a class has it."""
    if not app.env.doc2path(docname).endswith(".ipynb"):
        return
    notebook = json.loads(source[0])
    for model in notebook["metadata"].get("widgets", {}).get(STATE, {}).get("state", {}).values():
        if "_anywidget_id" not in model["state"]:
            continue
        module, _, name = model["state"]["_anywidget_id"].rpartition(".")
        figure = getattr(importlib.import_module(module), name)()
        for key in model["state"].pop("left_out", []):
            value = getattr(figure, key)
            if isinstance(value, bytes):
                data = base64.b64encode(value).decode()
                buffer = {"path": [key], "encoding": "base64", "data": data}
                model.setdefault("buffers", []).append(buffer)
            else:
                model["state"][key] = value
        for file in Path(importlib.import_module(module).__file__).parent.rglob("*.[jc]s*"):
            app.env.note_dependency(file)  # the page is made anew when its figure changes
    source[0] = json.dumps(notebook)


def copy_host(app, error):
    if not error and app.builder.format == "html":
        copy_asset(str(HOST), str(Path(app.outdir, "_static")))


def setup(app):
    app.connect("source-read", complete_state)
    app.connect("build-finished", copy_host)
    app.add_post_transform(ShowStillPicture)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
