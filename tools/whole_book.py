"""All pages of the rendered book as one page that is made for paper.

Paper cannot fold or answer. So what a reader of the screen opens by a click moves to the end of
its chapter: what is right in the quiz, hints, solutions, and the code that only draws. Where it
went, and in the list of contents, stands a page number, once the number is known.
"""

import json
import re
from pathlib import Path
from urllib.parse import unquote

import bs4
import jinja2
import yaml

ROOT = Path(__file__).parents[1]
HTML = ROOT / "_build" / "html"
PAGES = "../html/book/"  # from the one page to the others
EVERY_CHAPTER_HAS = {"summary", "quiz", "exercises", "further-reading", "answers", "code"}
LATER = "000"  # in place of a page number that is not known yet


def read(path):
    return bs4.BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def parse(text):
    return bs4.BeautifulSoup(text, "html.parser")


def page_of(place):
    """A link that shows on which page a place is."""
    return f'<a class="page-of" href="#{place}">{LATER}</a>'


def parts():
    """The book's list of pages: for each part its name ("" for the first page) and the pages."""
    start = read(HTML / "index.html").a["href"]
    found = [{"name": "", "pages": []}]
    for tag in read(HTML / start).select("#pst-primary-sidebar :is(.caption, a)"):
        if tag.name == "a":
            found[-1]["pages"].append(Path(start if tag["href"] == "#" else tag["href"]).stem)
        else:
            found.append({"name": tag.get_text(), "pages": []})
    return found


# --- what folds on the screen ---------------------------------------------------------------


def move_quiz(article, end):
    """The questions keep their choices. What is said about each choice moves to the end."""
    quiz = article.select_one("#quiz")
    if not quiz:
        return
    quiz.p.replace_with(parse(f"<p>The answers are on page {page_of('quiz-answers')}.</p>"))
    answers = ['<h3 id="quiz-answers">Quiz</h3>']
    for question in quiz.find_all("p", recursive=False):
        first = question.find_next_sibling()
        if first is None or first.name != "details":
            continue
        choices, said = [], []
        for choice in [first, *first.find_next_siblings()]:
            if choice.name != "details":
                break
            choices.append(choice.select_one(".sd-summary-text").decode_contents())
            said.append(choice.select_one(".sd-summary-content").decode_contents())
            choice.extract()
        question.insert_after(parse(lettered(choices, "choices")))
        answers.append(f'<div class="said">{question.strong}{lettered(said, "choices")}</div>')
    end.append(f'<div class="quiz-answers">{"".join(answers)}</div>')


def lettered(items, name):
    return f'<ol type="a" class="{name}">' + "".join(f"<li>{i}</li>" for i in items) + "</ol>"


def move_solutions(article, end):
    """The hints and the solution of each exercise."""
    exercises = article.select("div.exercise")
    if not exercises:
        return
    note = f"<p>Hints and solutions begin on page {page_of('hints-and-solutions')}.</p>"
    article.select_one("#exercises > p").insert_after(parse(note))
    end.append('<h3 id="hints-and-solutions">Hints and solutions</h3>')
    for exercise in exercises:
        title = exercise.select_one(".admonition-title").get_text()
        end.append(f'<p class="about"><a href="#{exercise["id"]}">{title}</a></p>')
        for hint in exercise.select("details"):
            text = hint.select_one(".sd-summary-content")
            text.p.insert(0, parse(f"<strong>{hint.summary.get_text(strip=True)}.</strong> "))
            end.append(text.decode_contents())
            hint.extract()
        solution = exercise.find_next_sibling("details", class_="solution")
        solution.summary.decompose()
        solution.name = "div"
        solution["class"] = "solved"
        end.append(str(solution.extract()))


def move_code(article):
    """The code that draws, each with the number of its figure."""
    moved = []
    for folded in article.select("details.hide"):
        figure = folded.find_parent(class_="cell").figure
        number = figure.select_one(".caption-number").get_text(strip=True)
        moved.append(f'<p class="about"><a href="#{figure["id"]}">{number}</a>, '
                     f"page {page_of(figure['id'])}</p>")  # fmt: skip
        folded.summary.decompose()
        moved.append(folded.decode_contents())
        folded.decompose()
    return moved


def unfold(article):
    """Put at the end of a chapter what was folded in it."""
    end = []
    move_quiz(article, end)
    move_solutions(article, end)
    code = move_code(article)
    if end:
        article.append(parse('<section class="end" id="answers"><h2>Answers</h2>'
                             + "".join(end) + "</section>"))  # fmt: skip
    if code:
        article.append(parse('<section class="end" id="code"><h2>The code behind the figures</h2>'
                             + "".join(code) + "</section>"))  # fmt: skip


# --- one page out of many -------------------------------------------------------------------


def address(link, page, pages):
    """Where a link of a page leads in the one page; None if it leads nowhere there."""
    if re.match(r"[a-z]+:", link):
        return link
    file, _, place = link.partition("#")
    other = Path(file).stem if file else page
    if other not in pages or file.startswith(".."):
        return None
    return f"#{other}-{unquote(place)}" if place else f"#{other}"


def join(article, page, pages):
    """Give addresses that are unique in the whole book, and follow links inside of it."""
    for tag in article.select("[id]"):
        tag["id"] = f"{page}-{tag['id']}"
    for link in article.select("a[href]"):
        link["href"] = address(link["href"], page, pages)
        if link["href"] is None:
            link.unwrap()
    for image in article.select("img"):
        image["src"] = PAGES + image["src"]


def chapter(page, part, pages):
    """A page of the book, as the template shows it."""
    article = read(HTML / "book" / f"{page}.html").article
    for tag in article.select("script, button, .headerlink"):
        tag.decompose()
    unfold(article)
    join(article, page, pages)
    for heading in article.select("h1, h2, h3, h4"):  # a part stands above its chapters
        heading["aria-level"] = int(heading.name[1]) + bool(part)
    sections = [
        {"id": section["id"], "title": section.h2.decode_contents()}
        for section in article.select("section:has(> h2)")
        if section["id"].removeprefix(f"{page}-") not in EVERY_CHAPTER_HAS
    ]
    title = article.h1.get_text()
    return {"id": page, "title": title, "foot": json.dumps(title, ensure_ascii=False),
            "sections": sections, "body": article.decode_contents(formatter="minimal")}  # fmt: skip


def about():
    """Title, authors and year as in _config.yml; the newest version and its date."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version, date = re.search(r"^## (\d\S*) \S (\d{4}-\d\d-\d\d)", changes, re.M).groups()
    return {"title": config["title"], "author": config["author"], "year": config["copyright"],
            "version": version, "date": date}  # fmt: skip


def whole_book():
    """The one page, without page numbers."""
    book = parts()
    pages = [page for part in book for page in part["pages"]]
    for part in book:
        part["chapters"] = [chapter(page, part["name"], pages) for page in part["pages"]]
    templates = jinja2.FileSystemLoader(ROOT / "book" / "_templates")
    environment = jinja2.Environment(loader=templates, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("whole_book.html").render(about(), parts=book)


def with_numbers(page, numbers):
    """The one page with the page numbers of its places filled in."""
    return re.sub(
        rf'(<a class="page-of" href="#([^"]+)">){LATER}',
        lambda link: link[1] + str(numbers.get(link[2], LATER)),
        page,
    )


def headings(page):
    """The text of every heading of the one page, in order."""
    found = parse(page).select(":is(h1, h2, h3, h4, h5, h6, [role=heading])")
    return [" ".join(heading.get_text().split()) for heading in found]
