"""The printed book: all chapters are in it, its page numbers are right, and nothing is cut off."""

import os
import pathlib
import re
import subprocess
import sys
import urllib.parse

import bs4
import numpy as np
import pikepdf
import pypdfium2
import pytest

ROOT = pathlib.Path(__file__).parents[1]
FOOT = 60  # points: below it a page has its number, and nothing else
TEXT_WIDTH = round((210 - 2 * 28) / 25.4 * 96)  # CSS pixels between the margins of A4


def plain(text):
    """Text without spaces and line ends, which depend on where a line is full."""
    return re.sub(r"\s", "", text)


@pytest.fixture(scope="module")
def pdf(rendered, browser):
    """The printed book. `browser` skips where there is none."""
    run = subprocess.run(
        [sys.executable, ROOT / "tools" / "pdf.py"], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return ROOT / "_build" / "pdf" / "understand-a-neural-network.pdf"


@pytest.fixture(scope="module")
def book(pdf):
    with pypdfium2.PdfDocument(pdf) as book:
        yield book


@pytest.fixture(scope="module")
def texts(book):
    """The text of every page."""
    return [page.get_textpage().get_text_bounded() for page in book]


@pytest.fixture(scope="module")
def outline(book):
    """Every bookmark: its level, its title and its page, counted from 1."""
    return [
        (mark.level, mark.get_title(), mark.get_dest().get_index() + 1) for mark in book.get_toc()
    ]


@pytest.fixture(scope="module")
def source(pdf):
    """The page that was printed."""
    return bs4.BeautifulSoup((pdf.parent / "book.html").read_text("utf-8"), "html.parser")


@pytest.fixture(scope="module")
def contents(source):
    """Every line of the list of contents: its title and its page number."""
    lines = source.select(".contents li")
    return [(line.a.get_text(), int(line.select_one(".page-of").get_text())) for line in lines]


@pytest.fixture(scope="module")
def chapters(rendered, toc):
    """The titles of the chapters, from their pages."""
    pages = [bs4.BeautifulSoup((rendered / f"{name}.html").read_text("utf-8"), "html.parser")
             for name in toc]  # fmt: skip
    for page in pages:
        page.select_one("h1 .headerlink").decompose()
    return [page.h1.get_text() for page in pages]


# --- what is where ------------------------------------------------------------------------


def test_it_is_a_book_of_a_few_hundred_pages(book):
    assert 150 < len(book) < 400


def test_every_chapter_is_in_the_outline_in_order(book, outline, chapters):
    rest = iter(outline)
    pages = [next(page for _, title, page in rest if title == chapter) for chapter in chapters[1:]]
    assert pages == sorted(set(pages))  # each on a page of its own
    assert pages[0] > 1
    assert pages[-1] <= len(book)


def test_a_chapter_begins_at_the_top_of_its_page(outline, texts, chapters):
    pages = {title: page for _, title, page in outline}
    for chapter in chapters:
        before = plain(texts[pages[chapter] - 1]).partition(plain(chapter))[0]
        assert len(before) < 200, chapter  # the foot, and perhaps the name of a part


def test_every_part_is_above_its_chapters_in_the_outline(outline):
    names = re.findall(r"caption: (.*)", (ROOT / "_toc.yml").read_text("utf-8"))
    parts = [(i, title) for i, (level, title, _) in enumerate(outline) if title in names]
    assert [title for _, title in parts] == names
    for i, _ in parts:
        assert (outline[i][0], outline[i + 1][0]) == (0, 1)


def test_the_contents_show_the_page_numbers_of_the_outline(outline, contents, chapters):
    assert {title for title, _ in contents} >= set(chapters)
    marks = {(title, page) for _, title, page in outline}
    assert [line for line in contents if line not in marks] == []


def test_the_contents_are_printed_as_they_are_written(texts, contents, outline):
    first = next(page for _, title, page in outline if title == contents[0][0] and page > 1)
    printed = plain("".join(texts[1 : first - 1]))
    assert [line for line in contents if plain(f"{line[0]}{line[1]}") not in printed] == []


def test_every_page_but_the_title_has_its_number_at_the_bottom(book):
    feet = [page.get_textpage().get_text_bounded(bottom=0, top=FOOT).split() for page in book]
    assert feet[0] == []
    assert [foot[-1] for foot in feet[1:]] == [str(n) for n in range(2, len(book) + 1)]


def test_every_place_that_is_named_with_its_page_is_there(pdf, source):
    with pikepdf.open(pdf) as file:
        pages = {page.objgen: number for number, page in enumerate(file.pages, 1)}
        numbers = {name[1:]: pages[place[0].objgen] for name, place in file.Root.Dests.items()}
    named = source.select(".page-of")
    assert len(named) > 200
    for link in named:
        assert int(link.get_text()) == numbers[link["href"].removeprefix("#")]


def test_answers_are_not_beside_their_questions(source):
    quizzes = source.select("section[id$='-quiz']")
    assert len(quizzes) >= 10
    for quiz in quizzes:
        assert not re.search("[✓✗]", quiz.get_text())
        chapter = quiz.find_parent("article")
        assert len(re.findall("[✓✗]", chapter.select_one(".quiz-answers").get_text())) == len(
            quiz.select(".choices li")
        )


# --- what it says of itself ---------------------------------------------------------------


def test_it_says_its_title_author_language_and_structure(pdf):
    config = (ROOT / "_config.yml").read_text("utf-8")
    with pikepdf.open(pdf) as file:
        assert f"title: {file.docinfo.Title}\n" in config
        assert f"author: {file.docinfo.Author}\n" in config
        assert file.Root.Lang == "en"
        assert file.Root.MarkInfo.Marked


def test_the_title_page_names_the_installed_version(texts):
    version = re.search(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.M)
    assert f"Version {version[1]}, 20" in texts[0]


# --- what is on the pages -----------------------------------------------------------------


def test_no_page_is_empty(book):
    for number, page in enumerate(book, 1):
        text = page.get_textpage().get_text_bounded(bottom=FOOT)
        assert len(plain(text)) > 40, f"page {number}"


def test_formulas_are_text(texts):
    formulas = "".join(texts)
    for letter in "∂∇∑𝑧𝑤𝜎𝜃":
        assert formulas.count(letter) >= 10, letter


def test_it_has_the_typefaces_of_the_book(pdf):
    with pikepdf.open(pdf) as file:
        fonts = {
            str(font.get("/BaseFont"))
            for page in file.pages
            for font in page.resources.Font.values()
        }
    for name in ("SourceSerifPro-Regular", "SourceSansPro-Regular", "STIXTwoMath"):
        assert any(name in font for font in fonts), name


def test_every_live_figure_is_a_still(rendered, toc, texts, source):
    printed = plain("".join(texts))
    for name in toc:
        page = bs4.BeautifulSoup((rendered / f"{name}.html").read_text("utf-8"), "html.parser")
        for figure in page.select(".live-figure"):
            assert plain(figure.select_one(".still p").get_text())[:60] in printed
    assert source.select("script, button, input, canvas, iframe, details") == []


def test_every_link_inside_of_the_book_leads_to_one_place(source):
    ids = [tag["id"] for tag in source.select("[id]")]
    assert len(ids) == len(set(ids))
    links = [link["href"] for link in source.select("a[href]")]
    inside = {urllib.parse.unquote(link[1:]) for link in links if link.startswith("#")}
    assert inside - set(ids) == set()
    assert all(re.match(r"#|https?:", link) for link in links)


def test_nothing_is_wider_than_the_page_and_every_picture_is_there(pdf, browser):
    tab = browser.new_page(viewport={"width": TEXT_WIDTH, "height": 1000})
    tab.emulate_media(media="print")
    tab.goto((pdf.parent / "book.html").as_uri())
    wide = tab.evaluate(
        """width => [...document.querySelectorAll("body *")]
        .filter((tag) => tag.getBoundingClientRect().right > width + 1)
        .map((tag) => `${tag.closest("article")?.id}: ${tag.tagName} ${tag.textContent}`)""",
        TEXT_WIDTH,
    )
    assert wide == []
    cut = tab.evaluate(
        """() => [...document.querySelectorAll("main *")]
        .filter((tag) => getComputedStyle(tag).overflowX !== "visible"
          && tag.scrollWidth > tag.clientWidth).map((tag) => tag.outerHTML.slice(0, 200))"""
    )
    assert cut == []
    missing = "() => [...document.images].filter((i) => !i.naturalWidth).map((i) => i.src)"
    assert tab.evaluate(missing) == []
    tab.close()


def test_a_page_that_a_reader_prints_in_the_dark_is_light_and_open(rendered, browser):
    context = browser.new_context(color_scheme="dark")
    tab = context.new_page()
    tab.goto((rendered / "book" / "xor_forward_pass.html").as_uri())
    theme = "document.documentElement.dataset.theme"
    assert tab.evaluate(theme) == "dark"
    with pypdfium2.PdfDocument(tab.pdf(format="Letter", print_background=True)) as printed:
        pages = [page.get_textpage().get_text_bounded() for page in printed]
        pixels = printed[0].render(scale=0.3).to_numpy()
    assert np.median(pixels) == 255
    assert all(str(number) in page for number, page in enumerate(pages, 1))
    text = plain("".join(pages))
    folded = tab.locator("article .solution section > p").all_text_contents()
    assert len(folded) >= 5
    assert plain(folded[0])[:20] in text
    assert plain(folded[-1])[:20] in text
    assert plain("Index of words and functions") not in text
    assert tab.evaluate(theme) == "dark"
    context.close()


def test_without_a_browser_it_says_what_to_install():
    run = subprocess.run(
        [sys.executable, ROOT / "tools" / "pdf.py"],
        env=os.environ | {"CHROMIUM": "no-such-browser"},
        capture_output=True,
        text=True,
    )
    assert run.returncode != 0
    assert run.stderr.startswith("make pdf needs Chromium")
    assert len(run.stderr.splitlines()) == 1
