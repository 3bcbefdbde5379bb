"""Questions with feedback for each usual mistake; their texts stand in `texts/`.

The first state that fits an answer is its result: not attempted, kind, shape, right, known
misunderstanding, near miss, not yet. No message shows the expected value.
"""

import math
import numbers
import re
from collections.abc import Mapping
from functools import cache
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from alliance_course.data.tables import load_dataset
from alliance_course.questions.bank import Tables, compute, question
from alliance_course.questions.capstone import capstone_data
from alliance_course.questions.progress import RECORDED, read_progress, record_answer
from alliance_course.questions.sentence import Sentence

_ONE_VALUE = (pd.Series, pd.DataFrame, pd.Index, np.ndarray, list, tuple)
_CHOICES = (str, list, tuple, set, pd.Series, pd.Index, np.ndarray)


class Result(NamedTuple):
    """What `check` returns. `state` says how it went; shown as one plain sentence or two."""

    state: str
    message: str
    hint: str = ""

    def __repr__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def _repr_markdown_(self) -> str:
        return repr(self)


@cache
def values(question_id: str, seed: int | None = None) -> dict[str, Any]:
    """Everything that the registry computes for a question: its `given`, `expected` or `result`.

    `seed` is the number of a class (the clinic of `load_dataset`), or of a learner's capstone.
    """
    entry = question(question_id)
    source = capstone_data if entry.get("data") == "capstone" else load_dataset
    return compute(entry, Tables(source, seed))


def check(question_id: str, answer: Any = ..., *, seed: int | None = None) -> Result:
    """Check an answer and say what it looks like.

    Parameters
    ----------
    question_id : str
        Such as "L01.Q1".
    answer : number or str
        A number (also a numpy number, or a list, tuple or Series with one value in it), or the
        letter of a choice such as "b"; several letters for "choose all that fit". Three dots
        stand for no answer yet.
    seed : int, optional
        The number of your class, if it has one: then the answer is checked on the class's clinic.
        In the capstone, your own number.

    Returns
    -------
    Result
        `state`, `message` and `hint`; shown as plain text. A wrong answer never raises an error,
        and no message gives the answer away.

    Raises
    ------
    ValueError
        If there is no such question; the nearest id is suggested.

    Examples
    --------
    >>> check("L01.Q2", ...)
    Not attempted yet: put your answer in place of the three dots.
    >>> check("L01.Q2", "z").state
    'kind'
    """
    entry = question(question_id)
    result, mistake = judge(entry, answer, seed=seed)
    if result.state not in RECORDED:
        return result
    note = record_answer(question_id, result.state, mistake)
    return result._replace(hint=f"{result.hint} {note}".strip())


class Marked(float):
    """Points, with the sentence of the check; as plain text it is the number alone.

    Graders such as nbgrader read the number, and people read the sentence.
    """

    result: Result
    most: float

    def _repr_markdown_(self) -> str:
        return f"{self.result!r}\n\n*Points: {self:g} of {self.most:g}.*"


def mark(question_id: str, answer: Any = ..., *, seed: int | None = None) -> Marked:
    """Check the answer to a practice task and count its points.

    Parameters
    ----------
    question_id : str
        A task of the practice, such as "L01.T1".
    answer : number or str
        As for `check`; three dots stand for no answer yet.
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
    >>> mark("L01.T1", ...)
    0.0
    """
    entry = question(question_id)
    if "points" not in entry:
        raise ValueError(f'{question_id} gives no points: use ac.check("{question_id}", answer)')
    result = check(question_id, answer, seed=seed)
    share = {"right": 1.0, "near miss": 0.5}.get(result.state, 0.0)
    marked = Marked(share * entry["points"])
    marked.result, marked.most = result, float(entry["points"])
    return marked


def judge(entry: Mapping[str, Any], answer: Any, *, seed: int | None = None) -> tuple[Result, str]:
    """The result for an answer, and the name of the known mistake if it is one. Records nothing."""
    if "reveal" in entry:
        text = f'This is a prediction, which nobody marks: use ac.predict("{entry["id"]}").'
        return Result("kind", text), ""
    if answer is ...:
        text = "Not attempted yet: put your answer in place of the three dots."
        return Result("not attempted", text), ""
    try:
        if entry["kind"] == "number":
            return _judge_number(entry, answer, seed)
        return _judge_choice(entry, answer)
    except Exception:
        # an answer may be any object, also one whose own methods fail
        return Result("kind", f"This cannot be read as {_wanted(entry)}.", _help(entry)), ""


def _wanted(entry: Mapping[str, Any]) -> str:
    if entry["kind"] == "number":
        return "a number"
    several = " (or several)" if entry["kind"] == "choices" else ""
    return f'a letter in quotes, such as "{entry["option"][0]["key"]}"{several}'


def _help(entry: Mapping[str, Any]) -> str:
    return f'For a first hint: ac.hint("{entry["id"]}").' if entry.get("hints") else ""


def single(answer: Any) -> tuple[Any, str]:
    """The one value inside `answer`, and what is wrong if there is not exactly one."""
    for _ in range(10):
        if not isinstance(answer, _ONE_VALUE):
            return answer, ""
        size = answer.size if hasattr(answer, "size") else len(answer)
        if size != 1:
            return None, "This is empty" if size == 0 else "These are several values"
        answer = answer[0] if isinstance(answer, (list, tuple)) else np.asarray(answer).item()
    return None, "These are lists within lists"


def _judge_number(entry: Mapping[str, Any], answer: Any, seed: int | None) -> tuple[Result, str]:
    value, problem = single(answer)
    if problem:
        return Result("shape", f"{problem}; the question asks for one number.", _help(entry)), ""
    problem = _not_a_number(value)
    if problem:
        return Result("kind", f"{problem}; the question asks for a number.", _help(entry)), ""
    number, tolerance = float(value), float(entry["tolerance"])
    computed = values(entry["id"], seed)
    gap = abs(number - float(computed["expected"]))
    if gap <= tolerance:
        done = entry.get("checked", "Checked: the number. Not checked: how you got it.")
        return Result("right", f"Right. {entry['right']}", done), ""
    mistakes = {
        abs(number - float(computed[f"mistake {mistake['name']}"])): mistake
        for mistake in entry.get("mistake", [])
    }
    if mistakes and min(mistakes) <= tolerance:
        mistake = mistakes[min(mistakes)]
        look, text = f"Look again at: {mistake['look']}.", f"Not yet. {mistake['feedback']}"
        return Result("misunderstanding", text, look), mistake["name"]
    if gap <= float(entry.get("near", 3 * tolerance)):
        off = f"off by more than {tolerance:g}" if tolerance else "not close enough"
        return Result(
            "near miss", f"Close, but {off}.", "Did you round on the way? Round only at the end."
        ), ""
    text = "Not yet. This is not the number, and none of the usual mix-ups gives it."
    return Result("not yet", text, _help(entry)), ""


def _not_a_number(value: Any) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "This is True or False"
    if value is None:
        return "This is None (`print` shows a value but does not hand it on)"
    if isinstance(value, str):
        return "This is text (without the quotes it may be a number)"
    if callable(value):
        return "This is a function that was not called (add the brackets, `()`)"
    if value is pd.NA or value is pd.NaT:
        return "This is a missing value"
    if not isinstance(value, (numbers.Real, np.number)) or isinstance(value, np.complexfloating):
        return f"This is of the kind {type(value).__name__}"
    if isinstance(value, numbers.Integral) and abs(int(value)) > 10**300:
        return "This is too large"
    if not math.isfinite(float(value)):
        return "This is a missing value (nan)" if math.isnan(float(value)) else "This is infinite"
    return ""


def _letters(entry: Mapping[str, Any], answer: Any) -> list[str] | None:
    """The keys of the options that were chosen, in order; None if the answer names none."""
    parts = [answer] if isinstance(answer, str) else list(answer)
    by_text = {option["text"].strip().lower(): option["key"] for option in entry["option"]}
    keys = set(by_text.values())
    chosen: set[str] = set()
    for part in parts[:100]:
        if not isinstance(part, str):
            return None
        text = part.strip().lower()
        found = [by_text[text]] if text in by_text else re.findall(r"[^\s,;()\"'.]+", text)
        if entry["kind"] == "choices" and not set(found) <= keys:
            found = list("".join(found))
        if not found or not set(found) <= keys:
            return None
        chosen.update(found)
    return sorted(chosen) if len(parts) <= 100 else None


def _judge_choice(entry: Mapping[str, Any], answer: Any) -> tuple[Result, str]:
    chosen = _letters(entry, answer) if isinstance(answer, _CHOICES) else None
    if not chosen:
        allowed = ", ".join(option["key"] for option in entry["option"])
        text = f"This is none of the choices {allowed}: answer with {_wanted(entry)}."
        return Result("kind", text), ""
    if entry["kind"] == "choice" and len(chosen) > 1:
        return Result("shape", "These are several choices; one fits best."), ""
    done = entry.get("checked", "Checked: your choice. Not checked: your reasons.")
    options = {option["key"]: option for option in entry["option"]}
    right = [key for key, option in options.items() if option.get("right")]
    wrong = [key for key in chosen if key not in right]
    if wrong:
        about = f"About {wrong[0]}: " if entry["kind"] == "choices" else ""
        text = f"Not yet. {about}{options[wrong[0]]['feedback']}"
        return Result("misunderstanding", text, _help(entry)), wrong[0]
    if chosen != sorted(right):
        text = "What you chose fits, and something that fits is still missing."
        return Result("near miss", text, _help(entry)), ""
    text = " ".join(options[key]["feedback"] for key in right)
    return Result("right", f"Right. {text}", done), ""


def feedback_table(entry: Mapping[str, Any]) -> dict[str, tuple[str, Result, str]]:
    """For each possible choice ("a", "b", "ac", ...): its text, result and known mistake."""
    keys = [option["key"] for option in entry["option"]]
    most = len(keys) if entry["kind"] == "choices" else 1
    subsets = [part for size in range(1, most + 1) for part in combinations(keys, size)]
    judged = {"".join(part): judge(entry, list(part)) for part in subsets}
    return {key: (repr(result), result, mistake) for key, (result, mistake) in judged.items()}


def hint(question_id: str, n: int = 1) -> Sentence:
    """The n-th hint to a question; a later one says more.

    Examples
    --------
    >>> hint("L00.Q1").startswith("Hint 1 of ")
    True
    """
    hints = question(question_id).get("hints", [])
    if not isinstance(n, int) or not 1 <= n <= len(hints):
        raise ValueError(f"n={n!r} is not allowed: {question_id} has hints 1 to {len(hints)}")
    return Sentence(f"Hint {n} of {len(hints)}: {hints[n - 1]}")


def solution(question_id: str) -> Sentence:
    """The worked solution. Try first: a guess that turns out wrong is learned from.

    Examples
    --------
    >>> "len(clients)" in solution("L00.Q1")
    True
    """
    entry = question(question_id)
    if entry["kind"] == "number":
        return Sentence(entry["solution"].format_map(values(question_id)))
    right = [option for option in entry["option"] if option.get("right")]
    if not right:
        raise ValueError(
            f'{question_id} is a prediction: it has no solution, try ac.revisit("{question_id}")'
        )
    lines = [f"{option['key']}) {option['text']} {option['feedback']}" for option in right]
    return Sentence("\n".join([*lines, *filter(None, [entry.get("solution")])]))


def revisit(*question_ids: str, result: float | str | None = None) -> Sentence:
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
        Your guess and the result in two or three sentences, also if you made no guess.

    Raises
    ------
    ValueError
        If a question is unknown or no prediction.
    """
    if not question_ids or (result is not None and len(question_ids) > 1):
        raise ValueError('name one prediction or more (one with a result), such as "L01.P1"')
    return Sentence("\n\n".join(_revisited(name, result) for name in question_ids))


def _revisited(question_id: str, result: float | str | None) -> str:
    entry = question(question_id)
    if "reveal" not in entry:
        raise ValueError(f"{question_id} is no prediction: predictions are named like L01.P1")
    found = dict(values(question_id))
    if result is not None:
        value, problem = single(result)
        if problem:
            raise ValueError(f"result: {problem.lower()}, give one number or word")
        found["result"] = value
    guess = read_progress()["guesses"].get(question_id, {}).get("guess")
    reveal = entry["reveal"].format_map(found)
    if result is not None and "{result" not in entry["reveal"]:
        reveal = f"What came out: {found['result']}. {reveal}"
    if guess is None:
        said = "You did not note a guess this time, and that is fine."
    elif entry["kind"] == "slider":
        close = abs(float(guess) - float(found["result"])) <= entry["near"]
        said = entry["guessed"].format(guess=guess) + (" That is close." if close else "")
    else:
        options = {option["key"]: option for option in entry["option"]}
        said = options[guess]["guessed"] if guess in options else f"You guessed {guess}."
    return f"{said} {reveal}"
