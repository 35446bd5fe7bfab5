"""Sphinx extension: live figures that run in the page, with a picture for where they cannot.

A cell that shows a live figure stores its state, a sentence and a still picture. The page gets
all three: afm-host.js runs the figure from the state and hides the picture.
"""

import base64
import importlib
import json
import os
from pathlib import Path

from docutils import nodes
from ipywidgets import DOMWidget
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx.util.fileutil import copy_asset

import netlib.widgets

HOST = Path(__file__).with_name("afm-host.js")
STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"


def live_figure(view, picture, sentence):
    """All three: the place of the live figure, the still picture, and the sentence."""
    still = nodes.container("", *picture, nodes.paragraph(text=sentence), classes=["still"])
    return nodes.container("", *view, still, classes=["live-figure"])


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
                sentence = parts["text/plain"].astext().partition(": ")[2]
                picture = parts["image/svg+xml"].children
                bundle.replace_self(live_figure(parts[VIEW].children, picture, sentence))


def fill(model, figure, keys):
    """Put these parts of a figure's state into the stored model: bytes as a buffer, in base64."""
    for key in keys:
        value = getattr(figure, key)
        if isinstance(value, bytes):
            data = base64.b64encode(value).decode()
            buffer = {"path": [key], "encoding": "base64", "data": data}
            model.setdefault("buffers", []).append(buffer)
        else:
            model["state"][key] = value


def note_front_end(env):
    """A page is made anew when the code of its figure changes."""
    for file in Path(netlib.widgets.__file__).parent.rglob("*.[jc]s*"):
        env.note_dependency(file)


def complete_state(app, docname, source):
    """Put back what `make refresh` leaves out of a notebook, since every figure of a class has it."""
    if not app.env.doc2path(docname).endswith(".ipynb"):
        return
    notebook = json.loads(source[0])
    for model in notebook["metadata"].get("widgets", {}).get(STATE, {}).get("state", {}).values():
        if "_anywidget_id" in model["state"]:
            module, _, name = model["state"]["_anywidget_id"].rpartition(".")
            figure = getattr(importlib.import_module(module), name)()
            fill(model, figure, model["state"].pop("left_out", []))
            note_front_end(app.env)
    source[0] = json.dumps(notebook)


class LiveFigure(SphinxDirective):
    """{live-figure} NAME: a figure of netlib.widgets on a page that is no notebook."""

    required_arguments = 1

    def run(self):
        figure = getattr(netlib.widgets, self.arguments[0])()
        picture = Path(self.env.doctreedir, f"{self.arguments[0]}.svg")
        picture.write_text(figure._repr_mimebundle_()[0]["image/svg+xml"], encoding="utf-8")
        model = {"model_module": "anywidget", "state": {}}
        fill(model, figure, sorted(set(figure.keys) - set(DOMWidget().keys)))
        note_front_end(self.env)
        state = json.dumps({"state": {"figure-1": model}})
        self.env.metadata[self.env.docname]["live-figure"] = state
        place = f'<script type="{VIEW}">{{"model_id": "figure-1"}}</script>'
        uri = picture.as_posix()
        if os.name != "nt":  # on Windows there is no way from one drive to another
            uri = os.path.relpath(picture, Path(self.env.doc2path(self.env.docname)).parent)
        image = nodes.image(uri=uri, alt=figure.describe())
        return [live_figure([nodes.raw("", place, format="html")], [image], figure.describe())]


def add_host(app, pagename, templatename, context, doctree):
    """The state of the figure, and what runs it. On notebooks myst-nb adds both."""
    state = app.env.metadata.get(pagename, {}).get("live-figure")
    if state:
        app.add_js_file(None, type=STATE, body=state)
        app.add_js_file(HOST.name)


def copy_host(app, error):
    if not error and app.builder.format == "html":
        copy_asset(str(HOST), str(Path(app.outdir, "_static")))


def setup(app):
    app.connect("source-read", complete_state)
    app.connect("html-page-context", add_host)
    app.connect("build-finished", copy_host)
    app.add_directive("live-figure", LiveFigure)
    app.add_post_transform(ShowStillPicture)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
