"""Print the whole book as one PDF (`make pdf`): Chromium prints, pikepdf says what is where.

A browser numbers pages but cannot say on which page a place will be. So it prints twice: the
numbers come out of the first print, and the second print has them in its list of contents.
"""

import subprocess
import sys

import pikepdf
from chromium import QUIET, find_chromium
from whole_book import ROOT, about, headings, whole_book, with_numbers

FOLDER = ROOT / "_build" / "pdf"
PDF = FOLDER / "understand-a-neural-network.pdf"
PRINT = (*QUIET, "--no-pdf-header-footer", "--generate-pdf-document-outline")
ATTEMPTS = 4


def print_page(browser, page, pdf):
    command = [browser, *PRINT, f"--print-to-pdf={pdf}", page.as_uri()]
    run = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    if run.returncode or not pdf.exists():
        sys.exit(f"{browser} could not print {page}:\n{run.stderr}")


def page_numbers(pdf):
    """The page number of every place that a link leads to."""
    with pikepdf.open(pdf) as book:
        pages = {page.objgen: number for number, page in enumerate(book.pages, 1)}
        return {name[1:]: pages[place[0].objgen] for name, place in book.Root.Dests.items()}


def bookmarks(entry):
    """This entry of the outline, those below it, and those after it: the order of the book."""
    while entry is not None:
        yield entry
        yield from bookmarks(entry.get("/First"))
        entry = entry.get("/Next")


def finish(draft, headings):
    """Say who wrote the book, mend the bookmarks, and pack what Chromium leaves unpacked."""
    with pikepdf.open(draft) as book:
        book.docinfo["/Author"] = about()["author"]
        entries = list(bookmarks(book.Root.Outlines.First))
        for entry, heading in zip(entries, headings, strict=True):
            entry.Title = heading  # without the spaces that Chromium loses where a line ends
        book.save(PDF, object_stream_mode=pikepdf.ObjectStreamMode.generate, linearize=True)
        return len(book.pages)


def print_with_numbers(browser, text, draft):
    """Print until the page numbers on the pages are those of the pages."""
    numbers = {}
    page = FOLDER / "book.html"
    for _ in range(ATTEMPTS):
        page.write_text(with_numbers(text, numbers), encoding="utf-8")
        draft.unlink(missing_ok=True)
        print_page(browser, page, draft)
        printed, numbers = numbers, page_numbers(draft)
        if numbers == printed:
            return
    sys.exit(f"The page numbers still move after {ATTEMPTS} prints.")


def main():
    browser = find_chromium()
    if not browser:
        sys.exit(
            "make pdf needs Chromium 131 or newer: install it (apt-get install chromium), or say "
            "where it is (CHROMIUM=/path/to/chromium make pdf)."
        )
    FOLDER.mkdir(parents=True, exist_ok=True)
    draft = FOLDER / "draft.pdf"
    text = whole_book()
    print_with_numbers(browser, text, draft)
    pages = finish(draft, headings(text))
    draft.unlink()
    print(f"The book is printed: {PDF.relative_to(ROOT)}, {pages} pages")


if __name__ == "__main__":
    main()
