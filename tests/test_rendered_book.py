"""The rendered book: every page is there, is reachable, and has links that lead somewhere."""

import pathlib
import posixpath
import re
import string
import subprocess
import sys
import urllib.parse

import bs4
import pytest
from fontTools.ttLib import TTFont

from conftest import OTHER_PAGES

ROOT = pathlib.Path(__file__).parents[1]
SPECIAL = {"index", *OTHER_PAGES}  # pages that no table of contents names
LETTERS = string.ascii_uppercase + string.ascii_lowercase
ITALIC = {letter: chr(0x1D434 + k) for k, letter in enumerate(LETTERS)} | {"h": "ℎ"}
UNRESOLVED = re.compile(
    r"\{(glue|eq|numref|ref|cite|doc|term|exercise|solution|admonition|bibliography)\b"
    r"|\?\?\?|:label:|Traceback \(most recent call last\)"
)


@pytest.fixture(scope="session")
def soups(rendered):
    """The parsed pages by name, such as "book/intro", without the theme's own."""
    return {
        path.relative_to(rendered).with_suffix("").as_posix(): bs4.BeautifulSoup(
            path.read_text(encoding="utf-8"), "html.parser"
        )
        for path in sorted(rendered.rglob("*.html"))
        if "_static" not in path.parts
    }


def target(name, link):
    """The page or file that a link on page `name` leads to, and its #fragment."""
    parts = urllib.parse.urlsplit(link)
    if not parts.path:
        return name + ".html", urllib.parse.unquote(parts.fragment)
    path = posixpath.join(posixpath.dirname(name), urllib.parse.unquote(parts.path))
    return posixpath.normpath(path), urllib.parse.unquote(parts.fragment)


def links(soup):
    """What the page links to or loads, inside of the book."""
    found = [tag[key] for key in ("href", "src") for tag in soup.find_all(attrs={key: True})]
    return [link for link in found if not re.match(r"(https?|mailto|data|javascript):|#$", link)]


def next_page(name, soup):
    link = soup.select_one(".prev-next-area a.right-next")
    return link and target(name, link["href"])[0].removesuffix(".html")


# --- pages --------------------------------------------------------------------------------


def test_the_index_leads_to_the_first_page(soups):
    refresh = soups["index"].find("meta", attrs={"http-equiv": re.compile("refresh", re.I)})
    assert re.fullmatch(r"0; *url=book/intro\.html", refresh["content"], re.I)


def test_every_page_of_the_contents_is_there(soups, page):
    assert page in soups


def test_no_page_is_outside_of_the_contents(soups, toc):
    others = set(soups) - set(toc) - SPECIAL
    assert [name for name in others if not name.startswith(("_modules/", "book/api"))] == []


def test_the_sidebar_of_every_page_links_to_all_pages(soups, page, toc):
    sidebar = soups[page].select_one("#pst-primary-sidebar")
    linked = {target(page, link["href"])[0] for link in sidebar.select("a[href]")}
    assert {name + ".html" for name in toc} - linked == set()


def test_next_leads_through_all_pages_in_order(soups, toc):
    walked = [toc[0]]
    while (following := next_page(walked[-1], soups[walked[-1]])) and following not in walked:
        walked.append(following)
    assert walked == toc


def test_every_page_has_a_way_on_or_back(soups, page):
    assert soups[page].select(".prev-next-area a[href]")


# --- links --------------------------------------------------------------------------------


def test_every_link_leads_to_a_file_and_every_fragment_to_an_id(rendered, soups):
    ids = {name + ".html": {tag["id"] for tag in soups[name].select("[id]")} for name in soups}
    broken = []
    for name, soup in soups.items():
        for link in links(soup):
            file, fragment = target(name, link)
            if not (rendered / file).is_file():
                broken.append(f"{name}: {link}: no such file")
            elif fragment and fragment not in ids.get(file, {fragment}):
                broken.append(f"{name}: {link}: no such id")
    assert not broken, "\n".join(broken)


def test_every_equation_reference_shows_the_number_of_its_equation(soups):
    for name, soup in soups.items():
        for link in soup.select('article a[href*="#equation-"]:not(.headerlink)'):
            file, fragment = target(name, link["href"])
            equation = soups[file.removesuffix(".html")].find(id=fragment)
            assert equation is not None, f"{name}: {link}"
            number = equation.select_one(".eqno").find(string=True)
            assert link.get_text() == number, f"{name}: {link}"


# --- what a page shows --------------------------------------------------------------------


def test_every_image_has_alt_text_that_is_not_a_file_name(soups, page):
    for image in soups[page].select("article img"):
        alt = image.get("alt", "").strip()
        assert alt, f"no alt text: {image}"
        assert not re.search(r"\.(png|svg|jpe?g|gif)$|^_images", alt), f"a file name: {image}"


def test_no_cell_prints_a_traceback_or_to_stderr(soups, page):
    assert soups[page].select(".output.stderr, .output.traceback") == []
    assert "Traceback (most recent call last)" not in soups[page].get_text()


def test_no_role_or_directive_is_left_unresolved(soups, page):
    unresolved = soups[page].select(".system-message, .problematic, .xref.myst")
    assert not unresolved, [tag.get_text() for tag in unresolved]
    article = bs4.BeautifulSoup(str(soups[page].article), "html.parser")
    for code in article.select(".cell, code"):
        code.decompose()
    assert UNRESOLVED.search(article.get_text()) is None


# --- the build ----------------------------------------------------------------------------


def test_a_strict_build_from_nothing_has_no_warning(tmp_path):
    jupyter_book = pathlib.Path(sys.executable).with_name("jupyter-book")
    build = subprocess.run(
        [jupyter_book, "build", ".", "-q", "-W", "-n", "--keep-going", "--path-output", tmp_path],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,  # the warnings
        text=True,
    )
    assert build.returncode == 0, build.stderr


# --- typefaces ----------------------------------------------------------------------------


def test_the_typeface_of_formulas_has_all_that_they_show(rendered, soups):
    """Also what a browser draws by itself: the letters of <mi> in italics, and the sign of a root."""
    has = TTFont(rendered / "_static/fonts/maths.woff2").getBestCmap()
    formulas = [formula for soup in soups.values() for formula in soup.find_all("math")]
    needed = {
        letter for formula in formulas for letter in formula.get_text() if letter.isprintable()
    }
    for formula in formulas:
        needed |= {"√" for _ in formula.find_all("msqrt")}
        needed |= {ITALIC[i.get_text()] for i in formula.find_all("mi") if i.get_text() in ITALIC}
    assert len(needed) > 80
    assert {letter for letter in needed if ord(letter) not in has} == set()
