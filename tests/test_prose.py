"""The prose: words that exist, sentences that can be read, and none of the usual slips."""

import pathlib
import re
import runpy
import statistics

import pytest
from proselint.checks import __register__
from proselint.config import DEFAULT
from proselint.registry import CheckRegistry
from proselint.tools import LintFile
from spellchecker import SpellChecker

ROOT = pathlib.Path(__file__).parents[1]
prose = runpy.run_path(str(ROOT / "tools" / "prose.py"))
PAGES = {page.stem: prose["sentences"](page) for page in prose["PAGES"]}
CHAPTERS = [page.stem for page in prose["PAGES"] if page.suffix == ".ipynb"]
CheckRegistry().register_many(__register__)
OURS = {word.lower() for word in (ROOT / "tests" / "words.txt").read_text("utf-8").split()}


@pytest.fixture(params=PAGES)
def sentences(request):
    return PAGES[request.param]


@pytest.fixture(params=CHAPTERS)
def chapter(request):
    return PAGES[request.param]


def unknown_words(sentences):
    found = re.findall(r"[a-zA-ZÀ-ÖØ-öø-ÿ]+(?:['’][a-z]+)?", " ".join(sentences))
    words = {word.replace("’", "'").removesuffix("'s") for word in found}
    return SpellChecker().unknown(words) - OURS


def test_every_word_is_in_the_dictionary_or_in_our_list(sentences):
    assert unknown_words(sentences) == set()


def test_a_word_that_does_not_exist_is_found():
    assert unknown_words(["The netwrok learns its wieghts."]) == {"netwrok", "wieghts"}


def test_no_sentence_is_longer_than_40_words(sentences):
    assert [sentence for sentence in sentences if len(sentence.split()) > 40] == []


def test_a_chapter_has_short_sentences_and_can_be_read_after_seven_years_of_school(chapter):
    assert statistics.mean(len(sentence.split()) for sentence in chapter) < 15
    assert prose["grade"](chapter) < 7


def test_no_word_stands_twice_in_a_row(sentences):
    assert [s for s in sentences if re.search(r"\b([a-z]+) \1\b", s)] == []


def proselint(text):
    """What proselint finds. Sphinx makes curly quotes, and "1 and 1" is no slip."""
    checks = {"typography.symbols": False, **DEFAULT["checks"]}
    found = LintFile("page", text).lint(
        {**DEFAULT, "checks": {**checks, "lexical_illusions": False}}
    )
    return [
        f"{result.check_result.message} (character {result.check_result.span[0]})"
        for result in found
    ]


@pytest.mark.parametrize("path", prose["PAGES"], ids=lambda path: path.stem)
def test_proselint_finds_nothing(path):
    assert proselint("\n\n".join(prose["paragraphs"](prose["markdown"](path)))) == []


def test_proselint_finds_a_cliche():
    assert "cliché" in proselint("At the end of the day, it is what it is.")[0]
