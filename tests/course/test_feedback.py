"""Verdicts in words: the same in text and in HTML, nothing carried by colour, nothing taken for markup."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import pytest

from labs_lib.course import feedback
from labs_lib.course.verdict import STATES, STOPPED, Verdict

FAILED = Verdict(
    "03.2",
    "quantize",
    "failed",
    0,
    15,
    laws_held=6,
    laws=7,
    law="zero comes back as zero",
    input="x = [0, 15.3], scale = 0.06",
    got="q = [-128, -1]",
    expected="q = [-128, 127]",
    allowed="nothing else",
    note="A note.",
    diagnosis="This matches a cast before the clamp.",
    place="labs_lib/affine.py:41",
    line="return q.to(torch.int8)",
    printed="first\nsecond\n",
)
PASSED = Verdict("03.1", "q_range", "passed", 5, 5, laws_held=6, laws=6)
NASTY = "</code><script>alert('&')</script>\x1b[31m"
VOID = ("br", "hr", "img")


class Page(HTMLParser):
    """The text of a page, and whether its tags close."""

    def __init__(self, text):
        super().__init__()
        self.open, self.words, self.tags, self.attributes = [], [], set(), []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes += attributes
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def test_the_text_of_a_failure():
    assert feedback.text(FAILED) == (
        "03.2 quantize: not yet (6 of 7 laws hold)\n\n"
        "  law       zero comes back as zero\n"
        "  input     x = [0, 15.3], scale = 0.06\n"
        "  got       q = [-128, -1]\n"
        "  expected  q = [-128, 127]\n"
        "  allowed   nothing else\n"
        "  printed   first\n"
        "            second\n\n"
        "  A note.\n"
        "  This matches a cast before the clamp.\n"
        "  labs_lib/affine.py:41    return q.to(torch.int8)\n\n"
        "  next      labs hint 03.2"
    )


def test_the_text_of_a_pass_is_one_line():
    assert feedback.text(PASSED) == "03.1 q_range: passed (6 of 6 laws hold)"


def test_html_says_the_same_words_in_the_same_order():
    page = Page(feedback.as_html(FAILED))
    words = " ".join(" ".join(page.words).split())
    fields = [FAILED.law, FAILED.input, FAILED.got, FAILED.expected, FAILED.allowed, "first second", FAILED.note]
    fields += [FAILED.diagnosis, FAILED.place, FAILED.line, "labs hint 03.2"]
    places = [words.index(field) for field in fields]
    assert places == sorted(places)
    assert words.startswith(feedback.headline(FAILED))


def test_html_can_be_heard():
    page = Page(feedback.as_html(FAILED))
    assert {"section", "table", "caption", "th"} <= page.tags
    assert ("scope", "row") in page.attributes
    assert ("role", "status") in page.attributes
    styles = " ".join(value for name, value in page.attributes if name == "style")
    assert not re.search(r"color|background|opacity", styles)
    assert "table" not in Page(feedback.as_html(PASSED)).tags


@pytest.mark.parametrize(
    "field", ["law", "input", "got", "expected", "allowed", "note", "diagnosis", "place", "line", "printed", "function"]
)
def test_what_a_learner_wrote_is_never_markup(field):
    verdict = Verdict(**{**FAILED.stored(), field: NASTY})
    page = Page(feedback.as_html(verdict))
    assert "script" not in page.tags
    assert html.escape(NASTY) in feedback.as_html(verdict)


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_words(state):
    verdict = Verdict("03.1", "q_range", state, 0, 5)
    assert feedback.headline(verdict).startswith("03.1 q_range: ")
    assert state == "passed" or feedback.text(verdict).endswith("labs hint 03.1")


def test_the_message_is_one_line():
    assert PASSED.message == "6 of 6 laws hold"
    assert FAILED.message == (
        "input x = [0, 15.3], scale = 0.06; got q = [-128, -1]; expected q = [-128, 127]; allowed nothing else; A note."
    )


def test_what_does_not_last():
    assert PASSED.lasts
    assert FAILED.lasts
    assert not Verdict("03.1", "q_range", "not_gradable", 0, 5).lasts
    assert not Verdict("03.1", "q_range", "error", 0, 5, got=STOPPED).lasts
