"""The exam as fields to fill in, for a front end with a kernel. Everything works without it."""

from __future__ import annotations

import html
from typing import Any

from .marking import judge
from .questions import Question, questions
from .shown import marks_text

WITHOUT = (
    "The form appears in JupyterLab, with a running kernel. Without it, write your answers into the cell above "
    "and run the cell below."
)


def form(answers: dict[int, Any]) -> None:
    """Show a field for each question. What is filled in goes into ``answers``; a button marks it.

    Args:
        answers: by number, changed in place. What it holds already stands in the fields.
    """
    import ipywidgets
    from IPython.display import display

    result = ipywidgets.HTML()
    fields: list[ipywidgets.Widget] = []
    for question in questions():
        field = _field(question, answers.get(question.number))
        field.observe(lambda change, number=question.number: answers.update({number: change["new"]}), names="value")
        fields += [ipywidgets.HTML(f"<p>{question.number}. {html.escape(question.ask)}</p>"), field]

    def show(_button: Any) -> None:
        text = marks_text(judge(question, answers.get(question.number)) for question in questions())
        result.value = f'<pre role="status" style="white-space:pre-wrap">{html.escape(text)}</pre>'

    button = ipywidgets.Button(description="mark my answers")
    button.on_click(show)
    box = ipywidgets.VBox([*fields, button, result])
    display({"application/vnd.jupyter.widget-view+json": box.get_view_spec(), "text/plain": WITHOUT}, raw=True)


def _field(question: Question, answer: Any) -> Any:
    import ipywidgets

    name = f"answer {question.number}"
    if question.kind == "choice":
        letters = [
            (f"{letter}  {option}", letter) for letter, option in zip(question.letters, question.options, strict=True)
        ]
        value = answer if answer in tuple(question.letters) else None
        return ipywidgets.RadioButtons(
            options=letters, value=value, description=name, layout=ipywidgets.Layout(width="auto")
        )
    value = "" if answer is None else str(answer)
    return ipywidgets.Text(value=value, description=name, placeholder=question.unit or "a number")
