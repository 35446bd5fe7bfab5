"""Sphinx extension: live figures that run in the page, with a picture for where they cannot.

A cell that shows a live figure stores its state, a sentence and a still picture. The page gets
all three, and the script and the style sheet of the figure's class: afm-host.js runs the figure
from the state and hides the picture.
"""

import base64
import json
import os
import shutil
from pathlib import Path

from docutils import nodes
from ipywidgets import DOMWidget
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

import netlib.widgets
from netlib.widgets.front_end import script, style

HOST = Path(__file__).with_name("afm-host.js")
STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"
LAST = 900  # the priority of what a page loads after its own style


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


def module_of(figure):
    """The name of the files of a figure's front end, such as "xor_network"."""
    return figure.__module__.rpartition(".")[2]


def note_figure(env, docname, figure):
    """The page loads this class's front end, and is made anew when its code changes."""
    env.metadata[docname].setdefault("live-figures", []).append(module_of(figure))
    for file in Path(netlib.widgets.__file__).parent.rglob("*.[jc]s*"):
        env.note_dependency(file)


def complete_state(app, docname, source):
    """Put back what `make refresh` leaves out of a notebook, since every figure of a class has it."""
    if not app.env.doc2path(docname).endswith(".ipynb"):
        return
    notebook = json.loads(source[0])
    for model in notebook["metadata"].get("widgets", {}).get(STATE, {}).get("state", {}).values():
        if "_anywidget_id" in model["state"]:
            figure = netlib.widgets.figure_class(model["state"]["_anywidget_id"])
            fill(model, figure(), model["state"].pop("left_out", []))
            note_figure(app.env, docname, figure)
    source[0] = json.dumps(notebook)


class LiveFigure(SphinxDirective):
    """{live-figure} NAME: a figure of netlib.widgets on a page that is no notebook."""

    required_arguments = 1

    def run(self):
        figure = getattr(netlib.widgets, self.arguments[0])()
        picture = Path(self.env.doctreedir, f"{self.arguments[0]}.svg")
        picture.write_text(figure._repr_mimebundle_()[0]["image/svg+xml"], encoding="utf-8")
        model = {"model_module": "anywidget", "state": {}}
        fill(model, figure, sorted(set(figure.keys) - {*DOMWidget().keys, "_esm", "_css"}))
        note_figure(self.env, self.env.docname, type(figure))
        state = json.dumps({"state": {"figure-1": model}})
        self.env.metadata[self.env.docname]["live-figure-state"] = state
        place = f'<script type="{VIEW}">{{"model_id": "figure-1"}}</script>'
        uri = picture.as_posix()
        if os.name != "nt":  # on Windows there is no way from one drive to another
            uri = os.path.relpath(picture, Path(self.env.doc2path(self.env.docname)).parent)
        image = nodes.image(uri=uri, alt=figure.describe())
        return [live_figure([nodes.raw("", place, format="html")], [image], figure.describe())]


def add_front_ends(app, pagename, templatename, context, doctree):
    """What a page with live figures loads. The state of a notebook's figures myst-nb adds."""
    noted = app.env.metadata.get(pagename, {})
    if "live-figure-state" in noted:
        app.add_js_file(None, type=STATE, body=noted["live-figure-state"])
    for module in noted.get("live-figures", []):
        app.add_css_file(f"figures/{module}.css", priority=LAST)
        app.add_js_file(f"figures/{module}.js", priority=LAST, defer="defer")
    if "live-figures" in noted:
        app.add_js_file(f"figures/{HOST.name}", priority=LAST, defer="defer")


def write_front_ends(app):
    """The front end of each class as two files, and the host that runs them."""
    if app.builder.format == "html":
        folder = Path(app.outdir, "_static", "figures")
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(HOST, folder)
        for name in netlib.widgets.__all__:
            figure = getattr(netlib.widgets, name)
            module = module_of(figure)
            code = script(f"{module}.js", f"{figure.__module__}.{name}")
            (folder / f"{module}.js").write_text(code, encoding="utf-8")
            (folder / f"{module}.css").write_text(style(f"{module}.css"), encoding="utf-8")


def setup(app):
    app.connect("builder-inited", write_front_ends)
    app.connect("source-read", complete_state)
    app.connect("html-page-context", add_front_ends)
    app.add_directive("live-figure", LiveFigure)
    app.add_post_transform(ShowStillPicture)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
