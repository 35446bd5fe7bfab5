"""How the book reads: `python tools/prose.py` prints words, sentence lengths and reading level.

The text is what a reader sees as running text: no code, no formulas, no tables, no headings.
"""

import pathlib
import re
import statistics
import sys

import nbformat
import textstat
from markdown_it.renderer import RendererHTML
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

BOOK = pathlib.Path(__file__).parents[1] / "book"
PAGES = sorted([*BOOK.glob("*.md"), *BOOK.glob("*.ipynb")])
CONFIG = MdParserConfig(enable_extensions={"amsmath", "colon_fence", "deflist", "dollarmath"})
PARSER = create_md_parser(CONFIG, RendererHTML)
NOT_PROSE = {"bibliography", "code-cell", "eval-rst", "math"}


def markdown(path):
    """The Markdown of a page."""
    if path.suffix == ".ipynb":
        cells = nbformat.read(path, as_version=4).cells
        return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return path.read_text(encoding="utf-8")


def words(inline):
    """The text of one line or paragraph. A piece of code, a formula or a link's number is an X."""
    parts = []
    for token in inline.children:
        if token.type == "myst_role" and token.meta["name"] == "term":
            parts.append(token.content.partition(" <")[0])
        elif token.type in ("code_inline", "math_inline", "myst_role"):
            parts.append("X")
        else:
            parts.append(" " if token.type == "softbreak" else token.content)
    return re.sub(r"\s+", " ", "".join(parts)).strip()


def paragraphs(text):
    """The paragraphs, also those inside of boxes, exercises and answers of a quiz."""
    tokens = PARSER.parse(text)
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type == "inline" and before.type in ("paragraph_open", "dd_open"):
            yield words(token)
        elif token.type in ("fence", "colon_fence") and token.info.startswith("{"):
            name, _, title = token.info[1:].partition("}")
            if name not in NOT_PROSE:
                yield title.strip()
                content = re.sub(r"\A(:[\w-]+:.*\n)+", "", token.content)
                yield from paragraphs(content)


def sentences(path):
    """The sentences of a page, without what is no sentence, such as a title of two words."""
    found = []
    for paragraph in paragraphs(markdown(path)):
        found += re.split(r"(?<=[.?!:])[\"”)]?\s+(?=[\"“(]?[A-Z0-9]|\([a-z]\))", paragraph)
    return [sentence for sentence in found if len(sentence.split()) > 2]


def grade(sentences):
    """The school year that can read the sentences, by Flesch and Kincaid: from the number of
    words in a sentence, and of syllables in a word."""
    letters = [re.sub(r"[^A-Za-z' -]|\b[A-Za-z]\b", " ", sentence) for sentence in sentences]
    return textstat.flesch_kincaid_grade(". ".join(letters))


def main():
    print(f"{'page':24} {'words':>6} {'sentences':>10} {'mean':>6} {'longest':>8} {'grade':>6}")
    for path in PAGES:
        found = sentences(path)
        if found:
            lengths = [len(sentence.split()) for sentence in found]
            print(
                f"{path.stem:24} {sum(lengths):6} {len(lengths):10} "
                f"{statistics.mean(lengths):6.1f} {max(lengths):8} {grade(found):6.1f}"
            )


if __name__ == "__main__":
    sys.exit(main())
