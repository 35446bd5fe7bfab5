"""Sphinx extension: mends in the text of a page what its makers left hard to use.

What folds becomes <details>, which needs no script and answers to the keyboard; lists of sources
and tables say what they are; and what nobody would see is left out.
"""

import re

import bs4
from figures import describe_images

SHORT_CODE, SHORT_TABLE = 16, 10  # lines, rows: so much stays whole where a page of paper ends
OPENING, CLOSING = re.compile(r"[(“]$"), re.compile(r"[,.;:!?)”’]+")
# Names and punctuation have the colour of text anyway. They are a third of all elements.
PLAIN_CODE = re.compile(r'<span class="(?:n|p|w)">([^<]*)</span>')


def fold(soup):
    """A solution folds. Its title is no link: a click on it opens the solution."""
    for solution in soup.select("div.admonition.dropdown"):
        solution.name = "details"
        solution["class"].remove("dropdown")
        title = solution.select_one(".admonition-title")
        title.name = "summary"
        for link in title.find_all("a"):
            link.unwrap()
    for mark in soup.select(".sd-summary-state-marker"):
        mark.decompose()  # a style draws it
    for summary in soup.select("details.hide > summary"):
        del summary["aria-label"]  # the words in it say more


def name(soup):
    """Sources are a plain list, a table's first row says what stands below, code and what it prints
    can be told apart by ear, and one can go from exercise to exercise."""
    for entry in soup.select("[role=doc-biblioentry]"):
        entry["role"] = "listitem"
    for back in soup.select("[role=doc-backlink]"):
        del back["role"]
    for head in soup.select("thead th"):
        head["scope"] = "col"
    for number, cell in enumerate(soup.select("div.cell"), 1):
        for part, words in ((".cell_input", "Code {}"), (".cell_output", "Output of code {}")):
            for box in cell.select(part):
                box["role"], box["aria-label"] = "group", words.format(number)
    for title in soup.select(".exercise > .admonition-title"):
        title["role"], title["aria-level"] = "heading", "3"
    for section in soup.select("#exercise-content, #solution-content"):
        del section["id"]  # every exercise had the same


def keep_together(soup):
    """No line ends between a formula and the comma behind it, or the bracket before it."""
    for formula in soup.select("span.math"):
        before, after = formula.previous_sibling, formula.next_sibling
        opening = OPENING.search(before) if isinstance(before, str) else None
        closing = CLOSING.match(after) if isinstance(after, str) else None
        if opening or closing:
            together = formula.wrap(soup.new_tag("span", attrs={"class": "together"}))
        if opening:
            before.replace_with(before[: opening.start()])
            together.insert(0, opening[0])
        if closing:
            after.replace_with(after[closing.end() :])
            together.append(closing[0])


def let_names_break(soup):
    """A long name in a table may go on below, after a dot, a colon or an underscore."""
    for code in soup.select("table code"):
        for text in list(code.find_all(string=True)):
            first, *others = re.split(r"(?<=[._:])(?=\w)", text)
            pieces = [part for other in others for part in (soup.new_tag("wbr"), other)]
            text.replace_with(first, *pieces)


def mark(soup):
    """Long code and long tables may go on on the next page of paper."""
    for code in soup.select("div.highlight pre"):
        if code.get_text().count("\n") > SHORT_CODE:
            code["class"] = "long"
    for table in soup.select("table.table"):
        if len(table.select("tr")) > SHORT_TABLE:
            table["class"].append("long")


def tidy(app, pagename, templatename, context, doctree):
    if "body" in context:
        soup = bs4.BeautifulSoup(PLAIN_CODE.sub(r"\1", context["body"]), "html.parser")
        fold(soup)
        name(soup)
        keep_together(soup)
        let_names_break(soup)
        mark(soup)
        describe_images(soup, app)
        context["body"] = soup.decode(formatter="minimal")


def setup(app):
    app.connect("html-page-context", tidy, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
