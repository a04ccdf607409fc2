"""The exam: every answer is proven twice, every common mistake is refused with the sentence that helps."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest
import torch

from labs_lib.course import exam
from labs_lib.course.exam import marking, proofs, shown
from labs_lib.course.modes import Mode, using

QUESTIONS = exam.questions()
NUMBERS = [question for question in QUESTIONS if question.kind != "choice"]
CHOICES = [question for question in QUESTIONS if question.kind == "choice"]


def number(question):
    return f"question {question.number}"


def written(value):
    """A value as a learner would write it."""
    return str(value) if value.denominator == 1 else f"{float(value):.4g}"


def test_there_are_twenty_questions_on_lessons_1_to_17_in_order():
    lessons = [question.lesson for question in QUESTIONS]
    assert len(QUESTIONS) == 20
    assert lessons == sorted(lessons)
    assert set(lessons) == set(range(1, 18))
    assert len(NUMBERS) > 2 * len(CHOICES)


@pytest.mark.parametrize("question", QUESTIONS, ids=number)
def test_every_answer_is_proven_by_the_courses_functions(question):
    with using(Mode("solutions")):
        assert proofs.agrees(question)


@pytest.mark.parametrize("question", QUESTIONS, ids=number)
def test_a_proof_gives_no_other_answer(question):
    """A proof that agrees with anything would prove nothing."""
    with using(Mode("solutions")):
        proof = exam.proof_of(question)
    if question.kind == "choice":
        assert proof is True
        return
    for mistake in question.mistakes:
        assert not math.isclose(proof, proofs.exact(mistake.answer), rel_tol=1e-3)


@pytest.mark.parametrize("question", QUESTIONS, ids=number)
def test_the_right_answer_is_right(question):
    answer = exam.answer_of(question)
    writings = [answer.upper(), f" {answer}) "] if isinstance(answer, str) else [answer, float(answer), written(answer)]
    for writing in writings:
        assert exam.judge(question, writing) == exam.Marked(question, "right", question.why), writing


@pytest.mark.parametrize("question", QUESTIONS, ids=number)
def test_common_mistakes_are_refused_with_their_sentence(question):
    assert len(question.mistakes) >= 3
    for mistake in question.mistakes:
        wrong = mistake.answer if question.kind == "choice" else written(proofs.exact(mistake.answer))
        marked = exam.judge(question, wrong)
        assert (marked.state, marked.note) == ("wrong", mistake.because)


@pytest.mark.parametrize("question", NUMBERS, ids=number)
def test_mistakes_are_apart_from_the_answer_and_from_each_other(question):
    """One written answer must never mean two of them."""
    values = [exam.answer_of(question), *(proofs.exact(mistake.answer) for mistake in question.mistakes)]
    for one, other in itertools.combinations(values, 2):
        apart = 0 if question.kind == "whole" else Fraction(12, 1000) * max(abs(one), abs(other))
        assert abs(one - other) > apart


@pytest.mark.parametrize("question", CHOICES, ids=number)
def test_every_wrong_option_is_explained(question):
    assert len(set(question.options)) == len(question.options) == 4
    explained = [mistake.answer for mistake in question.mistakes]
    assert sorted([*explained, question.answer]) == list(question.letters)


def test_the_right_letters_differ():
    assert len({question.answer for question in CHOICES}) == len(CHOICES)


@pytest.mark.parametrize("question", QUESTIONS, ids=number)
def test_explanations_are_one_to_three_sentences(question):
    for text in (question.why, *(mistake.because for mistake in question.mistakes)):
        assert text.endswith(".")
        assert 1 <= len([part for part in text.split(". ") if part]) <= 3
    assert question.ask.endswith(("?", ".)"))


@pytest.mark.parametrize("answer", ["1.33", "4/3", "1.3", "1.34", 1.3333, torch.tensor(4 / 3), "1.33 ", "+1.333e0"])
def test_numbers_are_right_within_one_percent_or_as_printed(answer):
    assert exam.judge(QUESTIONS[4], answer).state == "right"


@pytest.mark.parametrize("answer", ["1", "1.36", "1.2", "-1.33", 0])
def test_other_numbers_are_not(answer):
    assert exam.judge(QUESTIONS[4], answer).state == "wrong"


@pytest.mark.parametrize("answer", ["0.14", "0.1438", "0.144 nats"])
def test_a_rounded_answer_counts_by_its_digits(answer):
    assert exam.judge(QUESTIONS[13], answer).state == "right"
    assert exam.judge(QUESTIONS[13], "0.1").state == "wrong"  # one digit would accept too much


def test_whole_numbers_are_exact():
    assert exam.judge(QUESTIONS[11], "201_600 bytes").state == "right"
    assert exam.judge(QUESTIONS[11], 201601).state == "wrong"


@pytest.mark.parametrize("answer", [None, "", "   "])
def test_no_answer_is_open(answer):
    assert exam.judge(QUESTIONS[0], answer) == exam.Marked(QUESTIONS[0], "open")


@pytest.mark.parametrize(
    ("place", "answer", "says"),
    [
        (4, "1,33", "begin with a point"),
        (4, "about one", "such as 12"),
        (4, "1/0", "such as 12"),
        (4, True, "answer with a number"),
        (4, [1.33], "answer with a number"),
        (4, "1e400", "ordinary size"),
        (4, float("nan"), "such as 12"),
        (8, "e", "one letter of a, b, c, d"),
        (8, 3, "one letter of a, b, c, d"),
    ],
)
def test_what_cannot_be_read_is_not_wrong(place, answer, says):
    marked = exam.judge(QUESTIONS[place], answer)
    assert marked.state == "unreadable"
    assert says in marked.note


def test_a_minus_sign_of_print_is_a_minus():
    assert marking.given_number("\N{MINUS SIGN}3").value == -3


def test_the_score_counts_and_names_what_to_read_again(capsys):
    exam.mark({5: 1.25, 6: -3, 9: "x"})
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == " 5  not yet. 16 codes have 15 steps between them. Lesson 4."
    assert lines[-2:] == ["1 of 20 right, 17 open", "to read again: 4 (Choose the scale and the zero point)"]


def test_nothing_answered_is_no_reproach(capsys):
    exam.mark({})
    assert capsys.readouterr().out == "0 of 20 right, 20 open\n"


def test_an_answer_to_no_question_is_refused():
    with pytest.raises(ValueError, match="numbers 1 to 20, got 21"):
        exam.mark({21: 1})


def test_questions_are_printed_without_their_answers(capsys):
    exam.ask()
    text = capsys.readouterr().out
    assert all(f"{question.number:>2}. " in text for question in QUESTIONS)
    assert max(map(len, text.splitlines())) <= shown.WIDTH
    assert "201600" not in text
    assert not any(question.why[:40] in text for question in QUESTIONS)


def test_solutions_say_that_both_proofs_agree():
    with using(Mode("solutions")):
        solutions = exam.solutions()
    assert repr(solutions).startswith("20 of 20 answers: exact arithmetic and the functions of labs_lib agree\n")
    assert "<details>" in solutions._repr_html_()
    assert "your functions" not in repr(solutions)


def test_solutions_tell_where_a_learners_function_disagrees():
    def wrong(*args, **kwargs):
        return 0.25

    def broken(*args, **kwargs):
        raise ZeroDivisionError("no")

    with using(Mode("solutions", replaced={"06.1": wrong, "15.1": broken})):
        text = " ".join(repr(exam.solutions()).split())
    assert text.startswith("17 of 20")
    assert "(your functions say something else) Lesson 6." in text
    assert "(your functions stop with ZeroDivisionError: no) Lesson 15." in text


def test_solutions_do_without_functions_that_are_not_there(monkeypatch):
    with using(Mode("strict")):
        text = " ".join(repr(exam.solutions()).split())
    assert "(needs a function that is not written yet)" in text
    assert "201600 bytes" in text


@pytest.fixture
def form(monkeypatch):
    """A form for given answers: its fields, its button, and what it displays."""
    ipywidgets = pytest.importorskip("ipywidgets")
    displayed = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: displayed.append(data))

    def make(answers):
        boxes = []
        monkeypatch.setattr(ipywidgets, "VBox", lambda children: boxes.append(children) or _Box())
        exam.form(answers)
        (children,) = boxes
        fields = [one for one in children if isinstance(one, ipywidgets.Text | ipywidgets.RadioButtons)]
        return fields, children[-2], children[-1], displayed[-1]

    return make


class _Box:
    def get_view_spec(self):
        return {"model_id": "any"}


def test_the_form_fills_the_answers_and_marks_them(form):
    answers = {6: -3}
    fields, button, result, displayed = form(answers)
    assert len(fields) == 20
    assert fields[5].value == "-3"
    fields[4].value, fields[8].value = "1.25", "c"
    assert answers == {5: "1.25", 6: -3, 9: "c"}
    button.click()
    assert "16 codes have 15 steps" in result.value
    assert "2 of 20 right, 17 open" in result.value
    assert displayed["text/plain"].startswith("The form appears in JupyterLab")


def test_the_form_escapes_what_it_repeats(form):
    answers = {}
    fields, button, result, _ = form(answers)
    fields[0].value = "<b>"
    button.click()
    assert "<b>" not in result.value


@pytest.mark.slow
def test_the_terminal_asks_and_marks(course):
    assert course.labs("exam").out.count("answer: ") == 20
    assert course.labs("exam", "5").out.startswith(" 5. All values")
    right, wrong, unknown = course.labs("exam", "6", "-3"), course.labs("exam", "6", "5"), course.labs("exam", "21")
    assert (right.status, wrong.status, unknown.status) == (0, 1, 2)
    assert "Lesson 4." in wrong.out
    assert unknown.err == "labs: the questions have the numbers 1 to 20, got 21\n"
