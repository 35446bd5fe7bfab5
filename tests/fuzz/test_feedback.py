"""Fuzzing the pages of feedback: whatever a student writes, no script is left in them."""

import re

import bs4
from fuzzing import MB, SCRIPT, TEXTS, Outcome, attempt, fuzz
from hypothesis import strategies as st

from netlib.classroom.pages import to_html

LINKS = ["javascript:sprung=1", "JaVa\tscript:sprung=1", f"data:text/html,{SCRIPT}", "//a.b"]
LINKS += ["vbscript:x", "https://a.b/c", 'x" onerror="sprung=1', "&#106;avascript:sprung=1"]
LINK = st.sampled_from([*LINKS, "attachment:a.png"])
HOSTILE = (
    TEXTS | LINK | st.sampled_from([SCRIPT, "</pre><script>sprung=1</script>", "\\<b>", "&lt;"])
)
PIECES = st.one_of(
    HOSTILE,
    st.builds("[{}]({})".format, HOSTILE, LINK),
    st.builds("![{}]({} '{}')".format, HOSTILE, LINK, HOSTILE),
    st.builds("<{}>".format, LINK),
    st.builds("[a]: {} '{}'\n\n[a]".format, LINK, HOSTILE),
    st.builds("${}$".format, HOSTILE),
    st.builds("$$\\href{{{}}}{{{}}}$$".format, LINK, HOSTILE),
    st.builds("\\begin{{{0}}}{1}\\end{{{0}}}".format, HOSTILE, HOSTILE),
    st.builds(
        "$\\{}{{{}}}$".format, st.sampled_from(["text", "class", "style", "unicode"]), HOSTILE
    ),
    st.builds("\n```{}\n{}\n```\n".format, st.sampled_from(["mermaid", "html", SCRIPT]), HOSTILE),
    st.builds("\n| {} | a |\n|---|---|\n| {} | b |\n".format, HOSTILE, HOSTILE),
    st.sampled_from(["\n\n# ", "*", "`", "\n> ", "$", "$$", "\n- ", "[" * 500, "((" * 200]),
)
ATTACHMENTS = st.dictionaries(
    st.sampled_from(["a.png", "b.png"]),
    st.dictionaries(
        st.sampled_from(["image/png", "image/svg+xml", "text/html", 'x" onerror="sprung=1']),
        HOSTILE | st.integers() | st.none(),
        max_size=2,
    )
    | HOSTILE,
    max_size=2,
)
INPUTS = st.tuples(st.lists(PIECES, max_size=8).map("".join), ATTACHMENTS)
UNSAFE = ["script", "iframe", "object", "embed", "form", "input", "button", "style", "link", "meta"]
UNSAFE += ["base", "svg", "video", "audio", "template", "noscript", "annotation-xml"]


def check(given: tuple[str, dict]) -> Outcome:
    """HTML without anything that runs, asks for something from elsewhere, or looks like the page."""
    source, attachments = given
    outcome = attempt(lambda: to_html(source, attachments), (), 8 * MB)
    page = bs4.BeautifulSoup(outcome.result, "html.parser")
    assert not page.find_all(UNSAFE), f"an element that can do harm: {page.find_all(UNSAFE)}"
    for element in page.find_all(True):
        for name, value in element.attrs.items():
            assert not name.lower().startswith("on") and name != "style", element
            if name.lower() in ("href", "src", "xlink:href", "action"):
                address = re.sub(r"[\x00-\x20]", "", str(value)).lower()
                assert not re.match(r"(javascript|vbscript|data:(?!image/))", address), element
    return outcome


def test_what_students_write_is_shown_and_does_nothing():
    fuzz(INPUTS, check, 80, derandomize=True)
