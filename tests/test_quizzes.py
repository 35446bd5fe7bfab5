"""The quizzes: five questions in each chapter, feedback on every answer, right answers computed."""

import pathlib
import re

import nbformat
import pytest

BOOK = pathlib.Path(__file__).parents[1] / "book"
QUESTION = re.compile(r"^\*\*Question (\d+)\.\*\* (.+?)(?=^\*\*Question|\Z)", re.M | re.S)
OPTION = re.compile(r"^:::\{dropdown\} ([^\n]+)\n([✓✗]) ([^\n].*?)\n:::$", re.M | re.S)
CHAPTERS = sorted(path.stem for path in BOOK.glob("*.ipynb"))


@pytest.fixture(params=CHAPTERS)
def cells(request):
    return nbformat.read(BOOK / f"{request.param}.ipynb", as_version=4).cells


@pytest.fixture
def quiz(cells):
    """The cell with the questions, and the one after it, which computes."""
    (k,) = (k for k, cell in enumerate(cells) if re.search(r"^## Quiz$", cell.source, re.M))
    return cells[k], cells[k + 1]


@pytest.fixture
def questions(quiz):
    """For each question its number and its options: (answer, ✓ or ✗, feedback)."""
    return [(int(n), OPTION.findall(body)) for n, body in QUESTION.findall(quiz[0].source)]


def without_markup(text):
    return re.sub(r"[`$*]", "", text)


def test_there_are_five_questions_with_one_right_answer_each(questions):
    assert [number for number, _ in questions] == [1, 2, 3, 4, 5]
    for _, options in questions:
        assert 3 <= len(options) <= 5
        assert [mark for _, mark, _ in options].count("✓") == 1
        assert len({answer for answer, _, _ in options}) == len(options)


def test_no_option_escapes_the_form(quiz, questions):
    assert quiz[0].source.count("{dropdown}") == sum(len(options) for _, options in questions)


def test_every_answer_has_feedback_that_says_why(questions):
    for number, options in questions:
        for answer, _, feedback in options:
            assert len(feedback) > 15, f"question {number}, answer {answer}"


def test_right_answers_are_those_that_the_chapter_computes(quiz, questions):
    code = quiz[1]
    assert code.source.startswith("# right answers of the quiz, computed\n")
    assert "remove-cell" in code.metadata.tags
    printed = "".join(output.get("text", "") for output in code.outputs)
    computed = re.findall(r"^Question (\d): (.+)$", printed, re.M)
    assert len(computed) >= 2 and len(computed) == len(printed.splitlines())
    options = dict(questions)
    for number, value in computed:
        agree = [mark for text, mark, _ in options[int(number)] if without_markup(text) == value]
        assert agree == ["✓"], f"question {number}: {value} was computed"


def test_the_right_answer_is_not_always_in_the_same_place():
    places = []
    for slug in CHAPTERS:
        text = "\n".join(c.source for c in nbformat.read(BOOK / f"{slug}.ipynb", 4).cells)
        for _, body in QUESTION.findall(text):
            marks = [mark for _, mark, _ in OPTION.findall(body)]
            places += [marks.index("✓")] if "✓" in marks else []
    for place in range(3):
        assert places.count(place) > len(places) / 8


# --- in the page --------------------------------------------------------------------------


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "none"])
@pytest.mark.parametrize("slug", CHAPTERS)
def test_an_answer_opens_from_the_keyboard_also_without_javascript(
    browser, rendered, slug, javascript
):
    with browser.new_context(java_script_enabled=javascript) as context:
        tab = context.new_page()
        tab.goto((rendered / "book" / f"{slug}.html").as_uri())
        options = tab.locator("#quiz details")
        assert options.count() >= 15
        for k in (0, options.count() - 1):
            option = options.nth(k)
            feedback = option.locator(".sd-card-body")
            assert not feedback.is_visible()
            option.locator("summary").focus()
            tab.keyboard.press("Enter")
            assert feedback.is_visible()
            assert feedback.inner_text().strip()[0] in "✓✗"
            tab.keyboard.press("Space")
            assert not feedback.is_visible()
