from itertools import product

import pytest

from labs_lib.course import catalogue
from labs_lib.show.decision_tree import (
    CITED,
    MEASURED,
    Advice,
    Fork,
    decision_tree,
    decision_tree_figure,
    decision_tree_widget,
)

DATA = decision_tree({"8 bits, one scale a row": 0.000147})
KEYS = [line.node.key for line in DATA.lines() if isinstance(line.node, Fork)]


def test_all_answers_lead_somewhere_and_every_end_is_reached() -> None:
    reached = {
        DATA.advice(dict(zip(KEYS, answers, strict=True))) for answers in product((True, False), repeat=len(KEYS))
    }
    ends = {line for line in DATA.lines() if isinstance(line.node, Advice)}
    assert reached == ends
    assert len(ends) == len(KEYS) + 1


def test_every_end_says_what_it_rests_on() -> None:
    for line in DATA.lines():
        if isinstance(line.node, Advice):
            assert line.node.basis in (MEASURED, CITED)
            assert "lesson" in line.node.where or "lab" in line.node.where
    assert DATA.finding == "5 of 8 ends rest on measurements of this course, the others on papers"


def test_a_measured_end_names_lessons_that_exist() -> None:
    known = {lesson.number for lesson in catalogue.lessons()}
    for line in DATA.lines():
        if isinstance(line.node, Advice) and line.node.basis == MEASURED:
            named = [int(word) for word in line.node.where.replace(",", " ").split() if word.isdigit()]
            assert named
            assert set(named) <= known
            assert "planned" not in line.node.where


def test_no_answer_is_no() -> None:
    assert DATA.advice({}).node.text.startswith("a smaller model")
    assert DATA.advice({"4": True}).node.text == "4 bits in groups of 32"
    assert DATA.end({"16": True}) == "stay there: a cast, no codes (measured: lessons 1 and 18)"


def test_the_text_holds_every_node_and_the_numbers_that_were_measured() -> None:
    lines = DATA.text.splitlines()
    assert lines[0] == "Does it fit in 16 bits a weight?"
    assert len(lines) == 2 * len(KEYS) + 1
    assert "      no: W8A16, a scale a row [measured: lessons 10 and 12; your tiny-lm: 0.00015 nats]" in lines
    assert "nats" not in decision_tree().text


@pytest.mark.parametrize("answers", [None, {"8": True, "integers": True}])
def test_every_node_is_drawn(answers: dict | None) -> None:
    figure = decision_tree_figure(DATA, answers)
    figure.canvas.draw()
    texts = [text.get_text() for text in figure.axes[0].texts]
    for line in DATA.lines():
        words = line.node.question if isinstance(line.node, Fork) else line.node.text
        assert any(words in text for text in texts)
    bold = [text.get_text() for text in figure.axes[0].texts if text.get_fontweight() == "bold"]
    assert bool(bold) == (answers is not None)
    if answers:
        assert bold[-1] == "no: W8A8, a scale a token"


def test_the_widget_begins_at_4_bits_without_data(displayed: list) -> None:
    decision_tree_widget(DATA)
    assert displayed[0][0]["text/plain"].endswith(
        "These answers end at 4 bits in groups of 32 (measured: lessons 8, 16 and 18)."
    )
