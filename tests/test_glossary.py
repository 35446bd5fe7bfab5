"""The glossary: each word leads to where it is explained, and a chapter leads to each word."""

import pathlib
import re

import pytest

BOOK = pathlib.Path(__file__).parents[1] / "book"
TEXT = (BOOK / "glossary.md").read_text(encoding="utf-8").split("```{glossary}\n")[1]
ENTRIES = [
    (words.splitlines(), meaning)
    for words, meaning in re.findall(r"^((?:\w.*\n)+)  (.+)$", TEXT, re.M)
]
CHAPTERS = " ".join(path.read_text(encoding="utf-8") for path in BOOK.glob("*.ipynb"))


def test_it_is_in_alphabetical_order():
    first = [words[0].lower() for words, _ in ENTRIES]
    assert len(first) > 80 and first == sorted(first)


@pytest.mark.parametrize(("words", "meaning"), ENTRIES)
def test_an_entry_leads_to_a_place_and_a_chapter_to_the_entry(words, meaning):
    assert re.search(r"\]\(\w+\.(ipynb|md)|\{[\w:]+\}`", meaning)
    spelling = "|".join(map(re.escape, words))
    assert re.search(rf"\{{term\}}`({spelling}|[^`]*<({spelling})>)`", CHAPTERS, re.I)


def test_every_word_is_in_the_index(rendered):
    index = (rendered / "genindex.html").read_text(encoding="utf-8")
    for words, _ in ENTRIES:
        for word in words:
            assert f"glossary.html#term-{word.replace(' ', '-')}" in index
