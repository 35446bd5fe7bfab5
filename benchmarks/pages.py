"""`python -m benchmarks.pages`: how heavy the pages of the rendered book are, and how soon there.

For each page, in Chromium, from a web server on this machine, with nothing in the cache:

- content: milliseconds from asking for the page to its first words or pictures;
- usable: to the moment when everything is loaded, every script has run and the page is idle;
- figure: to the moment when its live figure can be used, where it has one;
- kB: all that the page is made of; and its heaviest parts.

The times are medians of several openings. No test asserts a time; one asserts the weight.
"""

import argparse
import pathlib
import statistics

from playwright.sync_api import sync_playwright

from benchmarks import machine, table
from conftest import OTHER_PAGES, serve, toc_pages
from tools.chromium import QUIET, find_chromium

ROOT = pathlib.Path(__file__).parents[1]
OPENINGS = 5
WATCH = """
  addEventListener("load", () => requestIdleCallback(() => window.idleAt = performance.now()));
  new MutationObserver((changes, observer) => {
    if (!document.querySelector(".netlib .sentence")?.textContent) return;
    window.figureAt = performance.now();
    observer.disconnect();
  }).observe(document, { childList: true, subtree: true, characterData: true });
"""
TIMES = """() => [performance.getEntriesByName("first-contentful-paint")[0].startTime,
                  window.idleAt, window.figureAt ?? null]"""
SIZES = """() => [...performance.getEntriesByType("navigation"),
                  ...performance.getEntriesByType("resource")]
    .map(e => [e.decodedBodySize / 1000, e.name.split("/").pop()])"""


def measure(chromium, address, page):
    """One row of the table."""
    times = []
    for _ in range(OPENINGS):
        context = chromium.new_context(viewport={"width": 1280, "height": 900})
        tab = context.new_page()
        tab.add_init_script(WATCH)
        tab.goto(f"{address}{page}.html", wait_until="networkidle")
        tab.wait_for_function("window.idleAt")
        times.append(tab.evaluate(TIMES))
        sizes = sorted(tab.evaluate(SIZES), reverse=True)
        context.close()
    content, usable, figure = zip(*times, strict=True)
    return {
        "page": page,
        "content": statistics.median(content),
        "usable": statistics.median(usable),
        "figure": None if None in figure else statistics.median(figure),
        "kB": sum(size for size, _ in sizes),
        "heaviest": [f"{name} {size:.0f}" for size, name in sizes[:3]],
    }


def print_row(row):
    figure = "" if row["figure"] is None else f"{row['figure']:.0f}"
    print(
        f"{row['page']:30}{row['content']:>8.0f}{row['usable']:>8.0f}{figure:>8}{row['kB']:>7.0f}"
        f"  {', '.join(row['heaviest'])}",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", help="also write the table as JSON")
    options = parser.parse_args()
    book = ROOT / "_build" / "html"
    rows = []
    print(f"{'page':30}{'content':>8}{'usable':>8}{'figure':>8}{'kB':>7}  heaviest parts, kB")
    with serve(book) as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=QUIET)
        for page in toc_pages() + OTHER_PAGES:
            rows.append(measure(chromium, address, page))
            print_row(rows[-1])
        chromium.close()
    size = sum(file.stat().st_size for file in book.rglob("*") if file.is_file()) / 1e6
    print(f"The whole book: {size:.1f} MB")
    if options.output:
        content = {"machine": machine.facts(), "book MB": size, "rows": rows}
        table.write_json(options.output, content)


if __name__ == "__main__":
    main()
