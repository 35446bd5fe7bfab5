"""Sphinx extension: what the templates in book/_templates need to know, and no more files than that.

The theme computes much for a page; a few lists of it are all that our templates show.
"""

import shutil
from pathlib import Path

from docutils import nodes
from live_figures import STATE

STYLES = ("pygments.css", "copybutton.css", "book.css", "print.css")
SCRIPTS = (  # the others serve what our pages do not have, such as the theme's own menus
    "documentation_options.js",
    "doctools.js",
    "sphinx_highlight.js",
    "clipboard.min.js",
    "copybutton.js",
    "page.js",
)
UNUSED = ("scripts", "styles", "vendor", "images", "locales", "sbt-webpack-macros.html",
          "webpack-macros.html")  # fmt: skip
CARD = "A network of three nodes, and the words: Understand a neural network by running one"
BLURB = "A student's paper on neural networks, on trial: read it, run it, test it, teach with it."
WORDS = {  # in place of the theme's
    "Source repository": "Repository",
    "Suggest edit": "Edit this page",
    "Open an issue": "Report a mistake",
}


def chosen(files, names):
    """The style sheets or scripts of a page that have one of these names, its figures', and its data."""
    return [
        file
        for file in files
        if Path(file.filename or "").name.partition("?")[0] in names
        or Path(file.filename or "").parent.name == "figures"
        or file.attributes.get("type") == STATE
    ]


def first_paragraph(doctree):
    """What a page says first, to show where somebody links to it."""
    for paragraph in doctree.findall(nodes.paragraph) if doctree else ():
        text = " ".join(paragraph.astext().split())
        if len(text) > 60 and not text.startswith("Follows"):
            return text
    return BLURB


def chapters(context):
    """The list of all pages. The page that is shown is marked, also for those who listen."""
    toctree = context["toctree"](maxdepth=1, titles_only=True, includehidden=True, collapse=True)
    toctree = toctree.replace(' aria-level="2" class="caption" role="heading"', ' class="caption"')
    toctree = toctree.replace(' role="heading"', "").replace(' aria-level="2"', "")
    return toctree.replace('class="current reference', 'aria-current="page" class="reference')


def page_links(context):
    """The theme's buttons for this page that lead somewhere, as links with words."""
    links = []
    for group in context.get("header_buttons", []):
        for button in group.get("buttons", [group]):
            if button["type"] != "link":
                continue
            download = button.get("label", "").startswith("download")
            kind = "notebook" if button["url"].endswith(".ipynb") else "page as text"
            words = button["tooltip"]
            text = f"Download this {kind}" if download else WORDS.get(words, words)
            links.append({"url": button["url"], "text": text, "download": download})
    return links


def complete(app, pagename, templatename, context, doctree):
    context["css_files"] = chosen(context["css_files"], STYLES)
    context["script_files"] = chosen(context["script_files"], SCRIPTS)
    context["chapters"] = chapters(context)
    context["sections"] = context["generate_toc_html"]() if doctree else ""
    context["page_links"] = page_links(context)
    context["description"] = first_paragraph(doctree)
    context["card_alt"] = CARD
    context["html_baseurl"] = app.config.html_baseurl


def write_one_page(app, env, added, changed, removed):
    """Style sheets and scripts are copied only when some page is written: the first always is."""
    return [app.config.root_doc]


def more_pages(app):
    yield "index", {}, "index.html"
    yield "404", {}, "404.html"


def remove_unused(app, error):
    """The theme's style sheets and scripts: 6 MB that no page asks for."""
    if not error and app.builder.format == "html":
        for name in UNUSED:
            path = Path(app.outdir, "_static", name)
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def setup(app):
    app.connect("env-get-outdated", write_one_page)
    app.connect("html-page-context", complete, priority=900)  # after the theme
    app.connect("html-collect-pages", more_pages)
    app.connect("build-finished", remove_unused, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
