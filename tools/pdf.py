"""Print the whole book as one PDF (`make pdf`): Chromium prints, and pypdf says what is where.

A browser numbers pages but cannot say on which page a place will be. So it prints twice: the
numbers come out of the first print, and the second print has them in its list of contents.
"""

import os
import shutil
import subprocess
import sys

from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, TextStringObject
from whole_book import ROOT, about, headings, whole_book, with_numbers

FOLDER = ROOT / "_build" / "pdf"
PDF = FOLDER / "understand-a-neural-network.pdf"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PRINT = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-pdf-header-footer",
    "--generate-pdf-document-outline",
)
ATTEMPTS = 4


def find_browser():
    named = os.environ.get("CHROMIUM")
    found = [shutil.which(name) for name in ([named] if named else BROWSERS)]
    path = next(filter(None, found), None)
    if path is None:
        sys.exit("make pdf needs Chromium 131 or newer: install it (apt-get install chromium), "
                 "or say where it is (CHROMIUM=/path/to/chromium make pdf).")  # fmt: skip
    return path


def print_page(browser, page, pdf):
    command = [browser, *PRINT, f"--print-to-pdf={pdf}", page.as_uri()]
    run = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    if run.returncode or not pdf.exists():
        sys.exit(f"{browser} could not print {page}:\n{run.stderr}")


def page_numbers(pdf):
    """The page number of every place that a link leads to."""
    reader = PdfReader(pdf)
    places = reader.named_destinations
    return {
        name.removeprefix("/"): reader.get_destination_page_number(place) + 1
        for name, place in places.items()
    }


def bookmarks(first):
    """Every entry of the outline, in the order of the book."""
    while first:
        entry = first.get_object()
        yield entry
        yield from bookmarks(entry.get("/First"))
        first = entry.get("/Next")


def name_bookmarks(writer, headings):
    """Chromium drops the space where a heading breaks into two lines: put the headings back."""
    entries = list(bookmarks(writer.root_object["/Outlines"]["/First"]))
    for entry, heading in zip(entries, headings, strict=True):
        entry[NameObject("/Title")] = TextStringObject(heading)


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
    browser = find_browser()
    FOLDER.mkdir(parents=True, exist_ok=True)
    draft = FOLDER / "draft.pdf"
    text = whole_book()
    print_with_numbers(browser, text, draft)
    writer = PdfWriter(clone_from=draft)
    name_bookmarks(writer, headings(text))
    writer.add_metadata({"/Author": about()["author"]})
    writer.write(PDF)
    draft.unlink()
    print(f"The book is printed: {PDF.relative_to(ROOT)}, {len(writer.pages)} pages")


if __name__ == "__main__":
    main()
