"""Questions in the page: native radio buttons, checkboxes and sliders, with feedback beside them.

The feedback for a choice travels with the question, so that it also works where no kernel runs.
Numbers are checked by the kernel. Where no script runs, the question is plain HTML with its
feedback folded.
"""

from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from IPython.display import display

from alliance_course.questions.bank import as_html, question
from alliance_course.questions.judge import feedback_table, judge
from alliance_course.questions.progress import RECORDED, read_progress, record_answer, record_guess

# The widget hides the still once it is drawn; where no kernel runs, JupyterLab would write an
# error in the widget's place, which the still makes needless.
_STILL = """<style>
.jp-OutputArea-child:has(.{name}) + .jp-OutputArea-child >
  [data-mime-type="application/vnd.jupyter.widget-view+json"]:not(:has(.ac-question))
  {{ display: none; }}
</style>
<div class="{name}">
{content}
</div>"""
_NOTED = "Noted. You will see it again beside the result."


class QuestionWidget(anywidget.AnyWidget):
    """A question in the page. `answer` holds what was chosen last ("b", "ac" or a number)."""

    _esm = Path(__file__).with_name("widget.js")
    _css = Path(__file__).with_name("widget.css")
    spec = traitlets.Dict().tag(sync=True)
    answer = traitlets.Unicode("").tag(sync=True)
    reply = traitlets.Unicode("").tag(sync=True)

    def __init__(self, entry: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._entry = entry

    def _ipython_display_(self) -> None:
        # Two outputs, as the explorers do it: an output shows only one of its forms, so a still
        # in the same one would stay unseen where a page cannot load widgets.
        display(still(self._entry), raw=True)
        if bundle := self._repr_mimebundle_():
            data = {kind: value for kind, value in bundle[0].items() if kind != "text/plain"}
            display(data, raw=True)


def _spec(entry: Mapping[str, Any], button: str) -> dict[str, Any]:
    kept = ("id", "kind", "prompt", "code", "minimum", "maximum", "step", "start", "unit")
    options = [{"key": o["key"], "text": o["text"]} for o in entry.get("option", [])]
    spec = {key: entry[key] for key in kept if key in entry}
    return {**spec, "options": options, "button": button, "still": _still_name(entry)}


def _still_name(entry: Mapping[str, Any]) -> str:
    return f"ac-still-{entry['id'].replace('.', '-')}"


def question_widget(entry: Mapping[str, Any]) -> QuestionWidget:
    """The widget that `ask` returns."""
    spec = _spec(entry, "Check")
    table = {} if entry["kind"] == "number" else feedback_table(entry)
    spec["feedback"] = {key: text for key, (text, _, _) in table.items()}
    widget = QuestionWidget(entry, spec=spec)

    def answered(change: Mapping[str, Any]) -> None:
        text, given, note = "", str(change["new"]), ""
        if given in table:
            _, result, mistake = table[given]
        else:
            result, mistake = judge(entry, _as_number(given))
            text = repr(result)
        if result.state in RECORDED:
            note = record_answer(entry["id"], result.state, mistake)
        widget.reply = f"{text} {note}".strip()

    widget.observe(answered, "answer")
    return widget


def prediction_widget(entry: Mapping[str, Any], button: str = "Note my guess") -> QuestionWidget:
    """The widget that `predict` returns; once noted, the guess stays."""
    spec = _spec(entry, button)
    earlier = read_progress()["guesses"].get(entry["id"], {}).get("guess")
    spec |= {} if earlier is None else {"noted": str(earlier)}
    spec["done"] = _NOTED
    widget = QuestionWidget(entry, spec=spec)

    def noted(change: Mapping[str, Any]) -> None:
        given = str(change["new"])
        guess = _as_number(given) if entry["kind"] == "slider" else given
        widget.reply = record_guess(entry["id"], guess)

    widget.observe(noted, "answer")
    return widget


def _as_number(text: str) -> float | str:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return text


def still(entry: Mapping[str, Any]) -> dict[str, str]:
    """The question as it stands in a saved notebook: plain HTML, and the same as plain text."""
    options = [f"{o['key']}) {o['text']}" for o in entry.get("option", [])]
    if entry["kind"] == "slider":
        options = [f"From {entry['minimum']} to {entry['maximum']} {entry.get('unit', '')}".strip()]
    text = [entry["prompt"], *options]
    html = [f"<p><strong>{as_html(entry['prompt'])}</strong></p>"]
    if "code" in entry:
        text.append(entry["code"].strip())
        html.append(f"<pre><code>{escape(entry['code'].strip())}</code></pre>")
    if options:
        html.append("<ul>" + "".join(f"<li>{as_html(line)}</li>" for line in options) + "</ul>")
    if "reveal" in entry:
        html.append("<p>Choose before you read on.</p>")
    elif options:
        answers = "".join(
            f"<li>{o['key']}) {'Fits' if o.get('right') else 'Not yet'}. "
            f"{as_html(o['feedback'])}</li>"
            for o in entry["option"]
        )
        summary = "<summary>What each answer says</summary>"
        html.append(f"<details>{summary}<ul>{answers}</ul></details>")
    page = _STILL.format(name=_still_name(entry), content="\n".join(html))
    return {"text/plain": "\n".join(text), "text/html": page}


class Several(list[QuestionWidget]):
    """Some questions under one another, each as it would stand in a cell of its own."""

    def _ipython_display_(self) -> None:
        for widget in self:
            widget._ipython_display_()


def ask(*question_ids: str) -> Any:
    """Show questions with their answers to choose from; feedback follows each try.

    Parameters
    ----------
    *question_ids : str
        One or more, such as "L01.Q1".

    Returns
    -------
    widget or list of widgets
        Put it last in a cell. Without a running notebook the questions and their feedback are
        shown as text.

    Raises
    ------
    ValueError
        If there is no such question, or if it is a prediction.
    """
    return _shown(question_ids, question_widget, predictions=False)


def predict(*question_ids: str) -> Any:
    """Note what you believe before you see anything. `revisit` shows it beside the result.

    Parameters
    ----------
    *question_ids : str
        One or more predictions, such as "L01.P1".

    Returns
    -------
    widget or list of widgets
        Put it last in a cell. The first guess stays.

    Raises
    ------
    ValueError
        If there is no such question, or if it is no prediction.
    """
    return _shown(question_ids, prediction_widget, predictions=True)


def _shown(
    question_ids: tuple[str, ...],
    build: Callable[[Mapping[str, Any]], QuestionWidget],
    *,
    predictions: bool,
) -> QuestionWidget | Several:
    if not question_ids:
        example = "predict" if predictions else "ask"
        raise ValueError(f'name at least one question, for example ac.{example}("L01.Q1")')
    entries = [question(question_id) for question_id in question_ids]
    for entry in entries:
        if ("reveal" in entry) != predictions:
            kind, use = ("no", "ask") if predictions else ("a", "predict")
            raise ValueError(f'{entry["id"]} is {kind} prediction: use ac.{use}("{entry["id"]}")')
    widgets = [build(entry) for entry in entries]
    return widgets[0] if len(widgets) == 1 else Several(widgets)
