"""The cards of a lesson: questions, guesses and what follows from them, alive in the page.

A card travels with everything that it needs to answer, so that it works before anything was run
and where no kernel is. A running kernel is asked for one thing only: to keep the record. Where no
script runs, a still says the same as plain HTML, with its feedback folded.
"""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from IPython import get_ipython

from alliance_course.questions.bank import as_html, question
from alliance_course.questions.capstone_page import box
from alliance_course.questions.judge import Result, check, done, judge, values
from alliance_course.questions.progress import exchange, read_progress
from alliance_course.questions.reading import single
from alliance_course.questions.sentence import Sentence
from alliance_course.show.page import NO_ERROR, display_after, whole

_HERE = Path(__file__).parent
_SCRIPTS = ("record", "judge", "cards", "labels", "boxes", "terms")


class Cards(anywidget.AnyWidget):
    """Some cards under one another; `spec` holds all that they show and say."""

    _esm = whole(*(_HERE / f"{name}.js" for name in _SCRIPTS))
    _css = whole(_HERE / "cards.css")
    spec = traitlets.Dict().tag(sync=True)

    def __init__(self, cards: Sequence[Mapping[str, Any]], still: Mapping[str, str]) -> None:
        super().__init__(spec={"cards": list(cards)})
        self.still = dict(still)
        self.on_msg(self._keep)

    def _keep(self, widget: Any, message: Any, buffers: Any) -> None:
        if isinstance(message, dict) and message.get("kind") == "record":
            self.send({**message, **exchange(message.get("record"))})

    def __repr__(self) -> str:
        return self.still["text/plain"]

    def _ipython_display_(self) -> None:
        display_after(self.still, self)


class LiveSentence(Sentence):
    """A sentence that a page shows as a card, so that it follows what is done there."""

    cards: Cards

    def _ipython_display_(self) -> None:
        self.cards._ipython_display_()


def still_page(html: str) -> str:
    """A still with the rule that keeps JupyterLab's error away from it."""
    return f'{NO_ERROR}\n<div class="ac-still">\n{html}\n</div>'


_SHOWN = (
    "id", "kind", "prompt", "ask", "code", "blanks", "name", "minimum", "maximum", "step", "start",
    "unit", "hints", "points",
)  # fmt: skip


def _card(entry: Mapping[str, Any], seed: int | None = None) -> dict[str, Any]:
    card = {key: entry[key] for key in _SHOWN if key in entry}
    if "reveal" in entry:
        return {**card, "guess": True, "options": _options(entry, "key", "text")}
    if entry["kind"] in ("text", "rubric", "page"):
        return {**card, **box(entry["kind"], seed)}
    card["done"], card["help"] = done(entry), "A hint stands below." if "hints" in entry else ""
    if entry.get("data") == "capstone":
        card["service"] = seed
        if seed is None:
            return card  # whose service it is, nobody knows yet
    if entry["kind"] == "number":
        return {**card, "table": _table(entry, values(entry["id"], seed))}
    options = _options(entry, "key", "text", "feedback", "right")
    return {**card, "options": options, "shuffle": _may_move(entry)}


def _options(entry: Mapping[str, Any], *keys: str) -> list[dict[str, Any]]:
    return [{key: o[key] for key in keys if key in o} for o in entry.get("option", [])]


def _may_move(entry: Mapping[str, Any]) -> bool:
    """Whether the order of the options says nothing: not where they are numbers or name others."""
    texts = [option["text"] for option in entry["option"]]
    ordered = all(text[:1].isdigit() or text[:1] in "-+." for text in texts)
    return entry["kind"] == "choice" and not ordered and not entry.get("in_order", False)


def _table(entry: Mapping[str, Any], computed: Mapping[str, Any]) -> dict[str, Any]:
    tolerance = float(entry["tolerance"])
    return {
        "expected": float(computed["expected"]),
        "tolerance": tolerance,
        "near": float(entry.get("near", 3 * tolerance)),
        "off": f"off by more than {tolerance:g}" if tolerance else "not close enough",
        "right": entry["right"],
        "mistakes": [
            {key: mistake[key] for key in ("name", "feedback", "look")}
            | {"value": float(computed[f"mistake {mistake['name']}"])}
            for mistake in entry.get("mistake", [])
        ],
    }


def _still(entry: Mapping[str, Any]) -> tuple[str, str]:
    """A question as HTML and as plain text, for a page without scripts."""
    options = [f"{o['key']}) {o['text']}" for o in entry.get("option", [])]
    if entry["kind"] == "slider":
        options = [f"From {entry['minimum']} to {entry['maximum']} {entry.get('unit', '')}".strip()]
    text = [entry["prompt"], *options]
    html = [f"<p><strong>{as_html(entry['prompt'])}</strong></p>"]
    if "ask" in entry:
        text.append(entry["ask"])
        html.append(f"<p>{as_html(entry['ask'])}</p>")
    if entry["kind"] == "rubric":
        rows = [[line["title"], *line["levels"]] for line in box("rubric")["lines"]]
        made = ["".join(f"<td>{escape(part)}</td>" for part in row) for row in rows]
        head = "<th></th><th>0</th><th>1</th><th>2</th>"
        html.append(
            f"<table><thead><tr>{head}</tr></thead><tr>{'</tr><tr>'.join(made)}</tr></table>"
        )
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
        html.append(folded("What each answer says", f"<ul>{answers}</ul>"))
    return "\n".join(html), "\n".join(text)


def folded(summary: str, html: str) -> str:
    """HTML that opens when it is asked for."""
    return f"<details><summary>{summary}</summary>{html}</details>"


def _cards(entries: Sequence[Mapping[str, Any]], seed: int | None = None) -> Cards:
    html, text = zip(*(_still(entry) for entry in entries), strict=True)
    still = {"text/html": still_page("\n".join(html)), "text/plain": "\n\n".join(text)}
    return Cards([_card(entry, seed) for entry in entries], still)


def ask(*question_ids: str, seed: int | None = None) -> Cards:
    """Show questions with their answers to choose from; feedback follows each try.

    Parameters
    ----------
    *question_ids : str
        One or more, such as "L01.Q1".
    seed : int, optional
        The number of your class, if it has one.

    Returns
    -------
    widget
        Put it last in a cell. Where no script runs the questions and their feedback are shown as
        text.

    Raises
    ------
    ValueError
        If there is no such question, or if it is a prediction.
    """
    return _cards(_entries(question_ids, predictions=False), seed)


def predict(*question_ids: str) -> Cards:
    """Note what you believe before you see anything. `revisit` shows it beside the result.

    Parameters
    ----------
    *question_ids : str
        One or more predictions, such as "L01.P1".

    Returns
    -------
    widget
        Put it last in a cell. A guess can be changed until its result was seen.

    Raises
    ------
    ValueError
        If a question is unknown, or if it is no prediction.
    """
    return _cards(_entries(question_ids, predictions=True))


def _entries(question_ids: tuple[str, ...], *, predictions: bool) -> list[dict[str, Any]]:
    if not question_ids:
        example = "predict" if predictions else "ask"
        raise ValueError(f'name at least one question, for example ac.{example}("L01.Q1")')
    entries = [question(question_id) for question_id in question_ids]
    for entry in entries:
        if ("reveal" in entry) != predictions:
            kind, use = ("no", "ask") if predictions else ("a", "predict")
            raise ValueError(f'{entry["id"]} is {kind} prediction: use ac.{use}("{entry["id"]}")')
    return entries


def revisit(*question_ids: str, result: float | str | None = None) -> LiveSentence:
    """Put your guess beside the result.

    Parameters
    ----------
    *question_ids : str
        One or more predictions, such as "L01.P1".
    result : number or str, optional
        What came out, for a single prediction; worked out from the clinic's data if left out.

    Returns
    -------
    str
        Your guess and the result in two or three sentences, also if you made no guess. A notebook
        shows it as a card that follows the guess.

    Raises
    ------
    ValueError
        If a question is unknown or no prediction.
    """
    if not question_ids or (result is not None and len(question_ids) > 1):
        raise ValueError('name one prediction or more (one with a result), such as "L01.P1"')
    items = [_again(name, result) for name in question_ids]
    guesses = read_progress()["guesses"]
    lines = [_said(item, guesses.get(item["id"], {}).get("guess")) for item in items]
    sentence = LiveSentence("\n\n".join(lines))
    html = "".join(f"<p>{as_html(line)}</p>" for line in lines)
    still = {"text/html": still_page(html), "text/plain": str(sentence)}
    sentence.cards = Cards([{"kind": "again", "items": items}], still)
    return sentence


def _again(question_id: str, result: float | str | None) -> dict[str, Any]:
    entry = question(question_id)
    if "reveal" not in entry:
        raise ValueError(f"{question_id} is no prediction: predictions are named like L01.P1")
    found = dict(values(question_id))
    if result is not None:
        value, problem = single(result)
        if problem:
            raise ValueError(f"result: {problem.lower()}, give one number or word")
        found["result"] = value
    reveal = entry["reveal"].format_map(found)
    if result is not None and "{result" not in entry["reveal"]:
        reveal = f"What came out: {found['result']}. {reveal}"
    item = {"id": question_id, "kind": entry["kind"], "reveal": reveal}
    if entry["kind"] == "slider":
        guessed = entry["guessed"].replace("{guess:.0f}", "{guess}")
        return {**item, "guessed": guessed, "near": entry["near"], "result": float(found["result"])}
    return {**item, "guessed": {o["key"]: o["guessed"] for o in entry["option"]}}


def _said(item: Mapping[str, Any], guess: Any) -> str:
    if guess is None:
        said = "You did not note a guess this time, and that is fine."
    elif item["kind"] == "slider":
        close = abs(float(guess) - item["result"]) <= item["near"]
        said = item["guessed"].format(guess=round(float(guess))) + (" That is close." * close)
    else:
        said = item["guessed"].get(guess, f"You guessed {guess}.")
    return f"{said} {item['reveal']}"


class Marked(float):
    """Points, with the sentence of the check; as plain text it is the number alone.

    Graders such as nbgrader read the number, and people read the sentence.
    """

    result: Result
    most: float

    def _repr_markdown_(self) -> str:
        if self.result.state == "not attempted":
            return "Not tried yet." if self.result.hint == "" else repr(self.result)
        return f"{self.result!r}\n\n*Points: {self:g} of {self.most:g}.*"


def mark(question_id: str, answer: Any = ..., *, seed: int | None = None) -> Marked:
    """Check the answer to a practice task and count its points.

    Parameters
    ----------
    question_id : str
        A task of the practice, such as "L01.T1".
    answer : number or str
        As for `check`. With three dots a notebook shows the task as a card to answer in the page,
        and what was answered there before is marked.
    seed : int, optional
        The number of your class, if it has one.

    Returns
    -------
    float
        All points for a right answer, half of them for a near miss, else 0. A notebook shows the
        sentence of `check` with it. A wrong answer never raises an error.

    Raises
    ------
    ValueError
        If there is no such question, or if it gives no points.

    Examples
    --------
    >>> mark("L01.T1", "b")
    0.0
    """
    entry = question(question_id)
    if "points" not in entry:
        raise ValueError(f'{question_id} gives no points: use ac.check("{question_id}", answer)')
    if answer is ...:
        kept = read_progress()["answers"].get(question_id, {})
        result = judge(entry, kept.get("answer") or ..., seed=seed)[0]
        if hasattr(get_ipython(), "kernel"):
            task_card(question_id, seed)._ipython_display_()
    else:
        result = check(question_id, answer, seed=seed)
    share = {"right": 1.0, "near miss": 0.5}.get(result.state, 0.0)
    marked = Marked(share * entry["points"])
    marked.result, marked.most = result, float(entry["points"])
    return marked


def task_card(question_id: str, seed: int | None = None) -> Cards:
    """A practice task to answer in the page; its text, choices and hints stand above it."""
    entry = question(question_id)
    prompt = f"Your answer to task {question_id.split('.T')[1]}"
    card = {**_card(entry, seed), "prompt": prompt, "shuffle": False, "compact": True}
    card["help"] = "A hint stands above." if card.pop("hints", None) else ""
    for option in card.get("options", []):
        option["text"] = ""
    still = {"text/html": still_page(f"<p><em>{prompt}</em></p>"), "text/plain": prompt}
    return Cards([card], still)
