"""Buttons to edit and to launch a page: all there with the repository's address, none without."""

import copy
import importlib.util
import pathlib
import subprocess
import sys
import types

import bs4
import pytest
import yaml

ROOT = pathlib.Path(__file__).parents[1]
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
ADDRESS = "https://github.com/ada/engine"
PAGES = "https://ada.github.io/engine/"
CHAPTER = "book/xor_forward_pass"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """The folder of the book as somebody renders it who has set the address, strictly."""
    folder = tmp_path_factory.mktemp("published")
    config = copy.deepcopy(CONFIG)
    config["repository"]["url"] = ADDRESS + ".git"
    config["launch_buttons"]["jupyterhub_url"] = "https://hub.school.example"
    for name, path in config["sphinx"]["local_extensions"].items():
        config["sphinx"]["local_extensions"][name] = str(ROOT / path)
    (folder / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    command = [pathlib.Path(sys.executable).with_name("jupyter-book"), "build", ROOT]
    command += ["-q", "-W", "-n", "--keep-going", "--path-output", folder]
    command += ["--config", folder / "_config.yml"]
    build = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert build.returncode == 0, build.stderr
    return folder / "_build" / "html"


def buttons(folder, page):
    """What stands above the title of a page: where each link leads, by its words."""
    soup = bs4.BeautifulSoup((folder / f"{page}.html").read_text("utf-8"), "html.parser")
    links = soup.select(".page-links a[href]")
    return {link.get_text(strip=True): link["href"] for link in links}


@pytest.mark.skipif(bool(CONFIG["repository"]["url"]), reason="the address is set")
def test_without_an_address_no_page_has_a_button_that_leads_elsewhere(rendered, page):
    assert [link for link in buttons(rendered, page).values() if link.startswith("http")] == []


def test_with_an_address_a_chapter_can_be_launched_in_three_places(published):
    found = buttons(published, CHAPTER)
    file = f"{CHAPTER}.ipynb"
    assert (
        found["Launch on Binder"]
        == f"https://mybinder.org/v2/gh/ada/engine/main?urlpath=lab/tree/{file}"
    )
    colab = "https://colab.research.google.com"
    assert found["Launch on Colab"] == f"{colab}/github/ada/engine/blob/main/{file}"
    pull = "https://hub.school.example/hub/user-redirect/git-pull"
    assert found["Launch on JupyterHub"].startswith(pull)
    assert f"lab/tree/engine/{file}" in found["Launch on JupyterHub"]


def test_with_an_address_every_page_can_be_edited(published, page):
    source = next(ROOT.glob(page + ".*"))
    found = buttons(published, page)
    assert found["Edit this page"] == f"{ADDRESS}/edit/main/{page}{source.suffix}"
    assert found["Repository"] == ADDRESS
    assert found["Report a mistake"].startswith(f"{ADDRESS}/issues/new?")


def test_only_notebooks_can_be_launched(published, page):
    is_notebook = (ROOT / f"{page}.ipynb").exists()
    assert ("Launch on Binder" in buttons(published, page)) == is_notebook


def test_a_published_book_knows_its_own_address(published):
    page = (published / f"{CHAPTER}.html").read_text(encoding="utf-8")
    assert f'<link rel="canonical" href="{PAGES}{CHAPTER}.html"' in page
    assert f"{PAGES}_static/netlib-" in (published / "book/intro.html").read_text("utf-8")


def test_the_page_for_a_missing_address_works_in_every_folder(published):
    page = bs4.BeautifulSoup((published / "404.html").read_text("utf-8"), "html.parser")
    assert page.base["href"] == PAGES
    assert page.select(".skip-link") == []  # it would lead away


def test_an_address_of_the_book_may_lack_its_slash():
    spec = importlib.util.spec_from_file_location("repository", ROOT / "book/_ext/repository.py")
    repository = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(repository)
    options = {"repository_url": ADDRESS}
    config = types.SimpleNamespace(html_theme_options=options, html_baseurl="https://a.example/b")
    repository.use_address(None, config)
    assert config.html_baseurl == "https://a.example/b/"
