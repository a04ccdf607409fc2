"""The exam of lesson 18: twenty questions, answers that code proves, and a word on every common mistake.

from labs_lib.course import exam
exam.ask(1, 5)             # the questions
exam.form(answers)         # fields to fill in, where widgets work
exam.mark(answers)         # by number: {5: 1.33, 9: "c"}
exam.solutions()           # all answers, folded
"""

from .form import form
from .marking import Marked, judge
from .proofs import answer_of, proof_of
from .questions import Mistake, Question, questions
from .shown import ask, mark, solutions

__all__ = [
    "Marked",
    "Mistake",
    "Question",
    "answer_of",
    "ask",
    "form",
    "judge",
    "mark",
    "proof_of",
    "questions",
    "solutions",
]
