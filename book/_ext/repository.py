"""Sphinx extension: all links to the repository, from its one address in _config.yml.

Without an address there is nothing to edit and nothing to launch, so no page has such a button.
"""

import posixpath
import re


def use_address(app, config):
    """Show the buttons if there is an address, and find out where GitHub Pages puts the book."""
    options = config.html_theme_options
    if config.html_baseurl:
        config.html_baseurl = posixpath.join(config.html_baseurl, "")  # it ends in a slash
    address = (options["repository_url"] or "").strip("/").removesuffix(".git")
    if not address:
        options["launch_buttons"] = {}
        return
    options["repository_url"] = address
    options["use_repository_button"] = True
    options["use_edit_page_button"] = True
    options["use_issues_button"] = True
    github = re.fullmatch(r"https://github\.com/([^/]+)/([^/]+)", address)
    if github and not config.html_baseurl:
        config.html_baseurl = "https://{}.github.io/{}/".format(*github.groups())


def setup(app):
    app.connect("config-inited", use_address)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
