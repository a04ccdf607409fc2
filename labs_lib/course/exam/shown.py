"""The exam as text: questions, marks and solutions. The same words in a notebook and in a terminal."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from ..catalogue import find_lesson
from ..notebook import Shown
from .marking import Marked, judge
from .proofs import agrees, answer_of
from .questions import Question, find, questions

WIDTH = 96
WORDS = {"right": "right", "wrong": "not yet", "unreadable": "cannot be read"}


def ask(first: int = 1, last: int | None = None) -> None:
    """Print the questions with these numbers, both ends included."""
    chosen = [find(number) for number in range(first, (last or len(questions())) + 1)]
    print("\n\n".join(question_text(question) for question in chosen))


def question_text(question: Question) -> str:
    """A question, and under it the letters of a choice or the unit of a number."""
    lines = textwrap.wrap(f"{question.number:>2}. {question.ask}", WIDTH, subsequent_indent="    ")
    for letter, option in zip(question.letters, question.options, strict=True):
        lines += textwrap.wrap(f"    {letter}  {option}", WIDTH, subsequent_indent="       ")
    form = {"whole": "a whole number", "number": "a number", "choice": "a letter"}[question.kind]
    unit = f", in {question.unit}" if question.unit else ""
    return "\n".join([*lines, f"    answer: {form}{unit}"])


def mark(answers: Mapping[int, Any]) -> None:
    """Print what is right and what an answer that is not looks like. Answers by number; None is open."""
    for number in answers:
        find(number)
    print(marks_text(judge(question, answers.get(question.number)) for question in questions()))


def marks_text(marked: Iterable[Marked]) -> str:
    """The marks of the answered questions, then the score and what to read again."""
    marked = list(marked)
    blocks = [mark_text(one) for one in marked if one.state != "open"]
    right = [one for one in marked if one.state == "right"]
    left = [one for one in marked if one.state == "open"]
    summary = f"{len(right)} of {len(marked)} right, {len(left)} open"
    lessons = sorted({one.question.lesson for one in marked if one.state == "wrong"})
    if lessons:
        summary += "\nto read again: " + ", ".join(f"{number} ({find_lesson(number).title})" for number in lessons)
    return "\n".join([*blocks, summary])


def mark_text(marked: Marked) -> str:
    """The mark of one question."""
    lesson = f" Lesson {marked.question.lesson}." if marked.state == "wrong" else ""
    text = f"{marked.question.number:>2}  {WORDS[marked.state]}. {marked.note}{lesson}"
    return "\n".join(textwrap.wrap(text, WIDTH, subsequent_indent="    "))


def solutions() -> Shown:
    """All answers with their reasons, folded in a front end. Each is computed, by arithmetic and by your functions."""
    proven = [proven_text(question) for question in questions()]
    summary = f"{proven.count('')} of {len(proven)} answers: exact arithmetic and the functions of labs_lib agree"
    rows, lines = "", []
    for question, proof in zip(questions(), proven, strict=True):
        answer = answer_text(question)
        cells = [str(question.number), answer, question.why, str(question.lesson)]
        if proof:
            cells[2] += f" ({proof})"
        rows += "<tr>" + "".join(f"<td style='text-align:left'>{html.escape(cell)}</td>" for cell in cells) + "</tr>"
        text = f"{cells[0]:>2}  {answer}. {cells[2]} Lesson {cells[3]}."
        lines += textwrap.wrap(text, WIDTH, subsequent_indent="    ")
    heads = "".join(f"<th scope='col'>{head}</th>" for head in ("question", "answer", "why", "lesson"))
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    folded = f"<p>{summary}</p><details><summary>The answers</summary>{table}</details>"
    return Shown("\n".join([summary, *lines]), folded)


def answer_text(question: Question) -> str:
    """The right answer in digits, or the letter of a choice."""
    answer = answer_of(question)
    unit = f" {question.unit}" if question.unit else ""
    if isinstance(answer, Fraction):
        return f"{answer}{unit}" if answer.denominator == 1 else f"{float(answer):.6g}{unit}"
    return answer


def proven_text(question: Question) -> str:
    """What the course's functions object to an answer, empty where they agree. Their mistakes are told, not raised."""
    try:
        return "" if agrees(question) else "your functions say something else"
    except NotImplementedError:
        return "needs a function that is not written yet"
    except Exception as error:
        return f"your functions stop with {type(error).__name__}: {error}"
